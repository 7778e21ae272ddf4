package content

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tinycdn/webserver/content/front"
	"tinycdn/webserver/content/markdown"
	"tinycdn/zones/diag"
)

// source is a Markdown file as it was read. It is immutable, and the next generation of the site takes it over
// if the file has not changed.
type source struct {
	place
	front.Matter
	file string      // from the content folder, with slashes
	path string      // as an operator knows it
	info fs.FileInfo // of the file that this was read from
	hash contentHash
	text []byte // the Markdown below the front matter
	line int    // of its beginning

	notes []diag.Problem
}

// at is the source as it is found at another path: what a deploy brings as a folder of its own has most files of the one before.
func (s *source) at(path string) *source {
	if s.path == path {
		return s
	}
	moved := *s
	moved.path, moved.notes = path, slices.Clone(s.notes)
	for i := range moved.notes {
		moved.notes[i].File = path
	}
	return &moved
}

// newSource reads the text of a file. It is nil if there is a mistake in it for which the page must be left out.
func newSource(file, path string, info fs.FileInfo, data []byte) (*source, []diag.Problem) {
	s := &source{place: placeOf(file), file: file, path: path, info: info, hash: hashOf(data, info.ModTime())}
	if !utf8.Valid(data) {
		bad := bytes.IndexFunc(data, func(r rune) bool { return r == utf8.RuneError })
		return nil, []diag.Problem{{File: path, Line: 1 + bytes.Count(data[:bad], []byte("\n")), Text: "this is not UTF-8: save the file in that encoding"}}
	}
	block, text, line, mistake := front.Split(data)
	if mistake != "" {
		return nil, []diag.Problem{{File: path, Line: line, Text: mistake}}
	}
	if at, mistake := markdown.Excess(text); mistake != "" {
		return nil, []diag.Problem{{File: path, Line: line + at, Text: mistake}}
	}
	matter, mistakes, notes := front.Read(path, block)
	if len(mistakes) > 0 {
		return nil, append(mistakes, notes...)
	}
	s.Matter, s.text, s.line, s.notes = matter, text, line, notes
	if s.Date.IsZero() {
		s.Date = s.Hold.Publish // Hugo's rule
	}
	if s.Date.IsZero() {
		s.Date = s.place.date
	}
	switch {
	case s.Path != "":
		s.url = tidyPath(s.Path)
	case s.Slug != "" && s.url != "/":
		s.url = withSlug(s.url, s.Slug)
	}
	if s.Title == "" {
		s.takeTitle()
	}
	s.notes = append(s.notes, s.unsupported()...)
	return s, nil
}

// heading is a first heading that serves as a title: "# Title", with nothing before it.
var heading = regexp.MustCompile(`^\s*# +([^\n]+?)(?: +#+)?[ \t\r]*(?:\n|$)`)

// takeTitle finds a title for a page whose front matter has none: its first heading, which then is not shown twice, or
// else the name of its file.
func (s *source) takeTitle() {
	if m := heading.FindSubmatchIndex(s.text); m != nil {
		s.Title = strings.ReplaceAll(string(s.text[m[2]:m[3]]), "`", "")
		s.line += bytes.Count(s.text[:m[1]], []byte("\n"))
		s.text = s.text[m[1]:]
		return
	}
	name := strings.TrimSuffix(path.Base(s.url), ".html")
	if s.url == "/" {
		return // the site's own title serves
	}
	s.Title = capital(strings.NewReplacer("-", " ", "_", " ").Replace(name))
}

func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// updated is when the page last changed, as its author says.
func (s *source) updated() time.Time {
	if s.Updated.After(s.Date) {
		return s.Updated
	}
	return s.Date
}
