package content

import (
	"bytes"
	"fmt"
	"html/template"
	"net/url"
	"path"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// newMarkdown reads GitHub's Markdown with footnotes. HTML in it stays as it is: it is the owner's own.
func newMarkdown(code codeRenderer) goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.GFM, extension.Footnote),
		goldmark.WithParserOptions(parser.WithAutoHeadingID(), parser.WithHeadingAttribute()),
		goldmark.WithRendererOptions(html.WithUnsafe(), renderer.WithNodeRenderers(util.Prioritized(code, 100))),
	)
}

// parse reads the text of a page, or what its front matter says in Markdown. Its links lead where they should from any other page too.
func (g *generation) parse(s *source, markdown []byte) ast.Node {
	context := parser.NewContext(parser.WithIDs(&headingIDs{used: map[string]int{}}))
	doc := g.markdown.Parser().Parse(text.NewReader(markdown), parser.WithContext(context))
	doc.OwnerDocument().AddMeta(writtenIn, s)
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
