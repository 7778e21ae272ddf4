package content

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestTheFeedIsJSONToo(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"config.toml":        "title = 'T & <T>'\nauthor = 'A'\ndescription = 'D'\nlanguage = 'de'\nbase_url = 'https://elsewhere.example/b'",
		"static/favicon.svg": "<svg/>",
		"content/page.md":    "no date",
		"content/new.md": "+++\ntitle = 'N <b>'\ndate = 2026-02-01T10:00:00+02:00\nupdated = 2026-02-03\nlink = 'https://example.com/?a&b'\ntags = ['x', 'C++']\nlanguage = 'en'\n+++\n" +
			"[x](pic.png) [y](@/old.md#z) [z](https://münchen.example/é) [w](//cdn.example/w) <img srcset='a.png 1x, /b/c.png 2x' src=d.png> <a href='#e'>e</a>\n",
		"content/old.md": "+++\ndate = 2026-01-01\n+++\nOld",
	}
	s := siteOf(t, files)
	_, body, p := get(t, s, "/b/feed.json")
	if got := field(p, "Content-Type"); got != "application/feed+json" {
		t.Errorf("got %s", got)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	const base = "https://example.org/b/"
	want := map[string]any{
		"version": "https://jsonfeed.org/version/1.1", "title": "T & <T>", "home_page_url": base, "feed_url": base + "feed.json",
		"description": "D", "favicon": base + "favicon.svg", "authors": []any{map[string]any{"name": "A"}}, "language": "de",
		"items": []any{
			map[string]any{
				"id": base + "new/", "url": base + "new/", "external_url": "https://example.com/?a&b", "title": "N <b>",
				"content_html": `<p><a href="` + base + `new/pic.png">x</a> <a href="` + base + `old/#z">y</a> <a href="https://m%C3%BCnchen.example/%C3%A9">z</a> ` +
					`<a href="https://cdn.example/w">w</a> <img srcset='` + base + `new/a.png 1x, https://example.org/b/c.png 2x' src=` + base + `new/d.png> ` +
					`<a href='` + base + `new/#e'>e</a></p>` + "\n",
				"date_published": "2026-02-01T10:00:00+02:00", "date_modified": "2026-02-03T00:00:00Z", "tags": []any{"x", "C++"}, "language": "en",
			},
			map[string]any{"id": base + "old/", "url": base + "old/", "title": "Old", "content_html": "<p>Old</p>\n", "date_published": "2026-01-01T00:00:00Z"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if _, home, _ := get(t, s, "/b/"); !strings.Contains(home, `<link rel="alternate" type="application/feed+json" title="T &amp; &lt;T&gt;" href="/b/feed.json">`) {
		t.Errorf("the head does not say where it is: %s", home)
	}
}

func TestAFeedWithoutEntriesIsOne(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{"content/page.md": "no date"})
	if _, body, _ := get(t, s, "/feed.json"); !strings.Contains(body, `"items": []`) {
		t.Errorf("got %s", body)
	}
}

func TestFeedsHaveFurtherNames(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"config.toml": "title = 'T'\nfeeds = ['/rss.xml', 'posts/feed.json', '/feed/', '/a%20b.atom', '/atom.xml', '/rss.xml', '/about/', '/posts', '/sitemap.xml', '/own.xml',\n" +
			" '/a?b', '//x', '/../y', 3, '']",
		"content/about.md":   "About",
		"content/posts/a.md": "+++\ndate = 2026-01-01\naliases = ['/feed/', '/feed.xml']\n+++\nA",
		"static/own.xml":     "own",
	})
	l := load(folder, nil)
	s := loaded(t, l)
	for url, want := range map[string]string{
		"/atom.xml": "application/atom+xml; charset=utf-8", "/rss.xml": "application/atom+xml; charset=utf-8", "/feed/": "application/atom+xml; charset=utf-8",
		"/a%20b.atom": "application/atom+xml; charset=utf-8", "/feed.json": "application/feed+json", "/posts/feed.json": "application/feed+json",
	} {
		status, body, p := get(t, s, url)
		if status != 200 || field(p, "Content-Type") != want || !strings.Contains(body, "https://example.org/posts/a/") || !strings.Contains(body, `"https://example.org`+url+`"`) {
			t.Errorf("%s: got %d %s:\n%s", url, status, field(p, "Content-Type"), body)
		}
	}
	for url, want := range map[string]string{
		"/index.xml": "301 /atom.xml", "/feed": "301 /feed/", "/feed.xml": "301 /posts/a/", "/about/": "200", "/posts/": "200", "/posts": "301 /posts/", "/own.xml": "200",
	} {
		if got := tell(s, url); got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
	same(t, "notes", texts(folder, l.Notes), []string{
		`config.toml:2: feeds: "/a?b" is no path like "/rss.xml"`,
		`config.toml:2: feeds: "//x" is no path like "/rss.xml"`,
		`config.toml:2: feeds: "/../y" is no path like "/rss.xml"`,
		`config.toml:2: feeds: want a list of paths like "/rss.xml"`,
		`config.toml:2: feeds: "" is no path like "/rss.xml"`,
		`config.toml:2: feeds: /about/ is the URL of content/about.md already`,
		`config.toml:2: feeds: /posts/ is the URL of the site itself already`,
		`config.toml:2: feeds: /sitemap.xml is the URL of the site itself already`,
		`config.toml:2: feeds: /own.xml is a file in static, which is served`,
		`content/posts/a.md:3: the alias /feed/ is the URL of the site itself already`,
	})
}
