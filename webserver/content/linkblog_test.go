package content

import (
	"encoding/xml"
	"strings"
	"testing"
)

func TestALinkBlogLeadsToWhatItIsAbout(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{
		"content/p/a.md": frontOf("title = 'A'", "date = 2026-01-04", "tags = ['x']", "link = 'https://www.example.com/an article?q=a b&c'"),
		"content/p/b.md": frontOf("title = 'B'", "date = 2026-01-03", "tags = ['x']", "[extra]", "link = '/here?'"),
		"content/p/c.md": frontOf("title = 'C'", "date = 2026-01-02", "tags = ['x']", "link = ''"),
		"content/p/d.md": frontOf("title = 'D'", "date = 2026-01-01", "tags = ['x']"),
	})
	for url, wants := range map[string][]string{
		"/": {
			`<h2><a href="https://www.example.com/an%20article?q=a%20b&amp;c">A</a> <span class="host">example.com ↗</span> <a class="permalink" href="/p/a/" rel="bookmark"`,
			`<h2><a href="/here?">B</a> <span class="host">↗</span> <a class="permalink" href="/p/b/"`, `<h2><a href="/p/c/">C</a></h2>`, `<h2><a href="/p/d/">D</a></h2>`,
		},
		"/tags/x/": {`<a href="https://www.example.com/an%20article?q=a%20b&amp;c">A</a> <a class="permalink" href="/p/a/"`, `<a href="/p/c/">C</a></li>`},
		"/p/a/":    {`<h1><a href="https://www.example.com/an%20article?q=a%20b&amp;c">A</a>`, `<link rel="canonical" href="https://example.org/p/a/">`},
	} {
		_, body, _ := get(t, s, url)
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s in it:\n%s", url, want, body)
			}
		}
	}
	_, body, _ := get(t, s, "/atom.xml")
	var f feed
	if err := xml.Unmarshal([]byte(body), &f); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"https://example.org/p/a/ alternate https://www.example.com/an%20article?q=a%20b&c related https://example.org/p/a/",
		"https://example.org/p/b/ alternate https://example.org/here? related https://example.org/p/b/",
		"https://example.org/p/c/ alternate https://example.org/p/c/",
		"https://example.org/p/d/ alternate https://example.org/p/d/",
	} {
		got := f.Entries[i].ID
		for _, l := range f.Entries[i].Links {
			got += " " + l.Rel + " " + l.Href
		}
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
