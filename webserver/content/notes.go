package content

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"tinycdn/zones/diag"
)

// together makes one note of those that say the same, and puts them into order: a site of another program has hundreds.
func together(notes []diag.Problem) (list []diag.Problem) {
	notes = slices.Clone(notes)
	slices.SortStableFunc(notes, func(a, b diag.Problem) int { return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line) })
	places := map[string]int{}
	for i, n := range notes {
		if places[n.Text] == 0 {
			list = append(list, n)
		}
		if i == 0 || notes[i-1].File != n.File || notes[i-1].Text != n.Text {
			places[n.Text]++
		}
	}
	for i, n := range list {
		if count := places[n.Text]; count > 1 {
			list[i].Text = fmt.Sprintf("%s (%d pages; this is the first)", n.Text, count)
		}
	}
	return list
}

// noteOther notes a file of the content folder that would be a page elsewhere, unless it is a page's own and served as it is.
func (r *reader) noteOther(name string) {
	switch ext := path.Ext(name); strings.ToLower(ext) {
	case ".html", ".htm", ".org", ".adoc", ".asciidoc", ".rst":
		r.loose = append(r.loose, name)
	default:
		if isMarkdown(name) {
			r.others = append(r.others, diag.Problem{File: r.Full(name), Text: fmt.Sprintf("a page is a file *.md: this %s is left out", ext)})
		}
	}
}

// isMarkdown says whether a file is Markdown by its name, in whatever way that is written. It never is a page's own file.
func isMarkdown(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown", ".mdown", ".mkd":
		return true
	}
	return false
}
