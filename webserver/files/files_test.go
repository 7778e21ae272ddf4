package files

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

func TestURLsOfFiles(t *testing.T) {
	t.Parallel()
	s := newFolder(t,
		"index.html", "about.html", "feed.xml", "blog/index.html", "blog/first.html", "blog/a b.html", "blog/50%?.txt",
		"both.html", "both/index.html", "bare", "bare.html", "docs.html", "docs/part.html", "empty/x.css",
		".htpasswd", ".git/config", "blog/.hidden.html", ".well-known/security.txt", ".well-known/.secret",
		"sub/index.html/index.html",
	).load()
	for _, test := range []struct{ url, want string }{
		{"/", "this is index.html"},
		{"/index.html", "this is index.html"},
		{"/index", "404"},
		{"/about", "this is about.html"},
		{"/about.html", "this is about.html"},
		{"/about/", "301 /about"},
		{"/about/?a=b&c=%20", "301 /about?a=b&c=%20"},
		{"/about.html/", "404"},
		{"/About", "404"},
		{"/feed.xml", "this is feed.xml"},
		{"/feed", "404"},
		{"/feed.xml/", "404"},
		{"/blog", "301 /blog/"},
		{"/blog?page=2", "301 /blog/?page=2"},
		{"/blog/", "this is blog/index.html"},
		{"/blog/index.html", "this is blog/index.html"},
		{"/blog/first", "this is blog/first.html"},
		{"/blog/first/", "301 /blog/first"},
		{"/blog/a%20b", "this is blog/a b.html"},
		{"/blog/a%20b/", "301 /blog/a%20b"},
		{"/blog/50%25%3F.txt", "this is blog/50%?.txt"},
		{"/both", "this is both.html"},
		{"/both/", "this is both/index.html"},
		{"/bare", "this is bare"},
		{"/bare/", "404"},
		{"/bare.html", "this is bare.html"},
		{"/docs", "this is docs.html"},
		{"/docs/", "301 /docs"},
		{"/docs/part", "this is docs/part.html"},
		{"/empty", "404"},
		{"/empty/", "404"},
		{"/empty/x.css", "this is empty/x.css"},
		{"/sub", "404"},
		{"/sub/index.html", "301 /sub/index.html/"},
		{"/sub/index.html/", "this is sub/index.html/index.html"},
		{"/.htpasswd", "404"},
		{"/.git/config", "404"},
		{"/.git/", "404"},
		{"/blog/.hidden", "404"},
		{"/blog/.hidden.html", "404"},
		{"/.well-known/security.txt", "this is .well-known/security.txt"},
		{"/.well-known/.secret", "404"},
		{"/blog/../about.html", "404"}, // what the server should have refused already is just a name to us
		{"/blog/%2e%2e/about.html", "404"},
		{"/../site/about.html", "404"},
		{"/blog%2Ffirst", "this is blog/first.html"}, // refused by the server too; here the path is decoded, and harmless
		{"//about", "301 /about"},
		{"//about//?a=b", "301 /about?a=b"},
		{"//", "301 /"},
		{"/blog//a%20b", "301 /blog/a%20b"},
		{"//blog", "301 /blog/"},
		{"//example.net/", "404"},
		{"/about%00", "404"},
	} {
		w := get(t, s, "http://example.org"+test.url)
		got := w.Body.String()
		switch w.Code {
		case http.StatusMovedPermanently:
			got = "301 " + w.Header().Get("Location")
		case http.StatusNotFound:
			got = "404"
		}
		if got != test.want {
			t.Errorf("%s: got %d %q, want %q", test.url, w.Code, got, test.want)
		}
		if has := s.Has(httptest.NewRequest("GET", "http://example.org"+test.url, nil).URL.Path); has != (test.want != "404") {
			t.Errorf("%s: got Has %v", test.url, has)
		}
	}
	if s.Pages() != 16 {
		t.Errorf("got %d pages", s.Pages())
	}
}

func TestMethodsThatChangeSomethingAreRefused(t *testing.T) {
	t.Parallel()
	s := newFolder(t, "index.html").load()
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get"} {
		for _, url := range []string{"http://example.org/", "http://example.org/nope"} {
			if w := ask(t, s, method, url); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: got %d %v", method, url, w.Code, w.Header())
			}
		}
	}
	if w := ask(t, s, "HEAD", "http://example.org/"); w.Code != http.StatusOK || w.Header().Get("Content-Length") != "18" {
		t.Errorf("HEAD: got %d %v", w.Code, w.Header())
	}
}

func TestAPageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "about.html", "app.3f9a1c07.js", "doc.pdf")
	rules := []page.Rule{{Pattern: "*.pdf", Value: "no-cache"}, {Pattern: "/old*", Value: "max-age=1"}, {Pattern: "*new.html", Value: "max-age=2"}}
	d.write("old.html", "x")
	d.write("new.html", "x")
	s := Load(Config{Folder: d.path, Memory: 1 << 20, Rules: rules}, nil).Value
	for _, test := range []struct{ url, mediaType, life string }{
		{"/about", "text/html; charset=utf-8", "public, max-age=60, stale-while-revalidate=3600"},
		{"/app.3f9a1c07.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/doc.pdf", "application/pdf", "no-cache"},
		{"/old", "text/html; charset=utf-8", "max-age=1"},
		{"/new", "text/html; charset=utf-8", "max-age=2"},
	} {
		h := get(t, s, "http://example.org"+test.url).Header()
		if h.Get("Content-Type") != test.mediaType || h.Get("Cache-Control") != test.life {
			t.Errorf("%s: got %v", test.url, h)
		}
		if h.Get("Last-Modified") != "Fri, 02 Jan 2026 03:04:05 GMT" || len(h.Get("Etag")) != 18 {
			t.Errorf("%s: got validators %v", test.url, h)
		}
	}
}

