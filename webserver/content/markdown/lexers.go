package markdown

import (
	"bytes"
	"html"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// boundedLexers are all lexers, each within bounds. Lexers that look up others, as that of Markdown does for the code in
// it, find bounded ones too: what never ends deep inside would else never come back to whoever counts outside.
var boundedLexers = sync.OnceValue(func() *chroma.LexerRegistry {
	all := chroma.NewLexerRegistry()
	for _, lexer := range lexers.GlobalLexerRegistry.Lexers {
		all.Register(boundedLexer{lexer})
	}
	return all
})

// boundedLexer panics with errTooMany when the tokens of a text are more than there can be. It counts, and looks at no
// clock: what is given up here is given up at every POP.
type boundedLexer struct{ chroma.Lexer }

const (
	// mostEmpty is how many tokens without any text there may be in a row. Honest rules give a handful.
	mostEmpty = 1000
	// emptyPerByte is how many there may be for each byte of the text.
	emptyPerByte = 4
)

func (l boundedLexer) Tokenise(options *chroma.TokeniseOptions, text string) (chroma.Iterator, error) {
	tokens, err := l.Lexer.Tokenise(options, text)
	if err != nil {
		return nil, err
	}
	full := len(text) + 16 // lexers add the end of a line; none of them makes two tokens of one byte
	empty, row := emptyPerByte*len(text)+mostEmpty, 0
	return func() chroma.Token {
		token := tokens()
		switch {
		case token == chroma.EOF:
			return token
		case token.Value != "":
			full--
			row = 0
		default:
			empty--
			row++
		}
		if full < 0 || empty < 0 || row > mostEmpty {
			panic(errTooMany)
		}
		return token
	}, nil
}

// SetRegistry tells the lexer where it finds others.
func (l boundedLexer) SetRegistry(all *chroma.LexerRegistry) chroma.Lexer {
	l.Lexer.SetRegistry(all)
	return l
}

// markWith gives code in HTML with its words marked. When it is late, nobody waits for it any more.
func markWith(lexer chroma.Lexer, code string, late *atomic.Bool) ([]byte, error) {
	tokens, err := lexer.Tokenise(nil, code)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	open := ""
	for token := range tokens.Stdlib() {
		if late.Load() {
			return nil, errTooLong
		}
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
	return b.Bytes(), nil
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
