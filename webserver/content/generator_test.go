package content

import "testing"

func TestURLsThatWereOthersAreNoted(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"content/v0.4_notes.md": "A", "content/été.md": "B", "content/plain-name.md": "C", "content/2026-01-02-dated.md": "D",
		"content/said.x.md": frontOf("path = 'said.x'"), "content/slug.md": frontOf("slug = 'a_b'"), "content/what's new/_index.md": "E",
		"content/about.fr.md": "F", "content/about.md": "G",
	}
	const (
		translation = "content/about.fr.md:1: this is a translation: tinycdn has none, and shows it as a page of its own"
		slugs       = "content/slug.md:2: Zola gives this page another URL (its slugs have nothing but a to z, 0 to 9 and hyphens): an alias keeps the old one (4 pages; this is the first)"
	)
	for _, test := range []struct {
		name, file, text string
		want             []string
	}{
		{"ours", "config.toml", "title = 'T'", []string{translation}},
		{"Zola below a path", "config.toml", "base_url = 'https://example.org/a'\ncompile_sass = true", []string{
			"config.toml:1: the site lies below /a/, as this says", translation, slugs}},
		{"Zola", "config.toml", "base_url = 'https://example.org'", []string{translation,
			slugs}},
		{"Zola with dates", "zola.toml", "[slugify]\npaths = 'safe'\npaths_keep_dates = true", []string{
			"content/2026-01-02-dated.md:1: Zola keeps the date of a file's name in the URL, where it is left out here: an alias keeps the old URL", translation}},
		{"Hugo", "hugo.toml", "baseurl = 'https://example.org'\n[permalinks]\nposts = '/:year/:slug/'", []string{
			"content/2026-01-02-dated.md:1: Hugo keeps the date of a file's name in the URL, where it is left out here: an alias keeps the old URL", translation,
			`hugo.toml:2: "permalinks" has no effect here`}},
	} {
		folder := t.TempDir()
		write(t, folder, pages)
		write(t, folder, map[string]string{test.file: test.text})
		same(t, test.name, texts(folder, load(folder, nil).Notes), test.want)
	}
}

func TestFilesThatAreNoPagesAreNoted(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"content/a.md": "A", "content/B.MD": "+++\ndraft = true\n+++\n", "content/c.markdown": "C", "content/d.html": "<p>D", "content/e.html": "<p>E",
		"content/own/index.md": "own", "content/own/demo.html": "<p>demo", "content/own/F.MD": "F", "content/pic.png": "pic",
	})
	l := load(folder, nil)
	for url, want := range map[string]int{"/b/": 404, "/B.MD": 404, "/c/": 404, "/d.html": 404, "/own/demo.html": 200, "/own/F.MD": 404} {
		if status, _, _ := get(t, l.Value, url); status != want {
			t.Errorf("%s: got %d, want %d", url, status, want)
		}
	}
	same(t, "notes", texts(folder, l.Notes), []string{
		"content/B.MD: a page is a file *.md: this .MD is left out (2 pages; this is the first)",
		"content/c.markdown: a page is a file *.md: this .markdown is left out",
		"content/d.html: below content/ this .html is neither a page nor a page's own file: a page is a file *.md, and others lie in static/ (2 pages; this is the first)",
	})
}
