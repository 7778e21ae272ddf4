package files

import (
	"net/http"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

func TestAFolderMayLieBelowAPath(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "index.html", "about.html", "img/index.html", "a b/index.html", "caf/x.txt", "new.css")
	d.write("img/index.html", `<a id="x" href="a"></a><a href="/some where/about#none"></a><a href="/some where/img"></a><a href="/about"></a><a href="/other/x"></a><a href="/other/y"></a>`)
	c := Config{Folder: d.path, Memory: 1 << 30, Below: "/some where", Rules: []page.Rule{
		{Pattern: "/some where/img/*", Value: "one"}, {Pattern: "/new.css", Value: "wrong"}, {Pattern: "*.css", Value: "two"}, {Pattern: "/*", Value: "rest"},
	}}
	s := Load(c, nil).Value
	for url, want := range map[string]string{
		"/some%20where": "301 /some%20where/", "/some%20where?a=b": "301 /some%20where/?a=b", "/some%20where/": "this is index.html",
		"/some%20where/about": "this is about.html", "/some%20where/about/": "301 /some%20where/about", "/some%20where/img": "301 /some%20where/img/",
		"/some%20where/a%20b": "301 /some%20where/a%20b/", "/some%20where/caf/x.txt": "this is caf/x.txt", "/some%20where/caf": "404",
		"//some%20where/about": "301 /some%20where/about", "/some%20where//about": "301 /some%20where/about", "/some%20where//img": "301 /some%20where/img/",
		"/about": "404", "/": "404",
	} {
		w := get(t, s, url)
		got := w.Body.String()
		switch w.Code {
		case http.StatusMovedPermanently:
			got = "301 " + w.Header().Get("Location")
		case http.StatusNotFound:
			got = "404"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
	for url, want := range map[string]string{"/some%20where/img/": "one", "/some%20where/new.css": "two", "/some%20where/about": "rest"} {
		if got := get(t, s, url).Header().Get("Cache-Control"); got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
	elsewhere := func(path string) (other, there bool) { return strings.HasPrefix(path, "/other/"), path == "/other/x" }
	if _, dead := s.Check(elsewhere); d.inside(dead) != `img/index.html:1: "a" leads nowhere: the site has no /some where/img/a`+"\n"+
		`img/index.html:1: "/about" leads nowhere: the site has no /about`+"\n"+
		`img/index.html:1: "/other/y" leads nowhere: the site has no /other/y`+"\n"+
		`img/index.html:1: "/some where/about#none" leads nowhere: /some where/about has no element with the id "none"`+"\n" {
		t.Errorf("got\n%s", d.inside(dead))
	}
}

func TestAFolderWithoutAnIndexHasNone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"index.html": true, "other.html": false} {
		if got := newFolder(t, name).load().HasIndex(); got != want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestAnswerBelowAPathAllocatesNothing(t *testing.T) {
	d := newFolder(t, "about.html")
	s := Load(Config{Folder: d.path, Memory: 1 << 30, Below: "/docs"}, nil).Value
	q := page.Request{Method: http.MethodGet, Path: "/docs/about"}
	if n := testing.AllocsPerRun(100, func() { s.Answer(&q) }); n != 0 || s.Answer(&q).Page.Status != 200 {
		t.Errorf("%v allocations", n)
	}
}
