package markdown

import (
	"slices"
	"strings"
	"testing"
)

func TestMarkdownIsGitHubs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"table", "| a |\n|--:|\n| 1 |\n", `<td style="text-align:right">1</td>`},
		{"struck out", "~~a~~", "<del>a</del>"},
		{"task", "- [x] a", `<input checked="" disabled="" type="checkbox"> a`},
		{"bare link", "https://example.com/", `<a href="https://example.com/">https://example.com/</a>`},
		{"footnote", "a[^1]\n\n[^1]: b", `<li id="fn:1">`},
		{"quotes stay", `"a" -- b...`, "&quot;a&quot; -- b..."},
		{"HTML stays", "<details><summary>a</summary></details>", "<details><summary>a</summary></details>"},
		{"id of a heading", "Two Words\n---", `<h2 id="two-words">`},
		{"id in another script", "## Größe, 大きさ!", `<h2 id="größe-大きさ">`},
		{"the same heading again", "## A\n## A\n## A\n", `<h2 id="a-2">A</h2>`},
		{"id of one's own", "## A {#b}", `<h2 id="b">A</h2>`},
		{"id of no words", "## !", `<h2 id="section">`},
	} {
		if got := string(New().HTML(Text{Markdown: []byte(test.text)})); !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q in it", test.name, got, test.want)
		}
	}
}

func TestCodeHasItsWordsMarked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"Go", "```go\nfunc f() {} // <x>\n```", "<pre tabindex=\"0\"><code class=\"language-go\"><span class=k>func </span><span class=f>f</span>() {} <span class=c>// &lt;x&gt;\n</span></code></pre>\n"},
		{"TOML as Zola has it", "```toml,linenos\na = 1\n```", "<code class=\"language-toml\">a = <span class=n>1\n</span></code>"},
		{"unknown language", "```x<y\n<&\n```", "<code class=\"language-x&lt;y\">&lt;&amp;\n</code>"},
		{"no language", "```\n<\n```", "<pre tabindex=\"0\"><code>&lt;\n</code></pre>"},
		{"indented", "    <", "<pre><code>&lt;\n</code></pre>"},
		{"difference", "```diff\n-a\n+b\n```", "<span class=gd>-a\n</span><span class=gi>+b\n</span>"},
	} {
		if got := string(New().HTML(Text{Markdown: []byte(test.text)})); !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q in it", test.name, got, test.want)
		}
	}
}

func TestLinksAndPicturesAreResolved(t *testing.T) {
	t.Parallel()
	resolve := func(target []byte) []byte { return append([]byte("/x/"), target...) }
	text := "[a](b) ![c](d) [e] <https://example.org/>\n\n[e]: f\n"
	got := string(New().HTML(Text{Markdown: []byte(text), Resolve: resolve}))
	want := `<p><a href="/x/b">a</a> <img src="/x/d" alt="c"> <a href="/x/f">e</a> <a href="https://example.org/">https://example.org/</a></p>` + "\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSummaries(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Long. ", 200)
	for _, test := range []struct {
		name, text, description, want string
		whole                         bool
	}{
		{"a text that is brief", "One.\n\n# Head\n\nTwo.", "D", "<p>One.</p>\n<h1>Head</h1>\n<p>Two.</p>\n", true},
		{"the text before the mark", "One [a].\n\nTwo.[^1]\n\n<!-- more -->\n\nThree.\n\n[a]: /x\n[^1]: note", "D", "<p>One <a href=\"/x\">a</a>.</p>\n<p>Two.</p>\n", false},
		{"the same without definitions", "One.\n\n<!--more-->\n\n" + long, "", "<p>One.</p>\n", false},
		{"the description", long, "a < b", "<p>a &lt; b</p>\n", false},
		{"the first paragraph", "# Head\n\n*One*\n\n" + long, "", "<p><em>One</em></p>\n", false},
		{"no paragraph", "# " + long, "", "", false},
		{"nothing", "", "D", "", true},
	} {
		if got := string(New().Summary(Text{Markdown: []byte(test.text)}, test.description)); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		if got := Whole([]byte(test.text)); got != test.whole {
			t.Errorf("%s: all of it: got %v", test.name, got)
		}
	}
}

func TestLanguagesOfCodeAreFound(t *testing.T) {
	t.Parallel()
	got := languages(slices.Values([][]byte{[]byte("```go\n```\n> ~~~ toml,linenos\n"), []byte("a\n\t````rust {x}\n"), nil}))
	for _, want := range []string{"go", "toml", "rust"} {
		if !got[want] {
			t.Errorf("%s is not among %v", want, got)
		}
	}
	New().Prewarm(slices.Values([][]byte{[]byte("```go\n```\n")}))
}
