package content

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// write puts files into a folder, all with the same time.
func write(t testing.TB, folder string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func load(folder string, last *Site) diag.Loaded[*Site] {
	return Load(Config{Folder: folder, Host: "example.org", Memory: 16 << 20}, last)
}

// siteOf loads a site of these files, which are right.
func siteOf(t testing.TB, files map[string]string) *Site {
	t.Helper()
	folder := t.TempDir()
	write(t, folder, files)
	return loaded(t, load(folder, nil))
}

func loaded(t testing.TB, l diag.Loaded[*Site]) *Site {
	t.Helper()
	if l.Value == nil || len(l.Problems) > 0 {
		t.Fatalf("not loaded: %v", l.Problems)
	}
	return l.Value
}

func ask(s *Site, method, url string) page.Answer {
	q := page.RequestOf(httptest.NewRequest(method, "http://example.org"+url, nil))
	return s.Answer(&q)
}

// get asks for a page, and gives it as it goes to a client.
func get(t testing.TB, s *Site, url string) (status int, body string, p *page.Page) {
	t.Helper()
	a := ask(s, http.MethodGet, url)
	if a.Page == nil {
		t.Fatalf("%s: no page", url)
	}
	return a.Page.Status, string(a.Page.Body()), a.Page
}

func field(p *page.Page, name string) string {
	for _, f := range p.Header() {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// texts are problems without the folder that the test lies in.
func texts(folder string, problems []diag.Problem) (list []string) {
	for _, p := range problems {
		list = append(list, strings.ReplaceAll(p.String(), folder+string(filepath.Separator), ""))
	}
	return list
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestEveryFileHasItsURL(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	want := map[string]string{}
	for _, test := range []struct{ file, front, url string }{
		{"about.md", "", "/about/"},
		{"p/001.md", "", "/p/001/"},
		{"p/2024-01-05-Hello World.md", "", "/p/hello-world/"},
		{"p/2024-13-05-odd.md", "", "/p/2024-13-05-odd/"},
		{"p/bundle/index.md", "", "/p/bundle/"},
		{"p/2024-02-01_dated/index.md", "", "/p/dated/"},
		{"Über Uns/größe.md", "", "/über-uns/größe/"},
		{"p/slug.md", `slug = "Another One"`, "/p/another-one/"},
		{"p/path.md", `path = "some/where"`, "/some/where/"},
		{"p/url.md", `url = "/old.html"`, "/old.html"},
		{"docs/_index.md", `title = "D"`, "/docs/"},
		{"c++.md", "", "/c++/"},
		{"what's #1?.md", "", "/whats-#1/"},
	} {
		files["content/"+test.file] = "+++\n" + test.front + "\n+++\nThis is " + test.file
		want[test.url] = "This is " + test.file
	}
	s := siteOf(t, files)
	for url, text := range want {
		status, body, _ := get(t, s, escaped(url))
		if status != 200 || !strings.Contains(body, text) {
			t.Errorf("%s: got status %d, want %q in it", url, status, text)
		}
	}
}

func TestWhatIsMeantIsRedirectedTo(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{
		"content/a/b.md":   "+++\naliases = [\"/old/b\", \"/older.html\", \"über\", \"/caf%C3%A9\"]\n+++\nB",
		"content/index.md": "Home",
	})
	for _, test := range []struct{ asked, location string }{
		{"/a/b", "/a/b/"},
		{"/a/b?x=%20y&z", "/a/b/?x=%20y&z"},
		{"/a/b/index.html", "/a/b/"},
		{"/index.html", "/"},
		{"/a", "/a/"},
		{"//a//b?x", "/a/b/?x"},
		{"//index.xml", "/atom.xml"},
		{"/old/b", "/a/b/"},
		{"/old/b/", "/a/b/"},
		{"/older.html", "/a/b/"},
		{"/%C3%BCber/", "/a/b/"},
		{"/caf%C3%A9", "/a/b/"},
		{"/index.xml", "/atom.xml"},
	} {
		status, _, p := get(t, s, test.asked)
		if got := field(p, "Location"); status != http.StatusMovedPermanently || got != test.location {
			t.Errorf("%s: got %d to %q, want 301 to %q", test.asked, status, got, test.location)
		}
	}
	for _, asked := range []string{"/a/b/c", "/older.html/", "/b/", "/content/a/b.md", "/a/b.md"} {
		if status, _, p := get(t, s, asked); status != 404 || field(p, "Cache-Control") != "public, max-age=10" {
			t.Errorf("%s: got %d, want 404 with a short life", asked, status)
		}
	}
}

func TestOnlyReadingIsAllowed(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{"a.md": "A"})
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"} {
		a := ask(s, method, "/a/")
		if a.Page.Status != 405 || field(a.Page, "Allow") != "GET, HEAD" {
			t.Errorf("%s: got %d", method, a.Page.Status)
		}
	}
}

// It counts allocations, and so runs alone.
func TestAHitIsThePageThatWasMadeAndAllocatesNothing(t *testing.T) {
	s := siteOf(t, map[string]string{"a.md": "A"})
	q := page.RequestOf(httptest.NewRequest(http.MethodGet, "http://example.org/a/", nil))
	if a := s.Answer(&page.Request{Method: http.MethodGet, Path: "/a/"}); !a.Declined() {
		t.Errorf("whoever has seen only fields gets %v, want a page that is not made yet to be declined", a.Cache)
	}
	first, second := s.Answer(&q), s.Answer(&q)
	if a := s.Answer(&page.Request{Method: http.MethodGet, Path: "/a/"}); a.Page != first.Page {
		t.Error("whoever has seen only fields does not get the page that was made")
	}
	if first.Cache != page.MadeNow || second.Cache != page.WasThere || first.Page != second.Page {
		t.Errorf("got %v and %v, want a miss, a hit, and the same page", first.Cache, second.Cache)
	}
	if n := testing.AllocsPerRun(100, func() { s.Answer(&q) }); n != 0 {
		t.Errorf("a hit allocates %v times", n)
	}
}

func TestAllWhoWaitGetOnePage(t *testing.T) {
	t.Parallel()
	s := siteOf(t, map[string]string{"a.md": strings.Repeat("Some *words* here.\n\n", 500)})
	var wait sync.WaitGroup
	pages := make([]*page.Page, 16)
	for i := range pages {
		wait.Go(func() {
			pages[i] = ask(s, http.MethodGet, "/a/").Page
		})
	}
	wait.Wait()
	for _, p := range pages {
		if p != pages[0] {
			t.Fatal("the page was made more than once")
		}
	}
}

func TestTheSameInputGivesTheSameBytesAnywhere(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"config.toml":  "title = 'T'",
		"content/a.md": "+++\ndate = 2026-01-05\ntags = ['x', 'y']\n+++\n[b](b.md)[^1]\n\n[^1]: n\n\n```go\nfunc f() {}\n```\n",
		"content/b.md": "+++\ndate = 2026-01-05\ntags = ['y', 'z']\n+++\nB",
	}
	one, other := siteOf(t, files), siteOf(t, files)
	urls := slices.Sorted(maps.Keys(one.entries))
	if len(urls) < 10 {
		t.Fatalf("only %v", urls)
	}
	for _, url := range urls {
		_, body, p := get(t, one, escaped(url))
		_, otherBody, otherPage := get(t, other, escaped(url))
		if body != otherBody || p.Negotiate("").ETag != otherPage.Negotiate("").ETag || p.Status == http.StatusOK && p.Negotiate("").ETag == "" {
			t.Errorf("%s differs between two machines", url)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for _, name := range strings.Fields("a b c d e f g h i j k l m n o p q r s t u v w x y z") {
		files[name+".md"] = strings.Repeat("Some words here.\n\n", 600)
	}
	folder := t.TempDir()
	write(t, folder, files)
	s := loaded(t, Load(Config{Folder: folder, Host: "*", Memory: 1 << 20}, nil))
	for name := range files {
		if status, _, _ := get(t, s, "/"+strings.TrimSuffix(name, ".md")+"/"); status != 200 {
			t.Errorf("%s: got %d", name, status)
		}
	}
	s.cache.CleanUp()
	if got := s.cache.WeightedSize(); got == 0 || got > 1<<19 {
		t.Errorf("pages of %d bytes are kept, want no more than half of 1 MB", got)
	}
	l := Load(Config{Folder: folder, Host: "*", Memory: 100 << 10}, nil)
	if l.Value != nil || len(l.Problems) != 1 || !strings.Contains(l.Problems[0].Text, "raise web.cache_bytes") {
		t.Errorf("got %v, want to be told that the texts do not fit", l.Problems)
	}
}

func TestFrontMatterMayChooseTheCacheControl(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"a.md": "+++\ncache_control = \"no-store\"\n+++\nA", "b.md": "B", "c.md": "C"})
	s := loaded(t, Load(Config{Folder: folder, Host: "*", Memory: 1 << 20, Rules: []page.Rule{{Pattern: "/b/*", Value: "max-age=7"}}}, nil))
	for url, want := range map[string]string{"/a/": "no-store", "/b/": "max-age=7", "/c/": "public, max-age=60, stale-while-revalidate=3600"} {
		if _, _, p := get(t, s, url); field(p, "Cache-Control") != want {
			t.Errorf("%s: got %q, want %q", url, field(p, "Cache-Control"), want)
		}
	}
}

func TestLastModifiedIsThatOfTheNewestInput(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"content/a.md": "A", "config.toml": "title = 'T'", "templates/_x.html": "x"})
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	for _, test := range []struct {
		file string
		day  int
	}{{"content/a.md", 3}, {"config.toml", 5}, {"templates/_x.html", 7}} {
		for _, name := range []string{"content/a.md", "config.toml", "templates/_x.html"} {
			when := day(1)
			if name == test.file {
				when = day(test.day)
			}
			if err := os.Chtimes(filepath.Join(folder, name), when, when); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, p := get(t, loaded(t, load(folder, nil)), "/a/"); !p.Modified.Equal(day(test.day)) {
			t.Errorf("%s is the newest: got %v, want %v", test.file, p.Modified, day(test.day))
		}
	}
}
