package content

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/content/markdown"
	"tinycdn/webserver/page"
)

// deploy changes files of a site under way. Their time is another than before, as it is after an edit.
func deploy(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	write(t, folder, files)
	later := time.Now().Add(time.Hour)
	for name := range files {
		if err := os.Chtimes(filepath.Join(folder, name), later, later); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPageWithAMistakeStaysAsItWas(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"content/a.md": "Old A", "content/b.md": "Old B", "templates/special.html": "{{.Page.Content}}"})
	first := loaded(t, load(folder, nil))
	deploy(t, folder, map[string]string{
		"content/a.md": "+++\nslug = 'a/b'\n+++\nNew A", "content/b.md": "+++\ntilte = 'A'\nlink = 'b'\n+++\nNew B",
		"content/c.md": "+++\ndraft = 'perhaps'\n+++\nNew C",
	})
	second := load(folder, first)
	same(t, "problems", texts(folder, second.Problems), []string{
		`content/a.md:2: slug: "a/b" is not one part of a path`,
		`content/c.md:2: draft: want true or false, not "perhaps"`,
	})
	same(t, "notes", texts(folder, second.Notes), []string{
		`content/b.md:2: unknown key "tilte" (did you mean "title"? what is your own goes into [extra])`,
		`content/b.md:3: link: "b" is not a URL like "https://example.org/"`,
	})
	for url, want := range map[string]string{"/a/": "Old A", "/b/": "New B"} {
		if _, body, _ := get(t, second.Value, url); !strings.Contains(body, want) {
			t.Errorf("%s: want %q", url, want)
		}
	}
	if status, _, _ := get(t, second.Value, "/c/"); status != 404 {
		t.Errorf("a page that never was right: got %d, want 404", status)
	}
	third := load(folder, second.Value) // nothing was mended
	if _, body, _ := get(t, third.Value, "/a/"); !strings.Contains(body, "Old A") || len(third.Problems) != 2 {
		t.Errorf("the last good page is lost after a while: %v", third.Problems)
	}
	deploy(t, folder, map[string]string{"content/a.md": "Mended A", "content/c.md": "C"})
	if _, body, _ := get(t, loaded(t, load(folder, third.Value)), "/a/"); !strings.Contains(body, "Mended A") {
		t.Error("the mended page is not served")
	}
}

func TestATemplateThatFailsKeepsThePagesThatItShows(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"content/a.md": "+++\ntemplate = 'own.html'\n+++\nA", "content/b.md": "B", "templates/own.html": "old {{.Page.Content}}",
	})
	first := loaded(t, load(folder, nil))
	deploy(t, folder, map[string]string{
		"templates/own.html": "new\n{{.Page.Contents}}", "content/a.md": "+++\ntemplate = 'own.html'\n+++\nnew A", "content/b.md": "new B",
		"content/c.md": "+++\ntemplate = 'onw.html'\n+++\nC",
	})
	l := load(folder, first)
	same(t, "problems", texts(folder, l.Problems), []string{
		`templates/own.html:2: can't evaluate field Contents in type *content.Page`,
	})
	same(t, "notes", texts(folder, l.Notes), []string{
		`content/c.md:2: there is no template "onw.html" (did you mean "own.html"?): page.html stands in for it`,
	})
	for url, want := range map[string]string{"/a/": "old <p>A</p>", "/b/": "new B", "/c/": "<p>C</p>"} {
		if _, body, _ := get(t, l.Value, url); !strings.Contains(body, want) {
			t.Errorf("%s: got %q, want %q", url, body, want)
		}
	}
}

func TestABrokenTemplateKeepsTheWholeSite(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, file, text, want string }{
		{"syntax", "page.html", "a\n{{if .Title}}", "templates/page.html:2: unexpected EOF"},
		{"unknown function", "partials/x.html", "{{ partial . }}", `templates/partials/x.html:1: function "partial" not defined (beside Go's own there are safe and day)`},
		{"of Zola", "base.html", "<p>\n{% block a %}", "templates/base.html:2: this is a template of Zola (Tera) or Jinja: here they are Go's html/template, {{if .Title}} and not {% if title %}"},
	} {
		folder := t.TempDir()
		write(t, folder, map[string]string{"content/a.md": "A"})
		first := loaded(t, load(folder, nil))
		write(t, folder, map[string]string{"templates/" + test.file: test.text})
		l := load(folder, first)
		if l.Value != nil {
			t.Errorf("%s: there is a site", test.name)
		}
		same(t, test.name, texts(folder, l.Problems), []string{test.want})
	}
}

