package content

import (
	"bytes"
	"regexp"
	"slices"

	"tinycdn/zones/diag"
)

// shortcode is how pages of Zola and Hugo call for what a template makes.
var shortcode = regexp.MustCompile(`\{\{[<%]\s*/?\s*[\w./-]+|\{\{\s*\w+\(|\{%\s*\w+\(`)

// unsupported notes what the page expects of another program: it is shown, but not as its author saw it there.
func (s *source) unsupported() []diag.Problem {
	fenced := false
	line := s.line
	for text := range bytes.Lines(s.text) {
		start := bytes.TrimLeft(text, " >")
		if bytes.HasPrefix(start, []byte("```")) || bytes.HasPrefix(start, []byte("~~~")) {
			fenced = !fenced
		}
		if at := shortcode.FindIndex(text); at != nil && !fenced && !bytes.Contains(text[:at[0]], []byte("`")) {
			return []diag.Problem{{File: s.path, Line: line, Text: "shortcodes of Zola or Hugo are shown as they are: write HTML in their place, " +
				"or let that program build the site, and serve what it builds as root"}}
		}
		line++
	}
	return nil
}

// notes tell what is odd about the texts and settings. Of what is held back nobody sees anything yet.
func (g *generation) notes() []diag.Problem {
	notes := slices.Concat(g.settings.notes, g.held.notes, g.settings.generator.elsewhere(g.sources))
	for _, s := range g.sources {
		notes = append(notes, s.notes...)
	}
	return notes
}

// noteLayouts notes what other programs would have read.
func (r *reader) noteLayouts() {
	if r.Stat("layouts") != nil {
		r.Note("layouts", "this folder is Hugo's and is left out: tinycdn's templates lie in templates")
	}
}
