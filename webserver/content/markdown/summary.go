package markdown

import (
	"bytes"
	"html/template"
	"regexp"

	"github.com/yuin/goldmark/ast"
	extensionast "github.com/yuin/goldmark/extension/ast"
)

// more is the comment that ends a summary.
var more = regexp.MustCompile(`<!--\s*more\s*-->`)

// definition is what a link or footnote further up may refer to.
var definition = regexp.MustCompile(`(?m)^ {0,3}\[[^\]\n]+\]:`)

// brief is the length in bytes of a text that stands in lists as it is: a link and what there is to say about it.
const brief = 700

// Whole says whether the summary of a text is all of it.
func Whole(markdown []byte) bool { return len(markdown) <= brief && !more.Match(markdown) }

// Summary is what stands for a text in lists: what is before <!-- more -->, or all of a text that is brief, or the
// description, in plain words, or else the first paragraph.
func (r *Renderer) Summary(t Text, description string) template.HTML {
	whole, end := Whole(t.Markdown), more.FindIndex(t.Markdown)
	if description != "" && !whole && end == nil {
		return template.HTML("<p>" + template.HTMLEscapeString(description) + "</p>\n")
	}
	if end != nil {
		if after := t.Markdown[end[1]:]; !bytes.Contains(after, []byte("]:")) || !definition.Match(after) {
			t.Markdown = t.Markdown[:end[1]] // a list of long pages is made in the time of their beginnings
		}
	}
	doc := r.parse(t)
	var nodes, paragraph []ast.Node
	cut := false
	for n := doc.FirstChild(); n != nil && !cut; n = n.NextSibling() {
		switch n.(type) {
		case *ast.HTMLBlock:
			cut = more.Match(n.Lines().Value(t.Markdown))
		case *ast.Paragraph:
			if paragraph == nil {
				paragraph = []ast.Node{n}
			}
		}
		if !cut && n.Kind() != extensionast.KindFootnoteList {
			nodes = append(nodes, n)
		}
	}
	if !cut && !whole {
		nodes = paragraph
	}
	for _, n := range nodes {
		strip(n)
	}
	return r.render(t.Markdown, nodes...)
}

// strip takes away what a summary cannot have: footnotes that are not below it, and ids that other summaries have too.
func strip(n ast.Node) {
	var notes []ast.Node
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch {
		case !entering:
		case n.Kind() == extensionast.KindFootnoteLink:
			notes = append(notes, n)
		case n.Kind() == ast.KindHeading:
			n.RemoveAttributes()
		}
		return ast.WalkContinue, nil
	})
	for _, note := range notes {
		note.Parent().RemoveChild(note.Parent(), note)
	}
}