func TestAFolderThatVanishesKeepsTheSite(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "site")
	write(t, folder, map[string]string{"content/a.md": "A"})
	first := loaded(t, load(folder, nil))
	if err := os.Remove(filepath.Join(folder, "content", "a.md")); err != nil {
		t.Fatal(err)
	}
	if l := load(folder, first); l.Value != nil || len(l.Problems) != 1 || !strings.Contains(l.Problems[0].Text, "no pages are in this folder") {
		t.Errorf("an empty folder: got %v", l.Problems)
	}
	write(t, folder, map[string]string{"CHANGES.md": "no page"})
	if err := os.Remove(filepath.Join(folder, "content")); err != nil {
		t.Fatal(err)
	}
	if l := load(folder, first); l.Value != nil || len(l.Problems) != 1 || l.Problems[0].Text != "this folder is gone" {
		t.Errorf("no content folder: got %v", l.Problems)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	l := load(folder, first)
	if l.Value != nil || len(l.Problems) != 1 || !strings.Contains(l.Problems[0].Text, "the site's folder cannot be read") {
		t.Errorf("no folder: got %v", l.Problems)
	}
	if info, looked := l.Files[folder]; info != nil || !looked {
		t.Error("nobody would see the folder come back")
	}
	if _, body, _ := get(t, first, "/a/"); !strings.Contains(body, "<p>A</p>") {
		t.Error("the site that stays has lost a page")
	}
}

func TestAnotherFolderIsAnotherSite(t *testing.T) {
	t.Parallel()
	one, other := t.TempDir(), t.TempDir()
	write(t, one, map[string]string{"content/a.md": "A", "content/b.md": "B"})
	write(t, other, map[string]string{"a.md": "+++\ndraft = 2\n+++\n", "c.md": "C"})
	l := load(other, loaded(t, load(one, nil)))
	if l.Value == nil || len(l.Problems) != 1 {
		t.Fatalf("got %v", l.Problems)
	}
	for url, want := range map[string]int{"/a/": 404, "/b/": 404, "/c/": 200} {
		if status, _, _ := get(t, l.Value, url); status != want {
			t.Errorf("%s: got %d, want %d", url, status, want)
		}
	}
}

func TestOnlyWhatChangedIsMadeAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	post := func(date, text string) string { return "+++\ndate = " + date + "\ntags = ['t']\n+++\n" + text }
	write(t, folder, map[string]string{
		"content/1.md": post("2026-01-01", "one"), "content/2.md": post("2026-01-02", "two"), "content/3.md": post("2026-01-03", "three"),
		"content/x.md": "to [1](1.md)", "content/y.md": "other",
	})
	first := loaded(t, load(folder, nil))
	pages := map[string]*page.Page{}
	for url := range first.entries {
		_, _, pages[url] = get(t, first, url)
	}
	deploy(t, folder, map[string]string{"content/3.md": "+++\ntitle = 'Third'\ndate = 2026-01-03\ntags = ['t']\nslug = 'third'\n+++\nthree"})
	second := loaded(t, load(folder, first))
	for url, made := range map[string]bool{"/": true, "/1/": false, "/2/": true, "/third/": true, "/x/": false, "/y/": false, "/tags/t/": true, "/atom.xml": true} {
		_, _, p := get(t, second, url)
		if (p != pages[url]) != made {
			t.Errorf("%s: made again is %v, want %v", url, p != pages[url], made)
		}
	}
	if _, body, _ := get(t, second, "/2/"); !strings.Contains(body, `href="/third/"`) {
		t.Error("the neighbour still links to where the page was")
	}
	deploy(t, folder, map[string]string{"content/1.md": "+++\nslug = 'first'\ndate = 2026-01-01\n+++\none"})
	if _, body, _ := get(t, loaded(t, load(folder, second)), "/x/"); !strings.Contains(body, `href="/first/"`) {
		t.Error("a link by the file's name still leads to where the page was")
	}
}

