package content

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func TestTemplatesOfTheOwnerTakeThePlaceOfOurs(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{
		"config.toml":               "title = 'T'\ndescription = 'D'\n[extra]\nmotto = 'M'",
		"content/a.md":              "+++\ntitle = 'A'\n[extra]\nmood = 'good'\n+++\nText",
		"content/b.md":              "+++\ntemplate = 'wide/b.html'\n+++\nText",
		"content/c/d.md":            "+++\ndate = 2026-01-02\ntags = ['x']\n+++\nText",
		"templates/_footer.html":    `{{define "footer"}}<footer>{{.Site.Extra.motto}}{{.Site.Extra.none}}</footer>{{end}}`,
		"templates/wide/b.html":     `{{template "partials/p.html" .}} {{.Page.Content}} {{safe "<hr>"}}`,
		"templates/partials/p.html": `{{range .Site.Pages}}{{.Title}} {{day "2006" .Date}}{{end}}`,
		"templates/section.html":    `{{template "base.html" .}}{{define "main"}}{{.Title}}: {{range .Pages}}{{.URL}} {{range .Tags}}{{.Name}}{{end}}{{end}}{{end}}`,
		"templates/404.html":        `{{.Status}} {{.StatusText}} {{.Site.Description}}`,
		"templates/page.html":       `{{template "base.html" .}}{{define "head"}}<meta name="mood" content="{{.Page.Extra.mood}}">{{end}}{{define "main"}}<b>{{.Page.Content}}</b>{{end}}`,
	})
	for url, wants := range map[string][]string{
		"/a/":   {`<meta name="mood" content="good">`, "<b><p>Text</p>\n</b>", "<footer>M</footer>", "<title>A · T</title>"},
		"/b/":   {"D 2026 <p>Text</p>\n <hr>"},
		"/c/":   {"C: /c/d/ x", "<footer>M</footer>"},
		"/":     {`<a href="/c/d/">D</a>`, "<footer>M</footer>"},
		"/nix/": {"404 Not Found D"},
	} {
		_, body, _ := get(t, s, url)
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s: got %q, want %q in it", url, body, want)
			}
		}
	}
	if got := string(s.Error(http.StatusGone).Body()); got != "410 Gone D" {
		t.Errorf("410: got %q", got)
	}
}

func TestTheHeadSaysWhatAPageIs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"config.toml":        "title = 'T'\ndescription = 'D'\n[extra]\nrel_me = ['https://social.example/@me', 'javascript:x', 3, 'https:///x']",
		"content/post.md":    "+++\ntitle = 'P \"<b>\"'\ndescription = 'of P'\ndate = 2026-01-01\nlink = 'https://example.com/'\n+++\nText",
		"content/about.md":   "About",
		"templates/404.html": `{{template "base.html" .}}`,
	})
	l := load(folder, nil)
	s := loaded(t, l)
	meta := func(name, value string) string { return `<meta property="og:` + name + `" content="` + value + `">` }
	for url, wants := range map[string][]string{
		"/": {meta("title", "T"), meta("type", "website"), meta("url", "https://example.org/"), meta("description", "D"), `<link rel="me" href="https://social.example/@me">`},
		"/post/": {meta("title", "P &#34;&lt;b&gt;&#34;"), meta("type", "article"), meta("url", "https://example.org/post/"), meta("description", "of P"),
			`<link rel="me" href="https://social.example/@me">`},
		"/about/": {meta("title", "About"), meta("type", "website")},
		"/none/":  {`<link rel="me" href="https://social.example/@me">`},
	} {
		_, body, _ := get(t, s, url)
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s in it:\n%s", url, want, body)
			}
		}
		if url == "/none/" && strings.Contains(body, "og:") || url == "/about/" && strings.Contains(body, "og:description") || strings.Count(body, `rel="me"`) != 1 {
			t.Errorf("%s says too much:\n%s", url, body)
		}
	}
	const note = `config.toml:4: rel_me: want a list of URLs like "https://social.example/@me"`
	same(t, "notes", texts(folder, l.Notes), []string{note})
}

