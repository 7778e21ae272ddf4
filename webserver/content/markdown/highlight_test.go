package markdown

import (
	"errors"
	"fmt"
	"html"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/alecthomas/chroma/v2/lexers"
)

// nasty are code that people write, and the lexer cannot take.
var nasty = []struct{ language, code string }{
	{"jsonata", `$replace(x, /\s+/, " ")`},
	{"jsonata", `$match("a", /\d/)`},
	{"jungle", `a = ${b}`},
	{"yang", `/* see ietf/*.yang */`},
	{"spade", `fn f(x: &'a int) {}`},
	{"markdown", "```jsonata\n\\\n```\n"},
}

// TestEveryLexerEndsOnAnything gives each language the code above and a handful of tokens again and again.
func TestEveryLexerEndsOnAnything(t *testing.T) {
	t.Parallel()
	h := newHighlighter()
	tokens := []string{"{", "${", "(", "[", "<", "<%", "/*", "*/", "'", "\"", "\\", "#", "$", "&'a ", "a", "1", "\n", "/", "`", ":", "=", "-", "@", "\x00", "é"}
	var codes []string
	for _, n := range nasty {
		codes = append(codes, n.code)
	}
	for _, token := range tokens {
		codes = append(codes, strings.Repeat(token, 3))
	}
	for _, lexer := range lexers.GlobalLexerRegistry.Lexers {
		for _, code := range codes {
			if _, err := h.highlight(lexer.Config().Name, []byte(code)); errors.Is(err, errTooLong) {
				t.Errorf("%s: %q: only time has ended it", lexer.Config().Name, code)
			}
		}
	}
	if h.abandoned.Load() > 0 {
		t.Errorf("%d goroutines never ended", h.abandoned.Load())
	}
}

func TestCodeThatNoLexerCanTakeIsShownAndToldOnce(t *testing.T) {
	t.Parallel()
	r := New()
	for _, n := range append(nasty[:1:1], nasty[2:5]...) {
		text := Text{Markdown: []byte("Text\n\n```" + n.language + "\n" + n.code + "\n```\n"), File: "a.md", Line: 5}
		inTOML := text
		inTOML.InTOML = true
		for range 2 {
			r.HTML(text)
			r.HTML(inTOML)
			if got := string(r.Summary(text, "")); !strings.Contains(got, html.EscapeString(n.code)) {
				t.Errorf("%s: got %q", n.language, got)
			}
		}
		why := map[string]string{"yang": "fails: unknown state comment", "spade": "fails: unknown state lifetime"}[n.language]
		if why == "" {
			why = "does not end"
		}
		told := ": this " + n.language + " code has no colours: finding them " + why
		if got := fmt.Sprint(r.Notes()); got != "[a.md:7"+told+" a.md:5"+told+"]" {
			t.Errorf("%s: got %s", n.language, got)
		}
	}
}

// What comes to no token at all is left to itself, and nobody waits for the same code again.
func TestColoursThatNeverComeAreGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHighlighter()
		release := make(chan struct{})
		never := func(late *atomic.Bool) ([]byte, error) {
			<-release
			if !late.Load() {
				t.Error("it is not told that nobody waits")
			}
			return []byte("late"), nil
		}
		if marked, err := h.attempt(blockKey{1}, never); marked != nil || err != errTooLong {
			t.Errorf("got %q, %v", marked, err)
		}
		if !h.isSlow(blockKey{1}) || h.isSlow(blockKey{2}) || h.abandoned.Load() != 1 {
			t.Errorf("it is not remembered: %v, %d lost", h.slow, h.abandoned.Load())
		}
		for i := range mostAbandoned - 1 {
			h.attempt(blockKey{byte(2 + i)}, never)
		}
		if _, err := h.highlight("go", []byte("x")); err != errTooLong {
			t.Errorf("with %d lost, one more is risked: %v", mostAbandoned, err)
		}
		close(release)
		synctest.Wait()
		if h.abandoned.Load() != 0 {
			t.Errorf("all have ended, and %d are lost", h.abandoned.Load())
		}
	})
}
