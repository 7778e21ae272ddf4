package files

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// hosted loads a folder whose files may tell of its paths.
func (d siteFolder) hosted(c Config, last *Site) diag.Loaded[*Site] {
	d.Helper()
	c.Folder, c.HostFiles, c.Memory = d.path, true, 1<<20
	if c.Hosts == nil {
		c.Hosts = []string{"example.org"}
	}
	l := Load(c, last)
	if l.Value == nil || len(l.Problems) > 0 {
		d.Fatalf("problems %v", l.Problems)
	}
	return l
}

// outcome is an answer as an operator would write it: "301 /new", "404 this is 404.html".
func outcome(t *testing.T, s *Site, method, url string) string {
	t.Helper()
	w := ask(t, s, method, "http://example.org"+url)
	code := strings.TrimPrefix(http.StatusText(w.Code), "OK")
	if to := w.Header().Get("Location"); to != "" {
		return code + " " + to
	}
	if strings.Contains(w.Body.String(), "<!doctype") {
		return code
	}
	return strings.TrimSpace(code + " " + w.Body.String())
}

func TestWhatIsThereGoesBeforeARuleUnlessItIsForced(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "index.html", "about.html", "docs/index.html", "docs/home.html", "closed.html", "404.html", "app.html", ".well-known/acme-challenge/token")
	d.write("_redirects", `
/about      /elsewhere
/about.html /about
/docs/      /docs/home  301!
/none       /somewhere  302
/shop/*     /closed     404
/gone       /closed     410
/dead       410
/lost/*     /nothing    200
/app/*      /app        200
/old/*      https://other.example/:splat  308
/evil/*     /:splat
/kept/*     200
/*          /index.html 200
`)
	l := d.hosted(Config{}, nil)
	for _, test := range []struct{ method, url, want string }{
		{"GET", "/about", "this is about.html"}, {"GET", "/about.html", "this is about.html"}, {"GET", "/about/", "Moved Permanently /about"},
		{"GET", "/docs/", "Moved Permanently /docs/home"}, {"GET", "/docs", "Moved Permanently /docs/home"}, {"GET", "/docs/home", "this is docs/home.html"},
		{"GET", "/none", "Found /somewhere"}, {"GET", "/none/?a=b", "Found /somewhere?a=b"}, {"POST", "/none", "Found /somewhere"},
		{"POST", "/about", "Method Not Allowed"}, {"POST", "/x", "Method Not Allowed"}, {"POST", "/docs/", "Moved Permanently /docs/home"},
		{"GET", "/shop/a", "Not Found this is closed.html"}, {"GET", "/gone", "Gone this is closed.html"}, {"GET", "/dead", "Gone"},
		{"GET", "/lost/a", "Not Found this is 404.html"}, {"GET", "/app/a/b", "this is app.html"}, {"GET", "/old/a?b", "Permanent Redirect https://other.example/a?b"},
		{"GET", "/evil//other.example", "Moved Permanently /other.example"}, {"GET", "/kept/a", "Not Found this is 404.html"},
		{"GET", "/any/thing", "this is index.html"}, {"GET", "//about", "Moved Permanently /about"},
		{"GET", "/_redirects", "this is index.html"},
		{"GET", "/.well-known/acme-challenge/token", "this is .well-known/acme-challenge/token"},
	} {
		if got := outcome(t, l.Value, test.method, test.url); got != test.want {
			t.Errorf("%s %s: got %q, want %q", test.method, test.url, got, test.want)
		}
	}
	const want = "_redirects:2: /about is there, and what is there goes before a rule: with a ! behind the status (301!) this one would decide\n" +
		"_redirects:9: /nothing is not there, so that visitors get 404\n"
	if got := d.inside(l.Notes); got != want {
		t.Errorf("got notes\n%s", got)
	}
	if l.Value.Pages() != 8 {
		t.Errorf("got %d pages", l.Value.Pages())
	}
}

