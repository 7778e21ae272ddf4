package content

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// rendered is the text of a page below p in a small site.
func rendered(t *testing.T, text string) string {
	t.Helper()
	s := siteOf(t, map[string]string{"content/p/x.md": text, "content/p/2026-01-02-y.md": "Y", "content/z.md": "Z"})
	return string(s.generation.pages[s.generation.sources["p/x.md"]].Content())
}

func TestLinksLeadToPages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
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

func TestWhatStandsInListsLeadsWhereItDoesOnItsPage(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{
		"content/p/a.md": "+++\ndate = 2026-01-01\n+++\n[part](#part) <a class=x href='#part'>x</a> <img alt=\"a > b\" src=pic.png> `<a href=\"no\">`\n\n" +
			"<video poster=\"v.png?a&amp;b\"><source src='/abs.mp4'></video> <a href=\"b.md\">b</a> <a href=\"mailto:a@b\">m</a>\n\n## Part\n",
		"content/p/b.md": "+++\ndate = 2026-01-02\nsummary = '<a href=\"#b\">b</a>'\n+++\nB",
	})
	_, home, _ := get(t, s, "/")
	for _, want := range []string{
		`<a href="/p/a/#part">part</a> <a class=x href='/p/a/#part'>x</a> <img alt="a > b" src=/p/a/pic.png> <code>&lt;a href=&quot;no&quot;&gt;</code>`,
		`<video poster="/p/a/v.png?a&amp;b"><source src='/abs.mp4'></video> <a href="/p/b/">b</a> <a href="mailto:a@b">m</a>`,
		`<a href="/p/b/#b">b</a>`,
	} {
		if !strings.Contains(home, want) {
			t.Errorf("no %s in it:\n%s", want, home)
		}
	}
	if _, body, _ := get(t, s, "/p/a/"); !strings.Contains(body, `<a href="#part">part</a> <a class=x href='#part'>`) {
		t.Errorf("on its own page it is another:\n%s", body)
	}
}

func TestWhatIsForAnotherProgramIsNoted(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"content/a.md":        "+++\ntitle = 'A'\noutputs = []\n+++\n\n{{< youtube x >}} {{< youtube y >}}\n\n```\n{{< in code >}}\n```\nand `{{% so %}}`\n",
		"content/b.md":        "{{ gallery() }} and {% quote(by=1) %}",
		"layouts/single.html": "",
	})
	l := load(folder, nil)
	want := []string{
		`content/a.md:3: "outputs" has no effect here: the page is served as if it were not said`,
		"content/a.md:6: shortcodes of Zola or Hugo are shown as they are: write HTML in their place, or let that program build the site, and serve what it builds as root (2 pages; this is the first)",
		"layouts: this folder is Hugo's and is left out: tinycdn's templates lie in templates",
	}
	same(t, "notes", texts(folder, l.Notes), want)
	same(t, "notes of a site that has not changed", texts(folder, load(folder, loaded(t, l)).Notes), want)
}

func TestCodeThatNoLexerCanTakeIsShownWithoutColours(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	files := map[string]string{
		"content/good.md": "+++\ndate = 2026-01-01\n+++\n```go\nfunc f() {}\n```\n",
		"content/sum.md":  "+++\ntitle = 'S'\nsummary = \"\"\"\n```jungle\n{\n```\n\"\"\"\ndate = 2026-01-01\n+++\nS\n",
	}
	for name, code := range map[string]string{"a": "jungle\na = ${b}", "b": "yang\n/* see ietf/*.yang */", "c": "spade\nfn f(x: &'a int) {}"} {
		files["content/"+name+".md"] = "+++\ntitle = 'T'\ndate = 2026-01-01\n+++\n\nText\n\n```" + code + "\n```\n"
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
	write(t, folder, map[string]string{"content/a.md": "```jsonata\n$replace(x, /\\s+/, \" \")\n```\n"})
	s := loaded(t, load(folder, nil))
	if problems, dead := s.Check(nil); len(problems)+len(dead) > 0 {
		t.Errorf("it is no mistake: %v, %v", problems, dead)
	}
	same(t, "notes", texts(folder, s.CheckNotes()), []string{"content/a.md:1: this jsonata code has no colours: finding them does not end"})
}
