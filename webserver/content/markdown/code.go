package markdown

import (
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// codeRenderer writes fenced code with its words marked. The colours are the style sheet's.
type codeRenderer struct {
	*highlighter
	*plainBlocks
}

func (c codeRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, c.render)
}

func (c codeRenderer) render(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := n.(*ast.FencedCodeBlock)
	language := languageOf(string(block.Language(source)))
	w.WriteString("<pre tabindex=\"0\"><code") // what scrolls must be within reach of a keyboard
	if language != "" {
		w.WriteString(" class=\"language-" + html.EscapeString(language) + "\"")
	}
	w.WriteByte('>')
	code := block.Lines().Value(source)
	marked, err := c.highlight(language, code)
	if err != nil {
		c.add(block, language, err)
	}
	if marked == nil {
		marked = []byte(html.EscapeString(string(code)))
	}
	w.Write(marked)
	w.WriteString("</code></pre>\n")
	return ast.WalkSkipChildren, nil
}

// languageOf is the language of a block of code. Zola writes "toml,linenos", others "go {hl_lines=[1]}": it comes first.
func languageOf(info string) string {
	if end := strings.IndexAny(info, ",{ \t\r\n"); end >= 0 {
		info = info[:end]
	}
	return info
}
