package content

import (
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
)

var linkToPage = regexp.MustCompile(`<h2><a href="([^"]+)">`)

// listed are the pages that a list shows, in order.
func listed(t *testing.T, s *Site, url string) (urls []string) {
	t.Helper()
	status, body, _ := get(t, s, url)
	if status != 200 {
		t.Errorf("%s: got %d", url, status)
	}
	for _, m := range linkToPage.FindAllStringSubmatch(body, -1) {
		urls = append(urls, m[1])
	}
	return urls
}

func TestListsAreInOrder(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{
		"content/about.md":              "no date",
		"content/blog/1.md":             "+++\ndate = 2026-01-01\n+++\n",
		"content/blog/2.md":             "+++\ndate = 2026-03-01\n+++\n",
		"content/blog/3.md":             "+++\ndate = 2026-03-01\n+++\n",
		"content/blog/old/0.md":         "+++\ndate = 2020-03-01\n+++\n",
		"content/blog/draft.md":         "+++\ndate = 2026-04-01\ndraft = true\n+++\n",
		"content/docs/b.md":             "+++\nweight = 1\n+++\n",
		"content/docs/a.md":             "+++\nweight = 2\n+++\n",
		"content/docs/c.md":             "+++\nweight = 2\ntitle = 'B'\n+++\n",
		"content/names/_index.md":       "+++\ntitle = 'Names'\nsort_by = 'title'\n+++\nWhat they are.",
		"content/names/z.md":            "",
		"content/names/2026-01-02-a.md": "",
	})
	same(t, "/", listed(t, s, "/"), []string{"/blog/3/", "/blog/2/", "/names/a/", "/blog/1/", "/blog/old/0/"})
	same(t, "/blog/", listed(t, s, "/blog/"), []string{"/blog/3/", "/blog/2/", "/blog/1/", "/blog/old/0/"})
	same(t, "/blog/old/", listed(t, s, "/blog/old/"), []string{"/blog/old/0/"})
	same(t, "/docs/", listed(t, s, "/docs/"), []string{"/docs/b/", "/docs/a/", "/docs/c/"})
	same(t, "/names/", listed(t, s, "/names/"), []string{"/names/a/", "/names/z/"})
	if status, _, _ := get(t, s, "/blog/draft/"); status != 404 {
		t.Errorf("a draft is served: %d", status)
	}
	_, body, _ := get(t, s, "/blog/2/")
	newer, older := strings.Index(body, `<a href="/blog/3/" rel="next">`), strings.Index(body, `<a href="/blog/1/" rel="prev">`)
	if newer < 0 || older < 0 {
		t.Error("a post does not lead to its neighbours")
	}
	_, body, _ = get(t, s, "/docs/b/")
	menu := body[strings.Index(body, "<nav"):strings.Index(body, "</nav>")]
	if !strings.Contains(menu, `<a href="/about/">About</a>`+"\n"+`<a href="/names/">Names</a>`) || strings.Contains(menu, "/docs/") {
		t.Errorf("the menu has not just what stands at the top: %s", menu)
	}
}

// A folder for each year is an archive; one that only has such a name is not.
// TestPagesWithoutADateAreNoEntriesByDate, as Zola leaves them out: they are in the menu.
func TestPagesWithoutADateAreNoEntriesByDate(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{
		"content/_index.md":       "+++\nsort_by = 'date'\n+++\n",
		"content/about.md":        "",
		"content/a.md":            "+++\ndate = 2026-01-02\n+++\n",
		"content/b.md":            "+++\ndate = 2026-01-01\nupdated = 2026-01-03\n+++\n",
		"content/docs/_index.md":  "+++\nsort_by = 'update_date'\n+++\n",
		"content/docs/c.md":       "+++\nupdated = 2026-01-01\n+++\n",
		"content/docs/d.md":       "",
		"content/docs/e.md":       "+++\ndate = 2026-01-02\n+++\n",
		"content/plain/_index.md": "+++\nsort_by = 'date'\n+++\n",
		"content/plain/z.md":      "+++\nweight = 1\n+++\n",
		"content/plain/y.md":      "+++\nweight = 2\n+++\n",
	})
	same(t, "/", listed(t, s, "/"), []string{"/docs/e/", "/a/", "/b/"})
	same(t, "/docs/", listed(t, s, "/docs/"), []string{"/docs/e/", "/docs/c/"})
	same(t, "/plain/", listed(t, s, "/plain/"), []string{"/plain/z/", "/plain/y/"})
}