func TestARuleMayTakeAllOfASite(t *testing.T) {
	t.Parallel()
	d := newFolder(t, ".well-known/acme-challenge/token")
	d.write("_redirects", "/* https://other.example/:splat 301!\n")
	s := d.hosted(Config{}, nil).Value
	for url, want := range map[string]string{
		"/": "Moved Permanently https://other.example/", "/a/b": "Moved Permanently https://other.example/a/b",
		"/.well-known/acme-challenge/other": "Moved Permanently https://other.example/.well-known/acme-challenge/other",
	} {
		if got := outcome(t, s, "GET", url); got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
	d.remove(".well-known")
	if l := d.hosted(Config{}, nil); outcome(t, l.Value, "GET", "/") != "Moved Permanently https://other.example/" {
		t.Error("rules alone are no site")
	}
}

// TestARuleForAllDoesNotTurnInCircles, wherever the page that it leads to has a slash at its end and the rule has none.
func TestARuleForAllDoesNotTurnInCircles(t *testing.T) {
	t.Parallel()
	for to, name := range map[string]string{"/docs/notes": "docs/notes/index.html", "/docs/notes/": "docs/notes.html", "/docs/": "docs/index.html", "/closed.html": "closed.html"} {
		d := newFolder(t, name, "index.html", "a.css")
		d.write("_redirects", "/* "+to+" 301!\n")
		s := d.hosted(Config{}, nil).Value
		for _, url := range []string{"/", "/a.css", "/none", to, "/" + name} {
			at := url
			for range 5 {
				got := outcome(t, s, "GET", at)
				if rest, moved := strings.CutPrefix(got, "Moved Permanently "); moved {
					at = rest
				}
			}
			if got := outcome(t, s, "GET", at); got != "this is "+name {
				t.Errorf("%s of a rule to %s: got %q at %s", url, to, got, at)
			}
		}
	}
}

func TestRedirectsOfAPartStayBelowItsPath(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "a.html")
	d.write("_redirects", "/b /a\n/c https://other.example/\n")
	s := d.hosted(Config{Below: "/é"}, nil).Value
	for url, want := range map[string]string{"/%C3%A9/b": "Moved Permanently /%C3%A9/a", "/%C3%A9/c": "Moved Permanently https://other.example/"} {
		if got := outcome(t, s, "GET", url); got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}

func TestFieldsByPath(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "index.html", "about.html", "certs/a.pem", "certs/b.pem", "app.js", "large.bin", "404.html")
	d.write("_headers", `
/*
  X-Robots-Tag: noindex
  Cache-Control: no-cache
/certs/*.pem
  Content-Type: application/x-pem-file
  ! X-Robots-Tag
/about
  Vary: Cookie
  X-About: yes
/app.js
  X-Robots-Tag: nosnippet
`)
	l := d.hosted(Config{Rules: []page.Rule{{Pattern: "*.js", Value: "max-age=1"}}, Types: []TypeRule{{"/certs/b.pem", "text/plain"}}}, nil)
	for _, test := range []struct{ url, page, over string }{
		{"/", "text/html; charset=utf-8, no-cache", "X-Robots-Tag: noindex"},
		{"/certs/a.pem", "application/x-pem-file, no-cache", "X-Robots-Tag: "},
		{"/certs/b.pem", "text/plain, no-cache", "X-Robots-Tag: "},
		{"/about.html", "text/html; charset=utf-8, no-cache, Cookie", "X-Robots-Tag: noindex, X-About: yes"},
		{"/app.js", "text/javascript; charset=utf-8, max-age=1", "X-Robots-Tag: noindex, nosnippet"},
		{"/none", "text/html; charset=utf-8, public, max-age=10", "X-Robots-Tag: noindex"},
		{"/_headers", "text/html; charset=utf-8, public, max-age=10", "X-Robots-Tag: noindex"},
	} {
		a := l.Value.Answer(&page.Request{Method: http.MethodGet, Path: test.url})
		var inPage, over []string
		for _, f := range a.Page.Header() {
			inPage = append(inPage, f.Value)
		}
		for _, f := range a.Overlay.Fields {
			over = append(over, f.Name+": "+f.Value)
		}
		if got := strings.Join(inPage, ", "); got != test.page {
			t.Errorf("%s: got %q, want %q", test.url, got, test.page)
		}
		if got := strings.Join(over, ", "); got != test.over {
			t.Errorf("%s: got %q over it, want %q", test.url, got, test.over)
		}
	}
	if s := l.Value; s.files["index.html"].overlay != s.files["large.bin"].overlay {
		t.Error("files with the same fields do not share them")
	}
}

