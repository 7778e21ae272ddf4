package files

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

// mirror loads a folder as a package mirror.
func (d siteFolder) mirror(last *Site) *Site {
	d.Helper()
	l := Load(Config{Folder: d.path, Memory: 1 << 20, Index: true}, last)
	if l.Value == nil || len(l.Problems) > 0 {
		d.Fatalf("site %v, problems %v", l.Value, l.Problems)
	}
	return l.Value
}

// rows are a list as people read it: a name, where it leads, bytes and date.
func rows(body string) (list []string) {
	for _, m := range regexp.MustCompile(`(?m)^<tr><td><a href="([^"]*)">([^<]*)</a></td><td>(\d*)</td><td>([^<]*)</td></tr>$`).FindAllStringSubmatch(body, -1) {
		list = append(list, strings.Join(m[1:], " | "))
	}
	return list
}

func TestFoldersAreListed(t *testing.T) {
	t.Parallel()
	d := newFolder(t,
		"main/x86_64/APKINDEX.tar.gz", "main/x86_64/zlib-1.3.1-r2.apk", "main/x86_64/.zlib-1.3.2-r0.apk.Xy3", "main/x86_64/Zlib.txt",
		"main/aarch64/a.apk", "Packages", "Packages.gz", "about/index.html", "about/more.txt", "about.html", "pool.html", "pool/x.deb",
		".git/config", ".well-known/security.txt", "only/.hidden", "404.html",
	)
	d.mkdir("empty")
	d.date("main/aarch64/a.apk", time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC))
	d.date("main/x86_64/Zlib.txt", time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC))
	d.write("key.pem", "-----BEGIN PRIVATE KEY-----\n")
	s := Load(Config{Folder: d.path, Memory: 1 << 20, Index: true}, nil).Value
	const at, up = "2026-01-02 03:04", "../ | ../ |  | "
	for url, want := range map[string][]string{
		"/": {"about/ | about/ |  | " + at, "empty/ | empty/ |  | ", "main/ | main/ |  | 2026-05-06 07:08", "only/ | only/ |  | ", "pool/ | pool/ |  | " + at,
			"404.html | 404.html | 16 | " + at, "Packages | Packages | 16 | " + at, "Packages.gz | Packages.gz | 19 | " + at,
			"about.html | about.html | 18 | " + at, "pool.html | pool.html | 17 | " + at},
		"/main/": {up, "aarch64/ | aarch64/ |  | 2026-05-06 07:08", "x86_64/ | x86_64/ |  | " + at},
		"/main/x86_64/": {up, "APKINDEX.tar.gz | APKINDEX.tar.gz | 35 | " + at, "Zlib.txt | Zlib.txt | 28 | ",
			"zlib-1.3.1-r2.apk | zlib-1.3.1-r2.apk | 37 | " + at},
		"/pool/": {up, "x.deb | x.deb | 18 | " + at}, "/empty/": {up}, "/only/": {up},
	} {
		for _, query := range []string{"", "?C=M;O=D", "?a=b"} {
			w := get(t, s, "http://example.org"+url+query)
			if got := rows(w.Body.String()); w.Code != 200 || !slices.Equal(got, want) {
				t.Errorf("%s%s: got %d\n%s\nwant\n%s", url, query, w.Code, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if !strings.Contains(w.Body.String(), "<h1>Index of "+url+"</h1>") {
				t.Errorf("%s does not say what it is", url)
			}
		}
	}
	for url, want := range map[string]string{
		"/main": "301 /main/", "/main/x86_64?C=N": "301 /main/x86_64/?C=N", "/about/": "200 this is about/index.html", "/about": "200 this is about.html",
		"/pool": "200 this is pool.html", "//main//": "301 /main/",
		"/.git/": "404", "/.well-known/": "404", "/none/": "404", "/main/x86_64/APKINDEX.tar.gz/": "404", "/main/index.html": "404", "/key.pem": "404",
	} {
		w := get(t, s, "http://example.org"+url)
		got := fmt.Sprint(w.Code)
		if w.Code != 404 {
			got += " " + w.Header().Get("Location")
		}
		if w.Code == 200 {
			got += w.Body.String()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
	plain := Load(Config{Folder: d.path, Memory: 1 << 20}, nil).Value
	for _, url := range []string{"/", "/main/", "/main"} {
		if w := get(t, plain, "http://example.org"+url); w.Code != 404 {
			t.Errorf("%s: got %d where nobody wants lists", url, w.Code)
		}
	}
}

// TestNamesAreWrittenAsTheyMustBe: what a link of a list says leads to that file, and what is shown is its name.
func TestNamesAreWrittenAsTheyMustBe(t *testing.T) {
	t.Parallel()
	names := []string{
		"a b.txt", "g++_1%3a14.2-1_amd64.deb", "a:b.txt", "mailto:x", "?query", "a#b", "100%", "<script>alert(1)<&>.html", `"quoted"'`, "ünï.txt", "caf\xe9.txt",
		"+plus", "a;b=c,d@e$f", "[x]", "~user", "&amp;", "^`{|}", "alpine-devel@lists.alpinelinux.org-4a6a0840.rsa.pub",
	}
	d := newFolder(t)
	for _, name := range names {
		d.write("x y/"+name, name)
		d.write("x y/folder of "+name+"/in", name)
	}
	d.write(`x y/back\slash`, "of no URL")
	d.write("x y/line\nend", "of no URL")
	s := d.mirror(nil)
	base, _ := url.Parse("http://example.org/x%20y/")
	body := get(t, s, base.String()).Body.String()
	if strings.Contains(body, "<script") || strings.Contains(body, "slash") || strings.Contains(body, "line\n") || !strings.Contains(body, "Index of /x y/") {
		t.Errorf("got %s", body)
	}
	list := rows(body)
	if len(list) != 1+2*len(names) {
		t.Fatalf("got %d rows, want %d:\n%s", len(list), 1+2*len(names), strings.Join(list, "\n"))
	}
	unescape := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace
	seen := map[string]bool{}
	for _, row := range list[1:] {
		href, name, _ := strings.Cut(row, " | ")
		name, _, _ = strings.Cut(name, " | ")
		to, err := base.Parse(unescape(href))
		if err != nil || to.Host != "example.org" || to.RawQuery != "" || to.Fragment != "" {
			t.Errorf("%s: leads to %v (%v)", row, to, err)
			continue
		}
		if w := get(t, s, to.String()); w.Code != 200 {
			t.Errorf("%s: got %d", to, w.Code)
		} else if !strings.HasSuffix(to.Path, "/") {
			seen[w.Body.String()] = true
			if want := strings.ToValidUTF8(w.Body.String(), "\uFFFD"); unescape(name) != want {
				t.Errorf("%s: shown as %s, want %s", to, unescape(name), want)
			}
		}
	}
	if len(seen) != len(names) {
		t.Errorf("%d of %d files were reached", len(seen), len(names))
	}
}

func TestAListIsAPage(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "pool/a.deb")
	for i := range 50 {
		d.write(fmt.Sprintf("pool/%d.deb", i), "x")
	}
	now := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	date := func(at time.Time) {
		d.date("pool", at)
		d.date(".", at)
	}
	date(now)
	s := d.mirror(nil)
	w := get(t, s, "http://example.org/pool/", "Accept-Encoding", "gzip")
	h := w.Header()
	if h.Get("Content-Type") != "text/html; charset=utf-8" || h.Get("Cache-Control") != "public, max-age=60, stale-while-revalidate=3600" ||
		h.Get("Content-Encoding") != "gzip" || h.Get("Etag") == "" || h.Get("Last-Modified") != now.Format(http.TimeFormat) {
		t.Errorf("got %v", h)
	}
	if w := ask(t, s, "POST", "http://example.org/pool/"); w.Code != 405 {
		t.Errorf("POST: got %d", w.Code)
	}

	// The same list is the same page, with all that was packed of it.
	again := d.mirror(s)
	if s.listings["pool/index.html"].page != again.listings["pool/index.html"].page {
		t.Error("a list that is the same was made anew")
	}
	// A file that goes away, and is not the newest, makes it another: whoever asks by time must see it.
	d.remove("pool/7.deb")
	date(now.Add(time.Minute))
	less := get(t, d.mirror(again), "http://example.org/pool/")
	if less.Header().Get("Last-Modified") == h.Get("Last-Modified") || strings.Contains(less.Body.String(), `"7.deb"`) {
		t.Errorf("without a file: got %v", less.Header())
	}
	ruled := Load(Config{Folder: d.path, Memory: 1 << 20, Index: true, Rules: []page.Rule{{Pattern: "/pool/", Value: "no-cache"}}}, again).Value
	if got := get(t, ruled, "http://example.org/pool/").Header().Get("Cache-Control"); got != "no-cache" {
		t.Errorf("with a rule: got %s", got)
	}
	if s := Load(Config{Folder: d.path, Memory: 0, Index: true}, nil).Value; get(t, s, "http://example.org/pool/").Code != 200 {
		t.Error("without memory there is no list")
	}
	// Lists come before all files: 1 KB is less than that of pool.
	if s := Load(Config{Folder: d.path, Memory: 1 << 10, Index: true}, nil).Value; s.FromDisk() != 50 {
		t.Errorf("%d files are on disk", s.FromDisk())
	}
}

// TestEveryPOPListsTheSame: whatever order the files came in, and whenever.
func TestEveryPOPListsTheSame(t *testing.T) {
	t.Parallel()
	names := []string{"a.deb", "b/c.deb", "b/d/e.deb", "B.deb", "z.deb"}
	one, other := newFolder(t, names...), newFolder(t)
	slices.Reverse(names)
	for _, name := range names {
		other.write(name, "this is "+name)
	}
	other.link("release", "current")
	if err := os.Rename(other.full("b"), other.full("old b")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other.full("old b"), other.full("b")); err != nil {
		t.Fatal(err)
	}
	first, second := one.mirror(nil), other.mirror(nil)
	for _, url := range []string{"/", "/b/", "/b/d/"} {
		a, b := get(t, first, "http://example.org"+url), get(t, second, "http://example.org"+url)
		if a.Body.String() != b.Body.String() || a.Header().Get("Etag") != b.Header().Get("Etag") {
			t.Errorf("%s: one says\n%s\nthe other\n%s", url, a.Body, b.Body)
		}
	}
}

// TestListsHaveFieldsByPath as pages have, and share them.
func TestListsHaveFieldsByPath(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "pool/a.deb", "index.html")
	d.write("_headers", "/*\n  X-Robots-Tag: noindex\n/pool/\n  Cache-Control: max-age=5\n")
	s := d.hosted(Config{Index: true}, nil).Value
	for url, want := range map[string]string{"/pool/": "noindex", "/pool/a.deb": "noindex", "/": "noindex"} {
		q := page.Request{Method: "GET", Path: url}
		a := s.Answer(&q)
		if a.Page == nil || a.Overlay == nil || a.Overlay != s.files["index.html"].overlay || a.Overlay.Fields[0].Value != want {
			t.Errorf("%s: got %v, want %s", url, a.Overlay, want)
		}
	}
	if got := get(t, s, "http://example.org/pool/").Header().Get("Cache-Control"); got != "max-age=5" {
		t.Errorf("got Cache-Control %q", got)
	}
	d.remove("_headers")
	if a := d.hosted(Config{Index: true}, s).Value.Answer(&page.Request{Method: "GET", Path: "/pool/"}); a.Overlay != nil || a.Page.Field("Cache-Control") == "max-age=5" {
		t.Errorf("without the file: got %v", a)
	}
}

func TestLinksAreFollowedInLists(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "v3.22/a.apk")
	d.link("v3.22", "latest-stable")
	d.link("v3.22/a.apk", "b.apk")
	d.link("/etc", "out")
	d.link("..", "v3.22/up")
	s := d.mirror(nil)
	for url, want := range map[string]string{"/": "latest-stable/ v3.22/ b.apk", "/latest-stable/": "../ a.apk", "/v3.22/": "../ a.apk"} {
		var got []string
		for _, row := range rows(get(t, s, "http://example.org"+url).Body.String()) {
			href, _, _ := strings.Cut(row, " | ")
			got = append(got, href)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
	// The site's own folder may be a link, and be switched.
	d.link(".", "current")
	if s := Load(Config{Folder: d.full("current"), Index: true}, nil).Value; len(rows(get(t, s, "http://example.org/").Body.String())) != 3 {
		t.Errorf("got %s", get(t, s, "http://example.org/").Body)
	}
}

func TestLargeFoldersAreListed(t *testing.T) {
	t.Parallel()
	all := map[string]*contents{"": {}}
	for i := range 20_000 {
		all[""].files = append(all[""].files, &file{name: fmt.Sprintf("package-%05d-1.2.3-r4.apk", i), info: sized(i)})
	}
	body := listingOf("/", "", all[""], all)
	if n := bytes.Count(body, []byte("<tr><td>")); n != 20_000 || len(body) > 3<<20 {
		t.Errorf("got %d rows in %d bytes", n, len(body))
	}
}

// sized is a file of so many bytes.
type sized int64

func (s sized) Name() string       { return "x" }
func (s sized) Size() int64        { return int64(s) }
func (s sized) Mode() os.FileMode  { return 0o644 }
func (s sized) ModTime() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
func (s sized) IsDir() bool        { return false }
func (s sized) Sys() any           { return nil }