func TestTheMenuHasNoArchives(t *testing.T) {
	t.Parallel()
	const dated = "+++\ndate = 2024-01-01\n+++\n"
	s := siteOf(t, map[string]string{
		"content/2024/_index.md": "+++\ntitle = 'Year'\n+++\n", "content/2024/10/a.md": dated,
		"content/2025-01/_index.md": "+++\ntitle = 'Month'\n+++\n", "content/2025-01/b.md": dated,
		"content/1984/_index.md": "+++\ntitle = 'Orwell'\n+++\n", "content/1984/c.md": "C",
		"content/notes/_index.md": "+++\ntitle = 'Notes'\n+++\n", "content/notes/d.md": dated,
		"content/2023.md": "+++\ntitle = 'Review'\n+++\n",
	})
	var menu []string
	for _, p := range s.generation.info.Menu {
		menu = append(menu, p.Title)
	}
	same(t, "menu", menu, []string{"Notes", "Orwell", "Review"})
	same(t, "/2024/", listed(t, s, "/2024/"), []string{"/2024/10/a/"})
}

func TestALongListHasPages(t *testing.T) {
	t.Parallel()
	files := map[string]string{"content/_index.md": "+++\npaginate_by = 4\n+++\nWelcome"}
	for i := range 10 {
		files[fmt.Sprintf("content/p/%d.md", i)] = fmt.Sprintf("+++\ndate = 2026-01-%02d\n+++\n", i+1)
	}
	s := siteOf(t, files)
	same(t, "/", listed(t, s, "/"), []string{"/p/9/", "/p/8/", "/p/7/", "/p/6/"})
	same(t, "/page/3/", listed(t, s, "/page/3/"), []string{"/p/1/", "/p/0/"})
	_, second, _ := get(t, s, "/page/2/")
	if !strings.Contains(second, `<a href="/" rel="prev">`) || !strings.Contains(second, `<a href="/page/3/" rel="next">`) || strings.Contains(second, "Welcome") {
		t.Errorf("the second page does not lead to the first and third: %s", second)
	}
	for _, none := range []string{"/page/1/", "/page/4/"} {
		if status, _, _ := get(t, s, none); status != 404 {
			t.Errorf("%s: got %d", none, status)
		}
	}
	same(t, "/p/", listed(t, s, "/p/")[8:], []string{"/p/1/", "/p/0/"})
}

func TestTagsLeadToTheirPages(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{
		"content/1.md": "+++\ntags = ['C++', 'Big Data', 'big data']\ndate = 2026-01-01\n+++\n",
		"content/2.md": "+++\ntags = ['c', 'BIG DATA']\ndate = 2025-01-01\n+++\n",
	})
	for url, want := range map[string][]string{
		"/tags/c++/": {"/1/"}, "/tags/c/": {"/2/"}, "/tags/big-data/": {"/1/", "/2/"},
	} {
		_, body, _ := get(t, s, url)
		at := 0
		for _, link := range want {
			next := strings.Index(body[at:], `<a href="`+link+`">`)
			if next < 0 {
				t.Errorf("%s: no link to %s", url, link)
				break
			}
			at += next
		}
		if n := strings.Count(body, "<li><time"); n != len(want) {
			t.Errorf("%s: lists %d pages, want %d", url, n, len(want))
		}
	}
	if _, body, _ := get(t, s, "/tags/"); !strings.Contains(body, `Big Data <small>2</small>`) {
		t.Error("a tag is not as the first file writes it")
	}
}