func TestTheSitesOwnPagesForErrors(t *testing.T) {
	t.Parallel()
	s := newFolder(t, "404.html", "50x.html", "503.html", "404/index.html", "900.html", "40.html", "sub/500.html").load()
	for _, test := range []struct {
		status int
		want   string
	}{
		{404, "this is 404.html"}, {500, "this is 50x.html"}, {502, "this is 50x.html"}, {503, "this is 503.html"},
		{410, ""}, {403, ""}, {900, ""}, {40, ""},
	} {
		p := s.Error(test.status)
		got := ""
		if p != nil {
			got = string(p.Body())
		}
		if got != test.want || p != nil && p.Status != test.status {
			t.Errorf("%d: got %q", test.status, got)
		}
	}
	w := get(t, s, "http://example.org/nope")
	if w.Code != 404 || w.Body.String() != "this is 404.html" || w.Header().Get("Cache-Control") != "public, max-age=10" {
		t.Errorf("/nope: got %d %q %v", w.Code, w.Body, w.Header())
	}
	if w := get(t, s, "http://example.org/404.html"); w.Code != 200 {
		t.Errorf("/404.html: got %d", w.Code)
	}
	if p := newFolder(t, "index.html").load().Error(404); p != nil {
		t.Errorf("without one: got %v", p)
	}
}

func TestTypesDoNotDependOnTheMachine(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.HTML": "text/html; charset=utf-8", "a.tar.gz": "application/gzip", "a": unknown, "a.": unknown, "a.exe": unknown,
		"a.woff2": "font/woff2", "html": unknown, "a.svg": "image/svg+xml", "LICENSE": unknown, "x.b/c": unknown,
	} {
		if got := typeOf(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	for extension, mediaType := range types {
		if extension != strings.ToLower(extension) || extension[0] != '.' {
			t.Errorf("%s cannot be found", extension)
		}
		if text := strings.HasPrefix(mediaType, "text/"); text != strings.HasSuffix(mediaType, "; charset=utf-8") {
			t.Errorf("%s is %s: text, and only text, has a charset", extension, mediaType)
		}
	}
	if got := new(Config).mediaType("a.html", []byte("<meta charset=latin1>\xe4")); got != "text/html" {
		t.Errorf("text that is not UTF-8: got %s", got)
	}
}

// TestEveryPOPSaysTheSame: the times and the order of files differ from machine to machine, the pages do not.
func TestEveryPOPSaysTheSame(t *testing.T) {
	t.Parallel()
	names := []string{"index.html", "a.html", "b.html", "c.css"}
	one, other := newFolder(t, names...), newFolder(t, "c.css", "b.html", "a.html", "index.html")
	other.date("a.html", time.Now())
	first, second := one.load(), other.load()
	for _, name := range names {
		if a, b := first.files[name].page.Negotiate("").ETag, second.files[name].page.Negotiate("").ETag; a != b {
			t.Errorf("%s: %s at one, %s at the other", name, a, b)
		}
	}
}

func TestAnswersDoNotAllocate(t *testing.T) {
	s := newFolder(t, "index.html", "blog/index.html", "404.html").load()
	s.files["index.html"].page, s.files["index.html"].disk = nil, &onDisk{}
	s.earlier = map[string]*file{"/old.3f9a1c07.js": {page: s.files["404.html"].page, until: time.Now().Add(time.Hour)}}
	for _, test := range []struct{ method, url string }{
		{"GET", "/blog/"}, {"HEAD", "/blog/index.html"}, {"GET", "/nope"}, {"GET", "/old.3f9a1c07.js"}, {"POST", "/"}, {"GET", "/"},
	} {
		q := page.RequestOf(httptest.NewRequest(test.method, test.url, nil))
		if n := testing.AllocsPerRun(100, func() { s.Answer(&q) }); n != 0 {
			t.Errorf("%s %s: %v allocations", test.method, test.url, n)
		}
	}
}

// TestWhatTakesTheDiskIsDeclined where no more than fields has been seen: so nobody reads it twice.
func TestWhatTakesTheDiskIsDeclined(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "index.html", "large.bin", ".well-known/acme-challenge/token")
	s := d.load()
	s.files["large.bin"].page, s.files["large.bin"].disk = nil, &onDisk{}
	for path, declined := range map[string]bool{
		"/": false, "/nope": false, "/index.html/": false, "/large.bin": true, "/.well-known/acme-challenge/other": true,
	} {
		a := s.Answer(&page.Request{Method: http.MethodGet, Path: path})
		if a.Declined() != declined {
			t.Errorf("%s: declined %v, want %v", path, a.Declined(), declined)
		}
	}
}
