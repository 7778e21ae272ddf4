package content

import (
	"html"
	"html/template"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

// slashless is a site without slashes at the end of its URLs, below a path or not.
func slashless(base string) map[string]string {
	return map[string]string{
		"config.toml":                         "base_url = 'https://example.org" + base + "'\ntrailing_slash = false\npaginate_by = 2",
		"content/_index.md":                   "Welcome: [first](2024/10/first/), [about](about.md)",
		"content/2024/_index.md":              frontOf("title = '2024'"),
		"content/2024/10/_index.md":           frontOf("title = 'October'"),
		"content/2024/10/2024-10-01-first.md": frontOf("tags = ['C++']", "aliases = ['/old/first/', 'was', '/2024/10/first']") + "## C\n",
		"content/2024/10/second/index.md": "+++\ndate = 2024-10-02\n+++\n![pic](pic.jpg) [first](../first/?a=b#c) [first](@/2024/10/2024-10-01-first.md) [about](../../../about.md#x) " +
			"[tag](" + base + "/tags/c++/) [top](" + base + "/) [abs](" + base + "/2024/10/) [folder](" + base + "/demo/)\n\n" +
			"<img src=pic.jpg srcset=\"pic.jpg 1x, pic.jpg?big 2x\"> <a href='../first/'>html</a> <a href='#part'>part</a>\n\n## Part\n",
		"content/2024/10/second/pic.jpg": "pic",
		"content/2024/10/third.md":       "+++\ndate = 2024-10-03\npath = '2024/10/03/third/'\n+++\nThird",
		"content/about.md":               "+++\ntitle = 'About'\n+++\n## X\n",
		"content/legacy.md":              frontOf("path = 'legacy.html'"),
		"static/demo/index.html":         "demo",
		"static/about/index.html":        "never",
	}
}

// tell is a status and where it sends the visitor.
func tell(s *Site, url string) string {
	p := ask(s, "GET", url).Page
	return strings.TrimSpace(map[int]string{200: "200", 301: "301 ", 302: "302 ", 404: "404"}[p.Status] + field(p, "Location"))
}

func TestURLsMayHaveNoSlashAtTheirEnd(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "/v2"} {
		folder := t.TempDir()
		write(t, folder, slashless(base))
		l := Load(Config{Folder: folder, Host: "example.org", Memory: 16 << 20, Rules: []page.Rule{{Pattern: page.Pattern(base + "/about"), Value: "no-cache"}}}, nil)
		s := loaded(t, l)
		for url, want := range map[string]string{
			"/": "200", "/2024": "200", "/2024/10": "200", "/2024/10/first": "200", "/2024/10/second": "200", "/2024/10/03/third": "200",
			"/about": "200", "/tags": "200", "/tags/c++": "200", "/page/2": "200", "/legacy.html": "200", "/atom.xml": "200",
			"/2024/10/second/pic.jpg": "200", "/demo/": "200", "/demo": "301 /demo/",
			"/2024/": "301 /2024", "/2024/10/": "301 /2024/10", "/2024/10/first/": "301 /2024/10/first", "/2024/10/first/?a=b": "301 /2024/10/first?a=b",
			"/2024/10/first/index.html": "301 /2024/10/first", "/about/": "301 /about", "/tags/": "301 /tags", "/tags/c++/": "301 /tags/c++",
			"/page/2/": "301 /page/2", "/index.html": "301 /", "/old/first": "301 /2024/10/first", "/old/first/": "301 /2024/10/first",
			"/was": "301 /2024/10/first", "/2024/10/was/": "301 /2024/10/first", "/none": "404", "/none/": "404", "/page/1": "404", "/rss.xml": "301 /atom.xml",
		} {
			want = strings.Replace(want, "301 /", "301 "+base+"/", 1)
			if got := tell(s, base+url); got != want {
				t.Errorf("%s: got %s, want %s", base+url, got, want)
			}
		}
		if got, want := tell(s, base+"//2024//10/first/"), "301 "+base+"/2024/10/first"; got != want {
			t.Errorf("slashes in a row: got %s", got)
		}
		if _, _, p := get(t, s, base+"/about"); field(p, "Cache-Control") != "no-cache" {
			t.Errorf("the rule for /about: got %q", field(p, "Cache-Control"))
		}
		_, body, _ := get(t, s, base+"/2024/10/second")
		for _, want := range []string{
			`<img src="/2024/10/second/pic.jpg" alt="pic"> <a href="/2024/10/first?a=b#c">first</a> <a href="/2024/10/first">first</a> <a href="/about#x">about</a> ` +
				`<a href="/tags/c++">tag</a> <a href="/">top</a> <a href="/2024/10">abs</a> <a href="/demo/">folder</a>`,
			`<img src=/2024/10/second/pic.jpg srcset="/2024/10/second/pic.jpg 1x, /2024/10/second/pic.jpg?big 2x"> <a href='/2024/10/first'>html</a> <a href='#part'>`,
		} {
			if want = strings.NewReplacer(`"/`, `"`+base+"/", "'/", "'"+base+"/", "=/", "="+base+"/", " /2024", " "+base+"/2024").Replace(want); !strings.Contains(body, want) {
				t.Errorf("no %s in it:\n%s", want, body)
			}
		}
		problems, dead := s.Check(nil)
		same(t, "dead links", texts(folder, everything(problems, dead)), []string(nil))
	}
}