// With templates of the owner's any page may show anything, so all are made again. The codings are kept all the same.
func TestAPageThatComesOutTheSameKeepsItsCodings(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"content/a.md": "A", "content/b.md": "B", "templates/page.html": "{{range .Site.Menu}}{{.Content}}{{end}}", "templates/own.html": "{{.Page.Content}}",
		"content/c.md": "+++\ntemplate = 'own.html'\n+++\nC",
	})
	first := loaded(t, load(folder, nil))
	_, _, a := get(t, first, "/a/")
	_, _, c := get(t, first, "/c/")
	deploy(t, folder, map[string]string{"content/b.md": "new B"})
	second := loaded(t, load(folder, first))
	if _, body, p := get(t, second, "/a/"); p == a || !strings.Contains(body, "new B") {
		t.Errorf("a page that shows another one stays as it was: %s", body)
	}
	if _, _, p := get(t, second, "/c/"); p.Negotiate("gzip") == c.Negotiate("gzip") || &p.Body()[0] != &c.Body()[0] {
		t.Error("a page that comes out the same is another one, or has the time of before")
	}
}

func TestARelease(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	write(t, home, map[string]string{"1/content/a.md": "one", "1/static/x.txt": "one", "2/content/a.md": "two", "2/static/x.txt": "two"})
	current := filepath.Join(home, "current")
	link := func(to string) {
		t.Helper()
		os.Remove(current)
		if err := os.Symlink(to, current); err != nil {
			t.Fatal(err)
		}
	}
	link("1")
	first := loaded(t, load(current, nil))
	link("2")
	l := load(current, first)
	for _, url := range []string{"/a/", "/x.txt"} {
		if _, body, _ := get(t, first, url); !strings.Contains(body, "one") {
			t.Errorf("%s of the first release: got %q", url, body)
		}
		if _, body, _ := get(t, loaded(t, l), url); !strings.Contains(body, "two") {
			t.Errorf("%s of the second release: got %q", url, body)
		}
	}
	if l.Files[current] == nil {
		t.Error("nobody would see the next release")
	}
}

func TestNothingOutsideTheFolderIsRead(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	write(t, home, map[string]string{"secret.md": "secret", "secrets/x.md": "secret", "secret.html": "secret", "site/content/a.md": "A", "site/templates/b.html": "b"})
	for name, to := range map[string]string{
		"content/secret.md": "../../secret.md", "content/more": "../../secrets", "templates/page.html": "../../secret.html", "config.toml": "../secret.md",
	} {
		if err := os.Symlink(to, filepath.Join(home, "site", name)); err != nil {
			t.Fatal(err)
		}
	}
	folder := filepath.Join(home, "site")
	l := load(folder, nil)
	for url := range loaded(t, l).entries {
		if _, body, _ := get(t, l.Value, url); strings.Contains(body, ">secret<") {
			t.Errorf("%s shows what is outside", url)
		}
	}
	same(t, "notes", texts(folder, l.Notes), []string{
		"content/more: this leads nowhere, or out of the site; it is left out",
		"content/secret.md: this leads nowhere, or out of the site; it is left out",
		"templates/page.html: this leads nowhere, or out of the site; it is left out",
	})
	if !l.Files.Unchanged() {
		t.Error("it would look as if the folder changed all the time")
	}
}

func TestAPageThatIsTooMuchStaysAsItWas(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"content/a.md": "Old A", "content/b.md": "Old B", "content/c.md": "Old C"})
	first := loaded(t, load(folder, nil))
	deploy(t, folder, map[string]string{
		"content/a.md": strings.Repeat("a\n\n", markdown.LongestText), "content/b.md": "New B\n" + strings.Repeat(">", 1000), "content/c.md": "New C",
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
