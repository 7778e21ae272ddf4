package content

import (
	"bytes"
	"fmt"
	"html/template"
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// newMarkdown reads GitHub's Markdown with footnotes. HTML in it stays as it is: it is the owner's own.
func newMarkdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.GFM, extension.Footnote),
		goldmark.WithParserOptions(parser.WithAutoHeadingID(), parser.WithHeadingAttribute()),
		goldmark.WithRendererOptions(html.WithUnsafe(), renderer.WithNodeRenderers(util.Prioritized(codeRenderer{}, 100))),
	)
}

// parse reads the text of a page. Its links lead where they should from any other page too.
func (g *generation) parse(s *source, markdown []byte) ast.Node {
	context := parser.NewContext(parser.WithIDs(&headingIDs{used: map[string]int{}}))
	doc := g.markdown.Parser().Parse(text.NewReader(markdown), parser.WithContext(context))
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			switch n := n.(type) {
			case *ast.Link:
				n.Destination = g.resolve(s, n.Destination)
			case *ast.Image:
				n.Destination = g.resolve(s, n.Destination)
			}
		}
		return ast.WalkContinue, nil
	})
	return doc
}

// content is the whole text of a page in HTML.
func (g *generation) content(s *source) template.HTML {
	return g.render(s.text, g.parse(s, s.text))
}

func (g *generation) render(markdown []byte, nodes ...ast.Node) template.HTML {
	var b bytes.Buffer
	for _, n := range nodes {
		if err := g.markdown.Renderer().Render(&b, markdown, n); err != nil {
			panic("content: internal error: " + err.Error()) // a buffer takes all
		}
	}
	return template.HTML(b.String())
}

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

// resolve makes the target of a link absolute on this site. Zola's @/folder/page.md, and page.md beside this one, are
// the pages' URLs.
func (g *generation) resolve(s *source, target []byte) []byte {
	to := string(target)
	if to == "" || to[0] == '/' || to[0] == '#' {
		return target
	}
	file, fragment, _ := strings.Cut(to, "#")
	if fragment != "" {
		fragment = "#" + fragment
	}
	if below, ok := strings.CutPrefix(file, "@/"); ok {
		if page := g.sources[below]; page != nil {
			return []byte(escaped(page.url) + fragment)
		}
		return target
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" {
		return target
	}
	if page := g.sources[path.Join(path.Dir(s.file), u.Path)]; page != nil {
		return []byte(escaped(page.url) + fragment)
	}
	return []byte((&url.URL{Path: s.url}).ResolveReference(u).String())
}

// headingIDs makes the ids of headings from their words, in any script.
type headingIDs struct{ used map[string]int }

func (h *headingIDs) Generate(value []byte, _ ast.NodeKind) []byte {
	var b strings.Builder
	for _, r := range strings.TrimSpace(string(value)) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			b.WriteRune(unicode.ToLower(r))
		case unicode.IsSpace(r), r == '-', r == '_':
			if b.Len() > 0 {
				b.WriteByte('-')
			}
		}
	}
	id := b.String()
	if id == "" {
		id = "section"
	}
	for h.used[id] > 0 {
		h.used[id]++
		id = fmt.Sprintf("%s-%d", id, h.used[id]-1)
	}
	h.used[id]++
	return []byte(id)
}

func (h *headingIDs) Put(value []byte) { h.used[string(value)]++ }
