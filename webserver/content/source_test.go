package content

import (
	"bytes"
	"strings"
	"testing"
)

func TestTextInAnotherEncodingIsAMistakeWithItsLine(t *testing.T) {
	t.Parallel()
	_, problems := newSource("p.md", "p.md", fileInfo{}, []byte("+++\ntitle = 'T'\n+++\n\ncaf\xe9\n"))
	if len(problems) != 1 || problems[0].String() != "p.md:5: this is not UTF-8: save the file in that encoding" {
		t.Errorf("got %v", problems)
	}
}

func TestAPageHasATitleInAnyCase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, text, title, rest string }{
		{"a.md", "+++\ntitle = 'T'\n+++\n# H\n", "T", "# H\n"},
		{"a.md", "\n# The `heading` #\n\nText", "The heading", "\nText"},
		{"a.md", "# Learning C#\r\nText", "Learning C#", "Text"},
		{"my-first_post.md", "Text", "My first post", "Text"},
		{"öl.md", "Text", "Öl", "Text"},
		{"_index.md", "Text", "", "Text"},
	} {
		s, _ := newSource(test.file, test.file, fileInfo{}, []byte(test.text))
		if s.Title != test.title || string(s.text) != test.rest {
			t.Errorf("%s %q: got %q and %q", test.file, test.text, s.Title, s.text)
		}
	}
}

// FuzzSource reads any bytes: they are a page with a URL, or mistakes within the file.
func FuzzSource(f *testing.F) {
	for _, seed := range []string{
		"+++\ntitle = 'T'\n+++\ntext", "\ufeff+++\r\ndate = 2026-01-01\r\n+++\r\n", "---\na: b\n---\n", "+++\n+++", "+++", "+++\naliases = ['/a', '//b']\n+++\n# H",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, problems := newSource("a/p.md", "p.md", fileInfo{}, data)
		if (s == nil) != (len(problems) > 0) {
			t.Fatalf("neither a page nor a mistake, or both: %v", problems)
		}
		for _, p := range problems {
			if p.Line < 0 || p.Line > 1+bytes.Count(data, []byte("\n")) || strings.ContainsAny(p.Text, "\n\r") {
				t.Errorf("%q is no line of the file", p)
			}
		}
		if s != nil && (s.url == "" || s.url[0] != '/' || strings.HasPrefix(s.url, "//") || strings.ContainsFunc(s.url, func(r rune) bool { return r < ' ' || r == 0x7F })) {
			t.Errorf("%q is the URL of nothing", s.url)
		}
	})
}
