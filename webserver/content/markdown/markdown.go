// Package markdown makes HTML of Markdown, within bounds: no text takes for ever.
package markdown

import (
	"bytes"
	"html/template"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Renderer makes HTML, of several texts at a time if need be.
type Renderer struct {
	markdown goldmark.Markdown
	code     codeRenderer
}

// Text is Markdown, and where it stands.
type Text struct {
	Markdown []byte
	File     string                     // as an operator knows it
	Line     int                        // of its beginning
	InTOML   bool                       // lines of the text are not those of the file: all of it is told as of the first
	Resolve  func(target []byte) []byte // gives the target of a link; nil: it stays as it is written
}

// New gives a renderer of GitHub's Markdown with footnotes. HTML in it stays as it is: it is the owner's own.
func New() *Renderer {
	code := codeRenderer{newHighlighter(), &plainBlocks{}}
	return &Renderer{code: code, markdown: goldmark.New(
		goldmark.WithExtensions(extension.GFM, extension.Footnote),
		goldmark.WithParserOptions(parser.WithHeadingAttribute()),
		goldmark.WithRendererOptions(html.WithUnsafe(), renderer.WithNodeRenderers(util.Prioritized(code, 100))),
	)}
}

// HTML is the whole text.
func (r *Renderer) HTML(t Text) template.HTML { return r.render(t.Markdown, r.parse(t)) }

func (r *Renderer) parse(t Text) ast.Node {
	doc := r.markdown.Parser().Parse(text.NewReader(t.Markdown))
	doc.OwnerDocument().AddMeta(writtenIn, t)
	nameHeadings(doc, t.Markdown)
	if t.Resolve == nil {
		return doc
	}
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			switch n := n.(type) {
			case *ast.Link:
				n.Destination = t.Resolve(n.Destination)
			case *ast.Image:
				n.Destination = t.Resolve(n.Destination)
			}
		}
		return ast.WalkContinue, nil
	})
	return doc
}

func (r *Renderer) render(markdown []byte, nodes ...ast.Node) template.HTML {
	var b bytes.Buffer
	for _, n := range nodes {
		if err := r.markdown.Renderer().Render(&b, markdown, n); err != nil {
			panic("markdown: internal error: " + err.Error()) // a buffer takes all
		}
	}
	return template.HTML(b.String())
}