// Nothing that the site says of itself has a slash too many: whoever follows its links is never redirected.
func TestNoLinkOfASiteWithoutSlashesIsRedirected(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`(?:href|src|xml:base)="([^"]*)"|<(?:id|loc)>([^<]*)<|"(?:url|id)": "([^"]*)"`)
	for _, base := range []string{"", "/v2"} {
		s := siteOf(t, slashless(base))
		for _, url := range slices.Sorted(maps.Keys(s.entries)) {
			if s.entries[url].to != "" {
				continue
			}
			_, body, _ := get(t, s, base+escaped(url))
			for _, m := range link.FindAllStringSubmatch(body, -1) {
				to := html.UnescapeString(strings.TrimPrefix(m[1]+m[2]+m[3], "https://example.org"))
				if to, _, _ = strings.Cut(to, "#"); to == "" || to[0] != '/' {
					continue
				}
				if got := tell(s, to); got != "200" {
					t.Errorf("%s leads to %s: %s", url, to, got)
				}
			}
		}
	}
}

// TestLinksInHTMLKeepTheirQuotes, as HTML that a script writes is in quotes of its own.
func TestLinksInHTMLKeepTheirQuotes(t *testing.T) {
	t.Parallel()
	there := func(target []byte) []byte { return append([]byte("/there/"), target...) }
	for text, want := range map[template.HTML]template.HTML{
		`<a href="a">`: `<a href="/there/a">`, `<a href='a'>`: `<a href='/there/a'>`, `<a href=a>`: `<a href=/there/a>`, `<a href="">`: `<a href="/there/">`,
		`<a href='a"b'>`: `<a href='/there/a&#34;b'>`, `<a href=a&#39;b>`: `<a href="/there/a&#39;b">`, `<a href=a?b=c&amp;d>`: `<a href=/there/a?b=c&amp;d>`,
		`<script>x = "<img src='a'>" + "<img src=b>"</script>`: `<script>x = "<img src='/there/a'>" + "<img src=/there/b>"</script>`,
	} {
		if got := resolved(text, there); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestTheSettingOfTheSlash(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, test := range []struct{ text, url, problem string }{
		{"", "/a/", ""},
		{"trailing_slash = true", "/a/", ""},
		{"trailing_slash = false", "/a", ""},
		{"title = 'T'\n[extra]\ntrailing_slash = false", "/a", ""},
		{"title = 'T'\n[Params]\nTrailing_Slash = false", "/a", ""},
		{"title = 'T'\ntrailing_slash = 'no'", "/a", "config.toml:2: trailing_slash: want true or false"},
	} {
		write(t, folder, map[string]string{"config.toml": test.text, "content/a.md": "A"})
		before := load(folder, nil).Value
		if test.problem != "" {
			write(t, folder, map[string]string{"config.toml": "trailing_slash = false"})
			before = loaded(t, load(folder, nil))
			write(t, folder, map[string]string{"config.toml": test.text})
		}
		l := load(folder, before)
		if got := strings.Join(texts(folder, l.Problems), "\n"); got != test.problem {
			t.Errorf("%s: got %q, want %q", test.text, got, test.problem)
		}
		if got := tell(l.Value, test.url); got != "200" {
			t.Errorf("%s: %s: got %s", test.text, test.url, got)
		}
	}
}

// A deploy may change how URLs end: the sources that it takes over say nothing of that.
func TestADeployMayTakeTheSlashesAway(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"content/p/a.md": frontOf("date = 2026-01-01"), "content/p/b.md": "[a](../a/)"})
	first := loaded(t, load(folder, nil))
	get(t, first, "/p/b/")
	write(t, folder, map[string]string{"config.toml": "trailing_slash = false"})
	second := loaded(t, load(folder, first))
	if _, body, _ := get(t, second, "/p/b"); !strings.Contains(body, `<a href="/p/a">a</a>`) || tell(second, "/p/b/") != "301 /p/b" || tell(first, "/p/b") != "301 /p/b/" {
		t.Errorf("got %s, %s and %s", tell(second, "/p/b/"), tell(first, "/p/b"), body)
	}
	// A page that comes is known to the links of those that stay as they were.
	write(t, folder, map[string]string{"content/p/c.md": "[d](/p/d/)"})
	before := loaded(t, load(folder, second))
	_, was, _ := get(t, before, "/p/c")
	write(t, folder, map[string]string{"content/p/d.md": "D"})
	_, is, _ := get(t, loaded(t, load(folder, before)), "/p/c")
	if !strings.Contains(was, `<a href="/p/d/">d</a>`) || !strings.Contains(is, `<a href="/p/d">d</a>`) {
		t.Errorf("got %s, then %s", was, is)
	}
	if _, feed, _ := get(t, second, "/atom.xml"); !strings.Contains(feed, "<id>https://example.org/p/a</id>") {
		t.Errorf("the id has a slash: %s", feed)
	}
}
