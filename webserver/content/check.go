package content

import (
	"bytes"
	"fmt"
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"

	"tinycdn/webserver/links"
	"tinycdn/zones/diag"
)

// Check makes every page and tells what that shows: templates that fail on some text, and links that lead nowhere within
// the site, or elsewhere. It takes a while, and more memory than the site may have to serve.
func (s *Site) Check(elsewhere links.Elsewhere) (problems, dead []diag.Problem) {
	failed := failures{}
	pages := func(yield func(string, []byte) bool) {
		for _, url := range slices.Sorted(maps.Keys(s.entries)) {
			e := s.entries[url]
			if e.view == nil {
				continue
			}
			body, err := e.body()
			if err != nil {
				failed.add(e, err)
				continue
			}
			if !yield(s.generation.settings.root+url, body) {
				return
			}
		}
	}
	reported := map[diag.Problem]bool{}
	for _, link := range links.Check([]string{s.config.Host}, pages, elsewhere.Or(s.find)) {
		inside, _ := s.inside(link.Page)
		if p := s.entries[inside].deadLink(s.generation, link); !reported[p] {
			reported[p] = true
			dead = append(dead, p)
		}
	}
	unread, deadInFiles := s.static.Check(func(path string) (other, there bool) {
		if s.static.Leads(path) {
			return false, false
		}
		_, there = elsewhere.Or(s.find)(path)
		return true, there
	})
	return append(failed.told(), unread...), append(dead, deadInFiles...)
}

// failures are what is wrong with templates, and the pages that fail for it.
type failures struct {
	list  []diag.Problem
	pages map[diag.Problem][]*entry
}

func (f *failures) add(e *entry, err error) {
	p := e.theme.Problem(err)
	if f.pages == nil {
		f.pages = map[diag.Problem][]*entry{}
	}
	if f.pages[p] == nil {
		f.list = append(f.list, p)
	}
	f.pages[p] = append(f.pages[p], e)
}

// told names with each failure the first of its pages.
func (f *failures) told() (list []diag.Problem) {
	for _, p := range f.list {
		first, more := f.pages[p][0].on(), ""
		if n := len(f.pages[p]) - 1; n > 0 {
			more = fmt.Sprintf(" and of %d others", n)
		}
		p.Text += fmt.Sprintf(" (on the page of %s%s)", first, more)
		list = append(list, p)
	}
	return list
}

// on is what the entry is the page of.
func (e *entry) on() string {
	if e.source != nil {
		return e.source.path
	}
	return e.url
}

// CheckNotes is what is odd, but no mistake, about the pages that Check has made.
func (s *Site) CheckNotes() []diag.Problem { return s.generation.markdown.Notes() }

// problem is why a page could not be made.
func (e *entry) problem(err error) diag.Problem {
	p := e.theme.Problem(err)
	p.Text += " (on the page of " + e.on() + ")"
	return p
}

// Leads says whether there is something to serve at a URL's path, if only a redirect.
func (s *Site) Leads(path string) bool {
	_, ok := s.find(path)
	return ok
}

// find gives the URL of what is served at a path, redirects followed.
func (s *Site) find(asked string) (string, bool) {
	root := s.generation.settings.root
	path, ok := s.inside(asked)
	switch {
	case path == "" || root != "" && asked == "/":
		return root + "/", true
	case !ok:
		return "", false
	}
	if e := s.entries[path]; e != nil {
		if e.to != "" {
			return root + e.to, true
		}
		return asked, true
	}
	if s.static.Has(path) || s.resourceAt(path) != "" {
		return asked, true
	}
	to := s.canonicalize(path)
	return root + to, to != ""
}

// deadLink says of a dead link where it stands in what the owner wrote: in the Markdown of one of the pages shown, or
// else in a template.
func (e *entry) deadLink(g *generation, dead links.Dead) diag.Problem {
	var shown []*source
	if e.source != nil {
		shown = append(shown, e.source)
	}
	for _, p := range e.view.Pages {
		shown = append(shown, p.source)
	}
	for _, s := range shown {
		if line := g.lineOf(s, dead.Link); line > 0 {
			return diag.Problem{File: s.path, Line: line, Text: dead.Text}
		}
	}
	file := e.theme.Path(e.template)
	if file == "" && e.source != nil {
		file = e.source.path
	}
	if file == "" {
		file = e.url
	}
	return diag.Problem{File: file, Text: dead.Text}
}

// linkTarget is what a link in Markdown, or in HTML in it, leads to.
var linkTarget = regexp.MustCompile(`\]\(\s*<([^>\n]*)>|\]\(\s*([^\s)<]+)|\]:\s*<?([^\s>]+)|(?i)\s(?:href|src|poster|action)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))|<(https?:[^>\s]+)>|(https?:[^\s<>)"']+)`)

// lineOf finds the line of the first link in a text that leads there, from its own page or from a list; 0: there is none.
func (g *generation) lineOf(s *source, link string) int {
	want := plainLink(link)
	for _, at := range linkTarget.FindAllSubmatchIndex(s.text, -1) {
		for i := 2; i < len(at); i += 2 {
			if at[i] < 0 {
				continue
			}
			target := []byte(html.UnescapeString(string(s.text[at[i]:at[i+1]])))
			for _, form := range [][]byte{target, g.resolve(s, target, false), g.resolve(s, target, true)} {
				if plainLink(string(form)) == want {
					return s.line + bytes.Count(s.text[:at[i]], []byte("\n"))
				}
			}
		}
	}
	return 0
}

// plainLink is a link in one way of escaping.
func plainLink(link string) string {
	link = html.UnescapeString(link)
	if plain, err := url.PathUnescape(link); err == nil {
		return plain
	}
	return link
}