func TestErrorsHavePagesOfTheSite(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{"config.toml": "title = 'T'", "a.md": "A"})
	for status, life := range map[int]string{404: "public, max-age=10", 500: "no-store", 503: "no-store"} {
		p := s.Error(status)
		if p == nil || p.Status != status || field(p, "Cache-Control") != life || !strings.Contains(string(p.Body()), `<a class="name" href="/"`) {
			t.Errorf("%d: got %+v", status, p)
		}
	}
	if p := s.Error(http.StatusTeapot); p != nil {
		t.Errorf("a status that nobody sees has a page")
	}
	if err := s.Health(); err != nil {
		t.Error(err)
	}
}

// A template may work without a text and fail with one. Then the visitor sees an error of the site, and both check and
// the log tell; the log once, however many want the page.
func TestATemplateThatFailsOnATextIsAnErrorOfThatPage(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"content/a.md": "A", "content/b.md": "+++\ntemplate = 'first.html'\n+++\nB", "templates/first.html": "{{with .Page.Content}}\n{{.None}}{{end}}",
	})
	var log strings.Builder
	s := loaded(t, Load(Config{Folder: folder, Host: "example.org", Memory: 16 << 20, Log: slog.New(slog.NewTextHandler(&log, nil))}, nil))
	for range 3 {
		if status, _, p := get(t, s, "/b/"); status != 500 || field(p, "Cache-Control") != "no-store" {
			t.Errorf("got %d", status)
		}
	}
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "templates/first.html:2: can't evaluate") {
		t.Errorf("the log has %q, want one line with the reason", log.String())
	}
	if status, _, _ := get(t, s, "/a/"); status != 200 {
		t.Errorf("the other page: got %d", status)
	}
	problems, _ := s.Check(nil)
	same(t, "check", texts(folder, problems), []string{
		"templates/first.html:2: can't evaluate field None in type template.HTML (on the page of content/b.md)",
	})
}

func TestNothingIsFetchedFromElsewhere(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{"content/a.md": "+++\ndate = 2026-01-01\ntags = ['x']\nlink = 'https://example.com/'\n+++\nA"})
	for url := range s.entries {
		_, body, _ := get(t, s, escaped(url))
		for _, fetch := range []string{" src=", "@import", "url(", `rel="stylesheet"`} {
			if strings.Contains(body, fetch) {
				t.Errorf("%s holds %q", url, fetch)
			}
		}
	}
}

func TestASiteWithoutANameHasNoHostInItsLinks(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"content/a.md": "+++\ndate = 2026-01-01\n+++\nA"})
	for _, test := range []struct{ host, config, base string }{
		{"*", "", "http://localhost"},
		{"*", "base_url = 'https://blog.example/'", "https://blog.example"},
		{"example.org", "baseURL = 'https://blog.example/'", "https://example.org"},
	} {
		write(t, folder, map[string]string{"config.toml": test.config})
		s := loaded(t, Load(Config{Folder: folder, Host: test.host, Memory: 1 << 20}, nil))
		if _, body, _ := get(t, s, "/atom.xml"); !strings.Contains(body, "<id>"+test.base+"/a/</id>") {
			t.Errorf("%s %s: got %s", test.host, test.config, body)
		}
		if _, body, _ := get(t, s, "/a/"); strings.Contains(body, "localhost") {
			t.Errorf("%s %s: the page speaks of localhost", test.host, test.config)
		}
	}
}

func TestATemplateCannotTakeAllMemory(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"it writes more than 32 MB":  "{{range 1000000000}}" + strings.Repeat("and on ", 10_000) + "{{end}}",
		"exceeded maximum template":  `{{define "x"}}{{template "x" .}}{{end}}{{template "x" .}}`,
		"a template may have 256 kB": strings.Repeat("{{if 1}}", 700_000) + strings.Repeat("{{end}}", 700_000),
	} {
		folder := t.TempDir()
		write(t, folder, map[string]string{"content/a.md": "A", "templates/page.html": text})
		loaded := load(folder, nil)
		if len(loaded.Problems) == 0 || !strings.Contains(loaded.Problems[0].Text, what) {
			t.Errorf("got %v, want %q", loaded.Problems, what)
		}
	}
}
