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
	same(t, "dead links", texts(folder, everything(s.Check(nil))), []string{
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

// TestTheConfigurationPutsASiteBelowAPath: whatever base_url says.
func TestTheConfigurationPutsASiteBelowAPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, host, below, root, url, note string }{
		{"", "example.org", "/blog", "/blog", "https://example.org/blog", ""},
		{"https://example.org", "example.org", "/blog", "/blog", "https://example.org/blog", ""},
		{"https://example.org/blog/", "example.org", "/blog", "/blog", "https://example.org/blog", ""},
		{"https://example.org/v2/", "example.org", "/my blog", "/my blog", "https://example.org/my%20blog",
			"config.toml:1: the site lies below /my blog/, as the configuration says, and not below /v2/"},
		{"https://example.org/v2/", "*", "/blog", "/blog", "https://example.org/blog",
			"config.toml:1: the site lies below /blog/, as the configuration says, and not below /v2/"},
		{"", "*", "/blog", "/blog", "http://localhost/blog", ""},
	} {
		folder := t.TempDir()
		write(t, folder, map[string]string{"content/a.md": "A"})
		if c.base != "" {
			write(t, folder, map[string]string{"config.toml": "base_url = '" + c.base + "'"})
		}
		l := Load(Config{Folder: folder, Host: c.host, Below: c.below, Memory: 16 << 20}, nil)
		s := loaded(t, l)
		if got := s.generation.settings; got.root != c.root || got.base != c.url || strings.Join(texts(folder, l.Notes), "; ") != c.note {
			t.Errorf("%+v: got %s, %s, %v", c, got.root, got.base, texts(folder, l.Notes))
		}
		for path, status := range map[string]int{"/a/": 200, "": 301, "/a": 301, "/": 200, "/atom.xml": 200} {
			if p := ask(s, "GET", escaped(c.below)+path).Page; p.Status != status {
				t.Errorf("%s%s: got %d, want %d", c.below, path, p.Status, status)
			}
		}
		if p := ask(s, "GET", "/"+escaped(c.below)+"/a/").Page; field(p, "Location") != escaped(c.below)+"/a/" {
			t.Errorf("a slash too much: got %d %s", p.Status, field(p, "Location"))
		}
	}
}

func TestFilesBesideThePagesMayLeadToThem(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"content/a.md":  "[x](/docs/x) [other](/app/y) [none](/app/z)\n",
		"static/x.html": `<a href="/docs/a/">a</a><a href="/docs/x#none">x</a><a href="/docs/none">n</a><a href="/app/z">z</a><a href="/app/y">y</a>`,
	})
	s := loaded(t, Load(Config{Folder: folder, Host: "example.org", Below: "/docs", Memory: 16 << 20}, nil))
	_, dead := s.Check(func(path string) (other, there bool) { return strings.HasPrefix(path, "/app/"), path == "/app/y" })
	same(t, "dead links", texts(folder, dead), []string{
		`content/a.md:1: "/app/z" leads nowhere: the site has no /app/z`,
		`static/x.html:1: "/docs/none" leads nowhere: the site has no /docs/none`,
		`static/x.html:1: "/app/z" leads nowhere: the site has no /app/z`,
		`static/x.html:1: "/docs/x#none" leads nowhere: /docs/x has no element with the id "none"`,
	})
}

// everything is what Check finds, of whatever weight.
func everything(problems, dead []diag.Problem) []diag.Problem { return append(problems, dead...) }
