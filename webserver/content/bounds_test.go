package content

import (
	"bytes"
	"strings"
	"testing"
)

func TestTextThatWouldTakeForeverIsAMistakeWithItsLine(t *testing.T) {
	t.Parallel()
	list := func(from, to int) string { // of lists within each other by indentation
		var b strings.Builder
		for i := from; i < to; i++ {
			b.WriteString(strings.Repeat("  ", i) + "- a\n")
		}
		return b.String()
	}
	const deep = " quotes and lists (> - * + 1.) within each other are more than 100: put text that is no Markdown into a file of its own"
	const marks = "more than 10000 brackets and marks of emphasis are in this paragraph: put code between two lines of ```"
	for _, test := range []struct{ name, text, want string }{
		{"quotes", "a\n\n" + strings.Repeat(">", 101) + " b\n", "p.md:3: 101" + deep},
		{"very many quotes", strings.Repeat(">", 2<<20), "p.md:1: 2097152" + deep},
		{"lists in a line", "+++\n+++\n" + strings.Repeat("- ", 101) + "a", "p.md:3: 101" + deep},
		{"all kinds", strings.Repeat(">1. *\t+ 2) ", 21), "p.md:1: 105" + deep},
		{"lists by indentation", list(0, 101), "p.md:101: 101" + deep},
		{"quotes in lists", list(0, 60) + strings.Repeat(" ", 120) + strings.Repeat("- ", 20) + strings.Repeat(">", 21), "p.md:61: 101" + deep},
		{"brackets", "a\n" + strings.Repeat("[a](\n", 10_001), "p.md:5002: " + marks},
		{"emphasis", strings.Repeat("*a_", 5001), "p.md:1: " + marks},
		{"table", strings.Repeat("|a", 600) + "\n" + strings.Repeat("|-", 600) + "\n", "p.md:2: this table has more than 500 columns: split it"},

		{"quotes that may be", strings.Repeat("> ", 100) + "b\n", ""},
		{"lists that end", strings.Repeat(list(0, 100)+"\n", 3), ""},
		{"long list", strings.Repeat("- [a](b) *c*\n", 20_000), ""},
		{"long table", "|a|b|\n|-|-|\n" + strings.Repeat("| [a](b) | *c* |\n", 20_000), ""},
		{"paragraphs", strings.Repeat("[a](b)\n\n", 20_000), ""},
		{"code", "```\n" + strings.Repeat("[1, 2], ", 20_000) + "\n```\n", ""},
		{"rules", strings.Repeat("-", 500) + "\n\n" + strings.Repeat("*", 500) + "\n", ""},
		{"numbers", strings.Repeat("1.5 ", 500), ""},
		{"table that may be", strings.Repeat("|a", 100) + "\n" + strings.Repeat("|-", 100) + "\n", ""},
	} {
		_, problems := newSource("p.md", "p.md", fileInfo{}, []byte(test.text))
		got := ""
		if len(problems) > 0 {
			got = problems[0].String()
		}
		if got != test.want {
			t.Errorf("%s:\ngot  %v\nwant %s", test.name, problems, test.want)
		}
	}
}

func TestAPageThatIsTooMuchStaysAsItWas(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"content/a.md": "Old A", "content/b.md": "Old B", "content/c.md": "Old C"})
	first := loaded(t, load(folder, nil))
	deploy(t, folder, map[string]string{
		"content/a.md": strings.Repeat("a\n\n", longestText), "content/b.md": "New B\n" + strings.Repeat(">", 1000), "content/c.md": "New C",
	})
	second := load(folder, first)
	same(t, "problems", texts(folder, second.Problems), []string{
		"content/a.md: a page may have 4 MB of text: split it",
		"content/b.md:2: 1000 quotes and lists (> - * + 1.) within each other are more than 100: put text that is no Markdown into a file of its own",
	})
	for url, want := range map[string]string{"/a/": "Old A", "/b/": "Old B", "/c/": "New C"} {
		if _, body, _ := get(t, second.Value, url); !strings.Contains(body, want) {
			t.Errorf("%s: want %q", url, want)
		}
	}
}

// FuzzExcess reads any bytes: mistakes lie within the text.
func FuzzExcess(f *testing.F) {
	for _, seed := range []string{"> - 1. a\n\n```\n[\n", "|a|\n|-|\n", "\t\t* \r\n1)", "-"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if line, mistake := excess(text); mistake != "" && line > bytes.Count(text, []byte("\n")) {
			t.Errorf("%s in line %d of %q", mistake, line, text)
		}
	})
}
