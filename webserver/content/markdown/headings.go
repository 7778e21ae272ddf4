package markdown

import (
	"html"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// nameHeadings gives each heading an id, as GitHub does: that of its words as they are read, without what a link in it leads
// to. One that says its id itself keeps that, wherever it stands.
func nameHeadings(doc ast.Node, markdown []byte) {
	used := map[string]bool{}
	var nameless []ast.Node
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || n.Kind() != ast.KindHeading {
			return ast.WalkContinue, nil
		}
		if id, ok := n.AttributeString("id"); !ok {
			nameless = append(nameless, n)
		} else if id, ok := id.([]byte); ok {
			used[string(id)] = true
		}
		return ast.WalkSkipChildren, nil
	})
	counts := map[string]int{}
	for _, n := range nameless {
		name := slug(words(n, markdown))
		id := name
		for used[id] {
			counts[name]++
			id = name + "-" + strconv.Itoa(counts[name])
		}
		used[id] = true
		n.SetAttributeString("id", []byte(id))
	}
}

// words are the text of a heading without marks, HTML and where its links lead.
func words(n ast.Node, markdown []byte) string {
	var b strings.Builder
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			text := n.Segment.Value(markdown)
			switch {
			case !entering:
				return ast.WalkContinue, nil
			case n.Parent().Kind() == ast.KindCodeSpan:
				b.Write(text)
			default:
				b.WriteString(html.UnescapeString(string(util.UnescapePunctuations(text))))
			}
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.Image:
			return ast.WalkSkipChildren, nil
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		case *ast.AutoLink:
			if entering {
				b.Write(n.Label(markdown))
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// slug makes an id of words in any script.
func slug(words string) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(words) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '_', r == '-':
			b.WriteRune(unicode.ToLower(r))
		case unicode.IsSpace(r):
			b.WriteByte('-')
		}
	}
	if b.Len() == 0 {
		return "section"
	}
	return b.String()
}
