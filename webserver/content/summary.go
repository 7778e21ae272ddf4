package content

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

func defines(markdown []byte) bool {
	return bytes.Contains(markdown, []byte("]:")) && definition.Match(markdown)
}

// brief is the length in bytes of a text that stands in lists as it is: a link and what there is to say about it.
const brief = 700

// whole says whether the summary of a page is all of it.
func (s *source) whole() bool {
	return s.Summary == "" && len(s.text) <= brief && !more.Match(s.text)
}

// summary is what lists show of a page: what front matter says, or the text before <!-- more -->, or a text that is
// brief, or the description, or else the first paragraph.
func (g *generation) summary(s *source) template.HTML {
	if s.Summary != "" {
		return g.render([]byte(s.Summary), g.parse(s, []byte(s.Summary)))
	}
	whole := s.whole()
	if s.Description != "" && !whole && !more.Match(s.text) {
		return template.HTML("<p>" + template.HTMLEscapeString(s.Description) + "</p>\n")
	}
	markdown := s.text
	if at := more.FindIndex(markdown); at != nil && !defines(markdown[at[1]:]) {
		markdown = markdown[:at[1]] // a list of long pages is made in the time of their beginnings
	}
	doc := g.parse(s, markdown)
	var nodes []ast.Node
	var paragraph ast.Node
	cut := false
	for n := doc.FirstChild(); n != nil && !cut; n = n.NextSibling() {
		switch n.(type) {
		case *ast.HTMLBlock:
			cut = more.Match(n.Lines().Value(markdown))
		case *ast.Paragraph:
			if paragraph == nil {
				paragraph = n
			}
		}
		if !cut && n.Kind() != extensionast.KindFootnoteList {
			nodes = append(nodes, n)
		}
	}
	if !cut && !whole {
		nodes = nil
		if paragraph != nil {
			nodes = []ast.Node{paragraph}
		}
	}
	for _, n := range nodes {
		strip(n)
	}
	return g.render(markdown, nodes...)
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
