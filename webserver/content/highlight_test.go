package content

import (
	"bytes"
	"errors"
	"log/slog"
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
			if _, err := h.mark(lexer.Config().Name, []byte(code)); errors.Is(err, errTooLong) {
				t.Errorf("%s: %q: only time has ended it", lexer.Config().Name, code)
			}
		}
	}
	if h.lost.Load() > 0 {
		t.Errorf("%d goroutines never ended", h.lost.Load())
	}
}

func TestCodeThatNoLexerCanTakeIsShownWithoutColours(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	files := map[string]string{
		"content/good.md": "+++\ndate = 2026-01-01\n+++\n```go\nfunc f() {}\n```\n",
		"content/sum.md":  "+++\ntitle = 'S'\nsummary = \"\"\"\n```jungle\n{\n```\n\"\"\"\ndate = 2026-01-01\n+++\nS\n",
	}
	for i, n := range nasty[2:5] {
		files["content/"+string(rune('a'+i))+".md"] = "+++\ntitle = 'T'\ndate = 2026-01-01\n+++\n\nText\n\n```" + n.language + "\n" + n.code + "\n```\n"
	}
	write(t, folder, files)
	var log bytes.Buffer
	s := loaded(t, Load(Config{Folder: folder, Host: "example.org", Memory: 16 << 20, Log: slog.New(slog.NewTextHandler(&log, nil))}, nil))
	for url, want := range map[string]string{
		"/a/": "a = ${b}", "/b/": "/* see ietf/*.yang */", "/c/": "fn f(x: &amp;&#39;a int) {}", "/good/": `<span class=k>func </span>`,
		"/": "a = ${b}", "/atom.xml": "a = ${b}",
	} {
		if status, body, _ := get(t, s, url); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: got %d without %q:\n%s", url, status, want, body)
		}
	}
	told := strings.ReplaceAll(log.String(), folder+"/", "")
	for _, want := range []string{
		`"content/a.md:8: this jungle code has no colours: finding them does not end"`,
		`"content/b.md:8: this yang code has no colours: finding them fails: unknown state comment"`,
		`"content/c.md:8: this spade code has no colours: finding them fails: unknown state lifetime"`,
		`"content/sum.md:3: this jungle code has no colours: finding them does not end"`,
	} {
		if strings.Count(told, "level=WARN msg="+want) != 1 {
			t.Errorf("not once in the log: %s\n%s", want, told)
		}
	}
	if len(strings.Split(strings.TrimSpace(told), "\n")) != 4 {
		t.Errorf("want a line for each block:\n%s", told)
	}
}

func TestCheckTellsOfCodeWithoutColours(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"content/a.md": "```jsonata\n" + nasty[0].code + "\n```\n"})
	s := loaded(t, load(folder, nil))
	if problems := s.Check(); len(problems) > 0 {
		t.Errorf("it is no mistake: %v", problems)
	}
	same(t, "notes", texts(folder, s.CheckNotes()), []string{"content/a.md:1: this jsonata code has no colours: finding them does not end"})
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
		if !h.isSlow(blockKey{1}) || h.isSlow(blockKey{2}) || h.lost.Load() != 1 {
			t.Errorf("it is not remembered: %v, %d lost", h.slow, h.lost.Load())
		}
		for i := range mostLost - 1 {
			h.attempt(blockKey{byte(2 + i)}, never)
		}
		if _, err := h.mark("go", []byte("x")); err != errTooLong {
			t.Errorf("with %d lost, one more is risked: %v", mostLost, err)
		}
		close(release)
		synctest.Wait()
		if h.lost.Load() != 0 {
			t.Errorf("all have ended, and %d are lost", h.lost.Load())
		}
	})
}
