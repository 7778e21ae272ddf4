package markdown

import (
	"bytes"
	"fmt"
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
		{"quotes", "a\n\n" + strings.Repeat(">", 101) + " b\n", "3: 101" + deep},
		{"very many quotes", strings.Repeat(">", 2<<20), "1: 2097152" + deep},
		{"lists in a line", "\n\n" + strings.Repeat("- ", 101) + "a", "3: 101" + deep},
		{"all kinds", strings.Repeat(">1. *\t+ 2) ", 21), "1: 105" + deep},
		{"lists by indentation", list(0, 101), "101: 101" + deep},
		{"quotes in lists", list(0, 60) + strings.Repeat(" ", 120) + strings.Repeat("- ", 20) + strings.Repeat(">", 21), "61: 101" + deep},
		{"brackets", "a\n" + strings.Repeat("[a](\n", 10_001), "5002: " + marks},
		{"emphasis", strings.Repeat("*a_", 5001), "1: " + marks},
		{"table", strings.Repeat("|a", 600) + "\n" + strings.Repeat("|-", 600) + "\n", "2: this table has more than 500 columns: split it"},

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
		got := ""
		if line, mistake := Excess([]byte(test.text)); mistake != "" {
			got = fmt.Sprintf("%d: %s", line+1, mistake)
		}
		if got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, test.want)
		}
	}
}

// FuzzExcess reads any bytes: mistakes lie within the text.
func FuzzExcess(f *testing.F) {
	for _, seed := range []string{"> - 1. a\n\n```\n[\n", "|a|\n|-|\n", "\t\t* \r\n1)", "-"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if line, mistake := Excess(text); mistake != "" && line > bytes.Count(text, []byte("\n")) {
			t.Errorf("%s in line %d of %q", mistake, line, text)
		}
	})
}
