package content

import (
	"strings"
	"testing"
)

// rendered is the text of a page below p in a small site.
func rendered(t *testing.T, text string) string {
	t.Helper()
	s := siteOf(t, map[string]string{"content/p/x.md": text, "content/p/2026-01-02-y.md": "Y", "content/z.md": "Z"})
	return string(s.generation.pages[s.generation.sources["p/x.md"]].Content())
}

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
		{"Zola's link", "[y](@/p/2026-01-02-y.md#b)", `href="/p/y/#b"`},
		{"link by file", "[z](../z.md) ![i](i.png)", `href="/z/">z</a> <img src="/p/x/i.png"`},
		{"relative link", "[y](../y/?a=b#c)", `href="/p/y/?a=b#c"`},
		{"links that stay", "[a](/a) [b](#b) [c](mailto:c@d) [e](//e/f) [g](@/none.md)", `href="/a">a</a> <a href="#b">b</a> <a href="mailto:c@d">c</a> <a href="//e/f">e</a> <a href="@/none.md"`},
	} {
		if got := rendered(t, test.text); !strings.Contains(got, test.want) {
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
		if got := rendered(t, test.text); !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q in it", test.name, got, test.want)
		}
	}
}

func TestWhatIsForAnotherProgramIsNoted(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"content/a.md":        "+++\ntitle = 'A'\nexpiryDate = 2020-01-01\n+++\n\n{{< youtube x >}}\n\n```\n{{< in code >}}\n```\nand `{{% so %}}`\n",
		"content/b.md":        "{{ gallery() }} and {% quote(by=1) %}",
		"layouts/single.html": "",
	})
	l := load(folder, nil)
	want := []string{
		`content/a.md:3: "expiryDate" has no effect here: the page is served as if it were not said`,
		"content/a.md:6: {{< youtube… is a shortcode of Zola or Hugo, and is shown as it is: write HTML in its place",
		"content/b.md:1: {{ gallery(… is a shortcode of Zola or Hugo, and is shown as it is: write HTML in its place",
		"layouts: this folder is Hugo's and is left out: tinycdn's templates lie in templates",
	}
	same(t, "notes", texts(folder, l.Notes), want)
	same(t, "notes of a site that has not changed", texts(folder, load(folder, loaded(t, l)).Notes), want)
}
