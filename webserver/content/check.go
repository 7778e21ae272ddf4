package content

import (
	"bytes"
	"html"
	"maps"
	"slices"
	"strings"

	"tinycdn/webserver/links"
	"tinycdn/zones/diag"
)

// Check makes every page and tells what that shows: links that lead nowhere within the site, and templates that fail on
// some text. It takes a while, and more memory than the site may have to serve.
func (s *Site) Check() []diag.Problem {
	var problems []diag.Problem
	pages := func(yield func(string, []byte) bool) {
		for _, url := range slices.Sorted(maps.Keys(s.entries)) {
			e := s.entries[url]
			if e.view == nil {
				continue
			}
			body, err := e.body()
			if err != nil {
				problems = append(problems, e.problem(err))
				continue
			}
			if !yield(url, body) {
				return
			}
		}
	}
	reported := map[diag.Problem]bool{}
	for _, dead := range links.Check([]string{s.config.Host}, pages, s.find) {
		if p := s.entries[dead.Page].deadLink(dead); !reported[p] {
			reported[p] = true
			problems = append(problems, p)
		}
	}
	return append(problems, s.static.Check()...)
}

// CheckNotes is what is odd, but no mistake, about the pages that Check has made.
func (s *Site) CheckNotes() []diag.Problem { return s.generation.markdown.Notes() }

// problem is why a page could not be made.
func (e *entry) problem(err error) diag.Problem {
	p := e.theme.Problem(err)
	if e.source != nil {
		p.Text += " (on the page of " + e.source.path + ")"
	}
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