func TestWhatListsShowOfAPage(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Long. ", 200)
	for _, test := range []struct{ name, text, want string }{
		{"a text that is brief", "One.\n\n# Head\n\nTwo.", "<p>One.</p>\n<h1>Head</h1>\n<p>Two.</p>\n"},
		{"the text before the mark", "One [a].\n\nTwo.[^1]\n\n<!-- more -->\n\nThree.\n\n[a]: /x\n[^1]: note", "<p>One <a href=\"/x\">a</a>.</p>\n<p>Two.</p>\n"},
		{"the same without definitions", "One.\n\n<!--more-->\n\n" + long, "<p>One.</p>\n"},
		{"the first paragraph", "![i](i.png)\n\n" + long, "<p><img src=\"/p/i.png\" alt=\"i\"></p>\n"},
		{"the description", "+++\ndescription = 'a < b'\n+++\n" + long, "<p>a &lt; b</p>\n"},
		{"a summary of its own", "+++\nsummary = '*S*'\ndescription = 'D'\n+++\nText", "<p><em>S</em></p>\n"},
		{"nothing", "", ""},
	} {
		s := siteOf(t, map[string]string{"content/p.md": test.text})
		if got := string(s.generation.pages[s.generation.sources["p.md"]].Summary()); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// feed is what a reader makes of Atom.
type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string   `xml:"title"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Entries []struct {
		Title   string `xml:"title"`
		ID      string `xml:"id"`
		Updated string `xml:"updated"`
		Links   []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
		Content struct {
			Base string `xml:"http://www.w3.org/XML/1998/namespace base,attr"`
			Text string `xml:",chardata"`
		} `xml:"content"`
	} `xml:"entry"`
}

func TestTheFeedIsAtom(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"config.toml":     "title = 'T & <T>'\nauthor = 'A'\nbase_url = 'https://elsewhere.example/'",
		"content/new.md":  "+++\ntitle = 'N <b>'\ndate = 2026-02-01\nlink = 'https://example.com/?a&b'\n+++\n[x](pic.png) \x01",
		"content/page.md": "no date",
	}
	for i := range 30 {
		files[fmt.Sprintf("content/%02d.md", i)] = fmt.Sprintf("+++\ndate = 2025-01-%02d\nupdated = 2026-03-%02d\n+++\n", i+1, i+1)
	}
	s := siteOf(t, files)
	_, body, p := get(t, s, "/atom.xml")
	var f feed
	if err := xml.Unmarshal([]byte(body), &f); err != nil {
		t.Fatal(err)
	}
	if f.Title != "T & <T>" || f.Author != "A" || f.ID != "https://example.org/" || f.Updated != "2026-03-30T00:00:00Z" || len(f.Entries) != newest {
		t.Errorf("got %q by %q, %s, updated %s, with %d entries", f.Title, f.Author, f.ID, f.Updated, len(f.Entries))
	}
	e := f.Entries[0]
	if e.Title != "N <b>" || e.ID != "https://example.org/new/" || e.Updated != "2026-02-01T00:00:00Z" || e.Content.Base != e.ID ||
		e.Content.Text != "<p><a href=\"/new/pic.png\">x</a> \uFFFD</p>\n" {
		t.Errorf("got %+v", e)
	}
	if len(e.Links) != 2 || e.Links[0].Rel != "alternate" || e.Links[0].Href != "https://example.com/?a&b" || e.Links[1].Rel != "related" || e.Links[1].Href != e.ID {
		t.Errorf("got links %+v", e.Links)
	}
	if got := field(p, "Content-Type"); got != "application/atom+xml; charset=utf-8" {
		t.Errorf("got %s", got)
	}
}

func TestTheSitemapHasEveryPage(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{
		"content/ü.md": "+++\ndate = 2026-01-01\ntags = ['x']\naliases = ['/old']\n+++\n", "content/draft.md": "+++\ndraft = true\n+++\n",
	})
	_, body, _ := get(t, s, "/sitemap.xml")
	d := xml.NewDecoder(strings.NewReader(body))
	var urls []string
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "loc" {
			var url string
			if err := d.DecodeElement(&url, &e); err != nil {
				t.Fatal(err)
			}
			urls = append(urls, strings.TrimPrefix(url, "https://example.org"))
		}
	}
	same(t, "sitemap", urls, []string{"/", "/tags/", "/tags/x/", "/%C3%BC/"})
	if _, body, _ := get(t, s, "/robots.txt"); !strings.Contains(body, "\nSitemap: https://example.org/sitemap.xml\n") {
		t.Errorf("got %q", body)
	}
}
