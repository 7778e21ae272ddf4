package content

import (
	"bytes"
	"html"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// codeRenderer writes fenced code with its words marked. The colours are the style sheet's.
type codeRenderer struct{}

func (c codeRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, c.render)
}

func (codeRenderer) render(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
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
	if marked, ok := highlight(language, code); ok {
		w.Write(marked)
	} else {
		w.WriteString(html.EscapeString(string(code)))
	}
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

// longest is the length of code in bytes beyond which nobody reads colours, and finding them takes a while.
const longest = 64 << 10

func highlight(language string, code []byte) ([]byte, bool) {
	if language == "" || language == "text" || len(code) > longest {
		return nil, false
	}
	lexer := lexers.Get(language)
	if lexer == nil {
		return nil, false
	}
	tokens, err := lexer.Tokenise(nil, string(code))
	if err != nil {
		return nil, false
	}
	var b bytes.Buffer
	open := ""
	for token := range tokens.Stdlib() {
		class := classOf(token.Type)
		if class != open && strings.TrimSpace(token.Value) != "" {
			if open != "" {
				b.WriteString("</span>")
			}
			if class != "" {
				b.WriteString("<span class=" + class + ">")
			}
			open = class
		}
		b.WriteString(html.EscapeString(token.Value))
	}
	if open != "" {
		b.WriteString("</span>")
	}
	return b.Bytes(), true
}

// classOf is the class of a token in HTML, "" for plain text: few, so that pages stay small and calm.
func classOf(t chroma.TokenType) string {
	switch {
	case t == chroma.GenericInserted:
		return "gi"
	case t == chroma.GenericDeleted, t == chroma.Error:
		return "gd"
	case t == chroma.GenericHeading, t == chroma.GenericSubheading, t == chroma.GenericPrompt:
		return "c"
	case t.InCategory(chroma.Comment):
		return "c"
	case t == chroma.KeywordType, t == chroma.NameClass, t == chroma.NameTag, t == chroma.NameNamespace:
		return "t"
	case t.InCategory(chroma.Keyword), t == chroma.OperatorWord:
		return "k"
	case t == chroma.NameFunction, t == chroma.NameBuiltin, t == chroma.NameAttribute, t == chroma.NameDecorator:
		return "f"
	case t.InSubCategory(chroma.LiteralString):
		return "s"
	case t.InSubCategory(chroma.LiteralNumber), t.InSubCategory(chroma.LiteralDate):
		return "n"
	}
	return ""
}
