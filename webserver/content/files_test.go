package content

import (
	"strings"
	"testing"
)

func TestFilesAreServedAsTheyAre(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{
		"static/robots.txt":                     "mine",
		"static/css/x.css":                      "x",
		"static/favicon.svg":                    "<svg/>",
		"static/404.html":                       "lost",
		"content/a.md":                          "A",
		"content/p/bundle/index.md":             "B",
		"content/p/bundle/pic.png":              "pic",
		"content/p/bundle/more/data.csv":        "data",
		"content/p/2026-01-02-dated/index.md":   "D",
		"content/p/2026-01-02-dated/pic.png":    "dated",
		"content/p/draft/index.md":              "+++\ndraft = true\n+++\n",
		"content/p/draft/pic.png":               "secret",
		"content/p/loose.png":                   "loose",
		"content/docs/_index.md":                "",
		"content/docs/plan.pdf":                 "plan",
		"content/p/bundle/.hidden":              "hidden",
		"content/p/bundle/other.md":             "Other",
		"templates/partials/of-no-interest.txt": "",
	})
	for url, want := range map[string]string{
		"/robots.txt": "mine", "/css/x.css": "x", "/p/bundle/pic.png": "pic", "/p/bundle/more/data.csv": "data",
		"/p/dated/pic.png": "dated", "/docs/plan.pdf": "plan",
	} {
		if status, body, _ := get(t, s, url); status != 200 || body != want {
			t.Errorf("%s: got %d %q, want %q", url, status, body, want)
		}
	}
	for _, url := range []string{"/p/draft/pic.png", "/p/loose.png", "/p/bundle/.hidden", "/p/bundle/index.md", "/config.toml", "/static/css/x.css", "/templates/page.html"} {
		if status, body, _ := get(t, s, url); status != 404 {
			t.Errorf("%s: got %d %q, want 404", url, status, body)
		}
	}
	if _, body, _ := get(t, s, "/nowhere/"); body != "lost" {
		t.Errorf("the page for what is not there is not the site's own: %q", body)
	}
	if _, body, _ := get(t, s, "/a/"); !strings.Contains(body, `<link rel="icon" href="/favicon.svg">`) {
		t.Error("the icon is not the site's own")
	}
}

// A folder of Markdown and nothing else is a site too. What else lies about in it is not.
func TestAFolderOfMarkdownIsASite(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{
		"index.md": "Home", "a.md": "A", "README.md": "no page", "notes/b.md": "B", "public/c.md": "C", "key.pem": "secret", "config.toml": "title = 'T'",
		"static/x.txt": "x", "static/d.md": "D", "pics/index.md": "P", "notes/_index.md": "list", "pics/p.png": "p",
	})
	for url, want := range map[string]int{
		"/": 200, "/a/": 200, "/notes/b/": 200, "/x.txt": 200, "/pics/p.png": 200, "/d.md": 200,
		"/readme/": 404, "/README/": 404, "/public/c/": 404, "/key.pem": 404, "/config.toml": 404, "/static/d/": 404, "/static/x.txt": 404,
	} {
		if status, _, _ := get(t, s, url); status != want {
			t.Errorf("%s: got %d, want %d", url, status, want)
		}
	}
	if s.Pages() != 4 {
		t.Errorf("got %d pages, want 4", s.Pages())
	}
}

func TestFilesThatCannotBeReadDoNotTakeThePagesAlong(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"content/a.md": "A", "static": "a file, and not a folder"})
	l := load(folder, nil)
	if l.Value == nil || len(l.Problems) != 1 || !strings.Contains(l.Problems[0].Text, "cannot be read") {
		t.Fatalf("got %v", l.Problems)
	}
	for url, want := range map[string]int{"/a/": 200, "/x.css": 404} {
		if status, _, _ := get(t, l.Value, url); status != want {
			t.Errorf("%s: got %d, want %d", url, status, want)
		}
	}
	if problems, dead := l.Value.Check(nil); len(problems)+len(dead) > 0 {
		t.Errorf("got %v, %v", problems, dead)
	}
}
