package content

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tinycdn/webserver/hosts"
	"tinycdn/zones/diag"
)

// shortcode is how pages of Zola and Hugo call for what a template makes.
var shortcode = regexp.MustCompile(`\{\{[<%]\s*/?\s*[\w./-]+|\{\{\s*\w+\(|\{%\s*\w+\(`)

// unsupported notes what the page expects of another program: it is shown, but not as its author saw it there.
func (s *source) unsupported() (notes []diag.Problem) {
	for _, alias := range s.Aliases {
		if why := deadAlias(alias); why != "" {
			notes = append(notes, diag.Problem{File: s.path, Line: s.Line("aliases"), Text: fmt.Sprintf("the alias %q sends nobody here: %s", alias, why)})
		}
	}
	fenced := false
	line := s.line
	for text := range bytes.Lines(s.text) {
		start := bytes.TrimLeft(text, " >")
		if bytes.HasPrefix(start, []byte("```")) || bytes.HasPrefix(start, []byte("~~~")) {
			fenced = !fenced
		}
		if at := shortcode.FindIndex(text); at != nil && !fenced && !bytes.Contains(text[:at[0]], []byte("`")) {
			return append(notes, diag.Problem{File: s.path, Line: line, Text: "shortcodes of Zola or Hugo are shown as they are: write HTML in their place, " +
				"or let that program build the site, and serve what it builds as root"})
		}
		line++
	}
	return notes
}

// notes tell what is odd about the texts and settings. Of what is held back nobody sees anything yet.
func (g *generation) notes() []diag.Problem {
	notes := slices.Concat(g.settings.notes, g.held.notes, g.settings.generator.elsewhere(g.sources))
	for _, s := range g.sources {
		notes = append(notes, s.notes...)
	}
	return notes
}

// deadAlias says why nobody comes by an alias; "": some may.
func deadAlias(alias string) string {
	if strings.Contains(alias, "*") {
		return "an alias is one path (the redirects of tinycdn.toml know a * at the end)"
	}
	return hosts.Unmatchable("/" + strings.Trim(alias, "/"))
}

// noteLayouts notes what other programs would have read.
func (r *reader) noteLayouts() {
	if r.Stat("layouts") != nil {
		r.Note("layouts", "this folder is Hugo's and is left out: tinycdn's templates lie in templates")
	}
}
