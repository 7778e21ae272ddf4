package content

import (
	"strings"
	"testing"

	"tinycdn/webserver/files"
	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

func TestASiteLiesBelowThePathOfItsBaseURL(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"config.toml":           "base_url = 'https://example.org/my blog/'\npaginate_by = 1",
		"content/a.md":          "+++\ndate = 2026-01-01\ntags = ['x']\naliases = ['/old']\n+++\n[b](b/index.md) [b](@/b/index.md#h) ![p](p.png) [top](/my%20blog/a/) [out](/elsewhere/)\n",
		"content/b/index.md":    "+++\ndate = 2026-01-02\n+++\n## H\n![pic](pic.png)",
		"content/b/pic.png":     "pic",
		"content/about.md":      "About",
		"static/favicon.svg":    "<svg/>",
		"static/docs/x.html":    "docs",
		"static/d/index.html":   "d",
		"static/.well-known/it": "known",
	})
	l := Load(Config{Folder: folder, Host: "example.org", Memory: 16 << 20, Rules: []page.Rule{
		{Pattern: "/my blog/docs/*", Value: "no-store"}, {Pattern: "/my blog/a/", Value: "no-cache"}, {Pattern: "/docs/*", Value: "wrong"},
	}, Types: []files.TypeRule{{Pattern: "/my%20blog/docs/*", Type: "text/x-docs"}, {Pattern: "*.png", Type: "image/x-own"}, {Pattern: "*.xml", Type: "none/ours"}}}, nil)
	s := loaded(t, l)
	same(t, "notes", texts(folder, l.Notes), []string{"config.toml:1: the site lies below /my blog/, as this says"})
	for url, want := range map[string]string{
		"/": "302 /my%20blog/", "/my%20blog": "301 /my%20blog/", "/my%20blog?a=b": "301 /my%20blog/?a=b", "/my%20blog/a": "301 /my%20blog/a/", "/my%20blog//a": "301 /my%20blog/a/",
		"/my%20blog/old": "301 /my%20blog/a/", "/my%20blog/d": "301 /my%20blog/d/", "/my%20blog/rss.xml": "301 /my%20blog/atom.xml",
		"/my%20blog/": "200", "/my%20blog/page/2/": "200", "/my%20blog/a/": "200", "/my%20blog/b/pic.png": "200", "/my%20blog/docs/x": "200",
		"/my%20blog/robots.txt": "200", "/robots.txt": "200", "/my%20blog/tags/x/": "200",
		"/a/": "404", "/docs/x": "404", "/my%20blogs/a/": "404", "/my%20blog/none/": "404", "/favicon.svg": "404",
	} {
		p := ask(s, "GET", url).Page
		got := strings.TrimSpace(map[int]string{200: "200", 301: "301 ", 302: "302 ", 404: "404"}[p.Status] + field(p, "Location"))
		if got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
	for url, want := range map[string]string{
		"/my%20blog/docs/x": "text/x-docs", "/my%20blog/b/pic.png": "image/x-own", "/my%20blog/favicon.svg": "image/svg+xml",
		"/my%20blog/sitemap.xml": "application/xml; charset=utf-8",
	} {
		if got := field(ask(s, "GET", url).Page, "Content-Type"); got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
	for url, wants := range map[string][]string{
		"/my%20blog/a/": {`href="/my%20blog/b/">b</a> <a href="/my%20blog/b/#h">`, `src="/my%20blog/a/p.png"`, `class="name" href="/my%20blog/"`,
			`href="/my%20blog/atom.xml"`, `href="/my%20blog/tags/"`, `href="/my%20blog/favicon.svg"`, `canonical" href="https://example.org/my%20blog/a/"`, `href="/my%20blog/about/"`},
		"/my%20blog/":            {`href="/my%20blog/page/2/"`, `href="/my%20blog/b/"`},
		"/my%20blog/atom.xml":    {"https://example.org/my%20blog/a/", "https://example.org/my%20blog/atom.xml"},
		"/my%20blog/sitemap.xml": {"<loc>https://example.org/my%20blog/a/</loc>"},
	} {
		_, body, _ := get(t, s, url)
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s in it:\n%s", url, want, body)
			}
		}
	}
	for url, want := range map[string]string{"/my%20blog/a/": "no-cache", "/my%20blog/docs/x": "no-store"} {
		if _, _, p := get(t, s, url); field(p, "Cache-Control") != want {
			t.Errorf("%s: got %s, want %s", url, field(p, "Cache-Control"), want)
		}
	}
	same(t, "dead links", texts(folder, everything(s.Check())), []string{
		`content/a.md:6: "/my%20blog/a/p.png" leads nowhere: the site has no /my blog/a/p.png`,
		`content/a.md:6: "/elsewhere/" leads nowhere: the site has no /elsewhere/`,
	})
}

func TestABaseURLWithoutAPathOfURLsIsPassedOver(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://example.org/": "", "/blog/": "/blog", "https://example.org/a/../b": "", "https://example.org//b": "", "blog": "", "$BASE_URL": "",
	} {
		folder := t.TempDir()
		write(t, folder, map[string]string{"config.toml": "base_url = '" + base + "'", "content/a.md": "A"})
		if s := loaded(t, load(folder, nil)); s.generation.settings.root != want {
			t.Errorf("%s: got %q, want %q", base, s.generation.settings.root, want)
		}
	}
}

// everything is what Check finds, of whatever weight.
func everything(problems, dead []diag.Problem) []diag.Problem { return append(problems, dead...) }
