package content

import (
	"bytes"
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"

	"tinycdn/webserver/links"
	"tinycdn/zones/diag"
)

// Check makes every page and tells what that shows: templates that fail on some text, and links that lead nowhere within
// the site. It takes a while, and more memory than the site may have to serve.
func (s *Site) Check() (problems, dead []diag.Problem) {
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
			if !yield(url, body) {
				return
			}
		}
	}
	reported := map[diag.Problem]bool{}
	for _, link := range links.Check([]string{s.config.Host}, pages, s.find) {
		if p := s.entries[link.Page].deadLink(link); !reported[p] {
			reported[p] = true
			dead = append(dead, p)
		}
	}
	unread, deadInFiles := s.static.Check()
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

// find gives the URL of what is served at a path, redirects followed.
func (s *Site) find(path string) (string, bool) {
	if e := s.entries[path]; e != nil {
		if e.to != "" {
			return e.to, true
		}
		return path, true
	}
	if s.static.Has(path) || s.resourceAt(path) != "" {
		return path, true
	}
	to := s.canonicalize(path)
	return to, to != ""
}

// deadLink says of a dead link where it stands in what the owner wrote: in the Markdown of one of the pages shown, or
// else in a template.
func (e *entry) deadLink(dead links.Dead) diag.Problem {
	var shown []*source
	if e.source != nil {
		shown = append(shown, e.source)
	}
	for _, p := range e.view.Pages {
		shown = append(shown, p.source)
	}
	for _, s := range shown {
		if line := s.lineOf(dead.Link); line > 0 {
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

// lineOf finds the line of a link. In the Markdown it may be escaped otherwise than in HTML, and relative where there it
// is not: then its last part is looked for.
func (s *source) lineOf(link string) int {
	path, _, _ := strings.Cut(html.UnescapeString(link), "#")
	for _, form := range []string{link, html.UnescapeString(link), strings.TrimPrefix(path, escaped(s.url))} {
		for _, before := range []string{"](", "](<", `="`, "='", "]: ", "<", "("} {
			if at := bytes.Index(s.text, []byte(before+form)); at >= 0 && form != "" {
				return s.line + bytes.Count(s.text[:at], []byte("\n"))
			}
		}
	}
	return 0
}
