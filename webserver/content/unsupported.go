package content

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"tinycdn/webserver/hosts"
	"tinycdn/zones/diag"
)

// noEffect are keys of Zola and Hugo that decide whether or where a page is served, and do not do so here.
var noEffect = []string{
	"render", "publishDate", "expiryDate", "redirect_to", "headless", "build", "cascade", "page_template", "paginate_path", "outputs",
}

// shortcode is how pages of Zola and Hugo call for what a template makes.
var shortcode = regexp.MustCompile(`\{\{[<%]\s*/?\s*[\w./-]+|\{\{\s*\w+\(|\{%\s*\w+\(`)

// unsupported notes what the page expects of another program: it is shown, but not as its author saw it there.
func (s *source) unsupported() (notes []diag.Problem) {
	for _, key := range noEffect {
		if _, ok := s.Extra[key]; ok {
			notes = append(notes, diag.Problem{File: s.path, Line: s.Line(key), Text: fmt.Sprintf("%q has no effect here: the page is served as if it were not said", key)})
		}
	}
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
			notes = append(notes, diag.Problem{File: s.path, Line: line, Text: fmt.Sprintf(
				"%s… is a shortcode of Zola or Hugo, and is shown as it is: write HTML in its place", bytes.TrimSpace(text[at[0]:at[1]]))})
		}
		line++
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

// noteUnsupported notes what other programs would have read.
func (r *reader) noteUnsupported(sources map[string]*source) {
	for _, file := range slices.Sorted(maps.Keys(sources)) {
		r.Notes = append(r.Notes, sources[file].notes...)
	}
	if r.Stat("layouts") != nil {
		r.Note("layouts", "this folder is Hugo's and is left out: tinycdn's templates lie in templates")
	}
}