// TestADeployTakesFieldsOver: pages whose fields have changed are new, all others stay with all their codings.
func TestADeployTakesFieldsOver(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "a.html", "b.html")
	d.write("_headers", "/a\n  Cache-Control: no-cache\n")
	first := d.hosted(Config{}, nil).Value
	d.write("_headers", "/a\n  Cache-Control: no-store\n/*\n  X-A: b\n")
	d.write("_redirects", "/c /a\n")
	second := d.hosted(Config{}, first).Value
	if got := second.files["a.html"].page.Field("Cache-Control"); got != "no-store" {
		t.Errorf("got %q", got)
	}
	if second.files["b.html"].page != first.files["b.html"].page || second.files["b.html"].overlay == nil {
		t.Error("a page was made again for a field that is not its own")
	}
	if got := outcome(t, second, "GET", "/c"); got != "Moved Permanently /a" {
		t.Errorf("got %q", got)
	}
	if got := outcome(t, first, "GET", "/c"); got != "Not Found" {
		t.Errorf("the old site has the new rules: %q", got)
	}
	d.remove("_headers")
	d.remove("_redirects")
	third := d.hosted(Config{}, second).Value
	if got := third.files["a.html"].page.Field("Cache-Control"); got == "no-store" || third.files["a.html"].overlay != nil || outcome(t, third, "GET", "/c") != "Not Found" {
		t.Errorf("what was taken away is still there: %q", got)
	}
}

func TestACacheControlThatContradictsItselfIsANote(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "index.html", "a.css", "b.css", "c.css")
	d.write("_headers", "/*\n  Cache-Control: max-age=0\n/*.css\n  Cache-Control: max-age=60\n/c.css\n  ! Cache-Control\n  Cache-Control: max-age=5\n")
	const want = `_headers: /a.css has Cache-Control of two paths here, "max-age=0, max-age=60": of two max-age caches may take either ` +
		"(! Cache-Control below the narrower path takes away what was said before)\n"
	if got := d.inside(d.hosted(Config{}, nil).Notes); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestAChangeOfARuleIsSeen(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "a.html")
	d.write("_redirects", "/c /a\n")
	seen := d.hosted(Config{}, nil).Files
	d.write("_redirects", "/c /b/\n")
	if seen.Unchanged() {
		t.Error("nobody would read it again")
	}
}

func TestElsewhereTheFilesAreOrdinaryOnes(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "index.html", "_redirects", "sub/_headers")
	if got := outcome(t, d.load(), "GET", "/_redirects"); got != "this is _redirects" {
		t.Errorf("got %q", got)
	}
	if got := outcome(t, d.hosted(Config{}, nil).Value, "GET", "/sub/_headers"); got != "this is sub/_headers" {
		t.Errorf("got %q", got)
	}
}

func TestLinksMayLeadThroughRules(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "about.html")
	d.write("index.html", `<a href="/old/about">1</a> <a href="/old/none">2</a> <a href="/out">3</a> <a href="/app/x">4</a> <a href="/shut">5</a>`)
	d.write("_redirects", "/old/* /:splat\n/out https://example.net/\n/app/* /index.html 200\n/shut /about 404\n")
	_, dead := d.hosted(Config{}, nil).Value.Check(nil)
	if got := d.inside(dead); strings.Count(got, "\n") != 2 || !strings.Contains(got, `"/old/none" leads nowhere`) || !strings.Contains(got, `"/shut" leads nowhere`) {
		t.Errorf("got\n%s", got)
	}
}

func TestAnswersByRulesDoNotAllocate(t *testing.T) {
	d := newFolder(t, "index.html", "forced.html", "404.html")
	d.write("_redirects", "/old/* /new/:splat\n/forced/ x=1 / 301!\n/none/* 404\n/gone 410\n/closed / 403\n/* /index.html 200\n")
	d.write("_headers", "/*\n  X-A: b\n  Cache-Control: no-cache\n")
	s := d.hosted(Config{}, nil).Value
	for _, url := range []string{"/", "/forced", "/none/x", "/gone", "/closed", "/any/thing"} {
		q := page.RequestOf(httptest.NewRequest("GET", url, nil))
		if n := testing.AllocsPerRun(100, func() { s.Answer(&q) }); n != 0 {
			t.Errorf("%s: %v allocations", url, n)
		}
	}
}
