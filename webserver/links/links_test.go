package links

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
)

// site is a site whose pages are at just their paths, but for "/folder", which redirects.
type site map[string]string

func (s site) pages() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, path := range slices.Sorted(maps.Keys(s)) {
			if strings.HasSuffix(path, ".pdf") || strings.HasSuffix(path, ".png") {
				continue
			}
			if !yield(path, []byte(s[path])) {
				return
			}
		}
	}
}

func (s site) find(path string) (string, bool) {
	if path == "/folder" {
		path += "/"
	}
	_, ok := s[path]
	return path, ok
}

func (s site) dead() (list []string) {
	for _, d := range Check([]string{"example.org", "www.example.org"}, s.pages(), s.find) {
		list = append(list, fmt.Sprintf("%s:%d: %s", d.Page, d.Line, d.Text))
	}
	return list
}

// around is a site with one link in an otherwise sound page at /folder/page.
func around(html string) site {
	return site{
		"/":            `<h1 id="welcome">Welcome</h1><a name="old">`,
		"/folder/":     `<h2 id="über uns">x</h2>`,
		"/folder/page": html,
		"/a b.pdf":     "",
		"/big.png":     "",
	}
}

func TestLinksThatLeadSomewhere(t *testing.T) {
	t.Parallel()
	for _, html := range []string{
		`<a href="/">`, `<a href="">`, `<a href=" / ">`, `<a href="..">`, `<a href="./">`, `<a href="page?x=y">`, `<a>`,
		`<a href="/folder">`, `<a href="../folder/#%C3%BCber%20uns">`, `<a href="/#welcome">`, `<a href="/#old">`,
		`<a href="#">`, `<a href="#Top">`, `<a href="#/route">`, `<a href="#!x">`, `<a href="#:~:text=word">`,
		`<a href="/a%20b.pdf">`, `<a href="/a b.pdf#page=7">`, "<a href='/fol\nder/'>",
		`<a href="https://example.org/folder/page">`, `<a href="//WWW.example.org/">`, `<a href="http://example.org">`,
		`<a href="https://example.org:8443/another/server">`, `<a href="https://example.net/not/ours">`,
		`<a href="mailto:a@example.org">`, `<a href="tel:+49">`, `<a href="javascript:void('%')">`, `<a href="web+x.y:%zz">`,
		`<base href="/"><a href="folder/page">`, `<base href="https://example.net/"><a href="not/ours">`,
		`<link rel="preconnect" href="/not-a-page">`, `<link rel="DNS-Prefetch x" href="/not-a-page">`,
		`<img src="/big.png" srcset="/big.png 1x, data:image/png;base64,AA,== 2x,/big.png, /big.png 3x">`,
		`<img src="data:image/png;base64,AAAA">`,
		`<meta http-equiv="refresh" content="0; url='/folder/page'">`, `<meta http-equiv="refresh" content="30">`,
		`<script>var a = '<a href="/not-a-link">'</script>`, `<!-- <a href="/not-a-link"> -->`, `<textarea><a href="/x"></textarea>`,
		`<a href="/" href="/the-first-one-holds">`, `<p href="/not-a-link">`, `<meta content="0; url=/x">`,
	} {
		if dead := around(html).dead(); len(dead) > 0 {
			t.Errorf("%s: %q", html, dead)
		}
	}
}

func TestLinksThatLeadNowhere(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ html, text string }{
		{`<a href="/nope">`, `"/nope" leads nowhere: the site has no /nope`},
		{`<A HREF=nope>`, `"nope" leads nowhere: the site has no /folder/nope`},
		{`<a href="../../x?y#z">`, `"../../x?y#z" leads nowhere: the site has no /x`},
		{`<a href="https://EXAMPLE.org:443/nope">`, `"https://EXAMPLE.org:443/nope" leads nowhere: the site has no /nope`},
		{`<a href="/f&uuml;r">`, `"/für" leads nowhere: the site has no /für`},
		{`<a href="/Folder">`, `"/Folder" leads nowhere: the site has no /Folder`},
		{`<a href="/#nope">`, `"/#nope" leads nowhere: / has no element with the id "nope"`},
		{`<a href="#here">`, `"#here" leads nowhere: /folder/page has no element with the id "here"`},
		{`<a href="/folder#x">`, `"/folder#x" leads nowhere: /folder has no element with the id "x"`},
		{`<a href="/100%">`, `"/100%" is not a URL (what is no letter or digit may have to be written as %XX)`},
		{`<base href="/b/"><base href="/c/"><link rel=stylesheet href=x.css>`, `"x.css" leads nowhere: the site has no /b/x.css`},
		{`<img src=/x.png>`, `"/x.png" leads nowhere: the site has no /x.png`},
		{`<img srcset="/big.png 1x, /x.png 2x">`, `"/x.png" leads nowhere: the site has no /x.png`},
		{`<source srcset="/x.png">`, `"/x.png" leads nowhere: the site has no /x.png`},
		{`<script src="/x.js"></script>`, `"/x.js" leads nowhere: the site has no /x.js`},
		{`<video poster="/x.jpg">`, `"/x.jpg" leads nowhere: the site has no /x.jpg`},
		{`<object data="/x">`, `"/x" leads nowhere: the site has no /x`},
		{`<meta http-equiv="Refresh" content="0;URL = /x">`, `"/x" leads nowhere: the site has no /x`},
		{`<meta http-equiv="refresh" content='0, "/x"'>`, `"/x" leads nowhere: the site has no /x`},
	} {
		got, want := around(test.html).dead(), []string{"/folder/page:1: " + test.text}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", test.html, got, want)
		}
	}
}

func TestTheLineIsWhereTheTagBegins(t *testing.T) {
	t.Parallel()
	got := around("<!doctype html>\n<title>\n</title>\n<p\nclass=x>&amp;\r\n<a\n\n href=/x>x</a>\n<img src=/y>").dead()
	want := []string{`/folder/page:6: "/x" leads nowhere: the site has no /x`, `/folder/page:9: "/y" leads nowhere: the site has no /y`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestALinkIsToldOnceAPageAndOnceOfATemplate(t *testing.T) {
	t.Parallel()
	s := site{}
	for i := range few {
		s[fmt.Sprintf("/%d/", i)] = `<a href="/rare"><a href="../rare">`
	}
	if dead := s.dead(); len(dead) != few {
		t.Errorf("on %d pages: got %q", few, dead)
	}
	s["/one/more/"] = `<a href="/rare">`
	want := []string{`/0/:1: "/rare" leads nowhere: the site has no /rare (5 other pages have this link too)`}
	if dead := s.dead(); !slices.Equal(dead, want) {
		t.Errorf("on %d pages: got %q, want %q", few+1, dead, want)
	}
}
