package hostfiles

import (
	"fmt"
	"strings"
	"testing"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// said is what rules say of a URL: "301 /new", "200 > /index.html", "nothing".
func said(r *Redirects, target string, forced bool) string {
	q := page.Request{Host: "example.org"}
	if rest, ok := strings.CutPrefix(target, "https://"); ok {
		q.Secure, target = true, rest
	}
	if rest, ok := strings.CutPrefix(target, "http://"); ok {
		target = rest
	}
	if at := strings.IndexByte(target, '/'); at > 0 {
		q.Host, target = target[:at], target[at:]
	}
	q.Path, q.Query, _ = strings.Cut(target, "?")
	m, ok := r.Find(&q, q.Path, forced)
	switch {
	case !ok:
		return "nothing"
	case m.Redirects():
		return fmt.Sprintf("%d %s", m.Status, m.Location)
	}
	return fmt.Sprintf("%d > %s", m.Status, m.Path)
}

// told are notes, one a line: "3: what".
func told(notes []diag.Problem) string {
	var b strings.Builder
	for _, n := range notes {
		fmt.Fprintf(&b, "%d: %s\n", n.Line, n.Text)
	}
	return b.String()
}

func TestRulesLeadWhereTheySay(t *testing.T) {
	t.Parallel()
	r, notes := ReadRedirects("_redirects", strings.Join([]string{
		"\ufeff# comment",
		"/home              /",
		"/blog/my-post.php  /blog/my-post  # why",
		"\t/news\t/blog\t302\r",
		"/google            https://www.google.com 308",
		"/see               /seen 303",
		"/keep              /kept?x=1#top 307",
		"/fragment          /docs/#part",
		"/caf%C3%A9         /kaffee/ä",
		"/john%smith%1      /about-john%smith%1",
		`/back              /\\other.example`,
		"/old/*             /new/:splat",
		"/up/*              /:splat",
		"/setup/*           /docs/setup/ 301",
		"/news/:month/:date/:year/:slug  /blog/:year/:month/:date/:slug",
		"/blog/:year/:slug  /posts/:year-:slug",
		"/store id=:id      /blog/:id  301",
		"/articles id=:id tag=:tag /posts/:tag/:id 301",
		"/lang lang=de      /de/ 302",
		"/print print       /printed 302",
		"/q/:word           /search?q=:word 302",
		"/my-page           /page.html 200",
		"/ecommerce         /store-closed 404",
		"/gone/*            410",
		"/docs/             /docs/home/ 301!",
		"http://example.org/secure/*  https://example.org/secure/:splat 301!",
		"https://www.example.org/*    https://example.org/:splat 301!",
		"/static/*          200",
		"/:a/:b/x           https://:80.example.net/:b/:a",
		"/app/*             /index.html 200",
		"/*                 /404.html 404",
	}, "\n"), []string{"example.org", "www.example.org"})
	if len(notes) > 1 || len(notes) == 1 && notes[0].Line != 29 {
		t.Errorf("got notes %s", told(notes))
	}
	for _, test := range []struct{ target, want string }{
		{"/home", "301 /"}, {"/home/", "301 /"}, {"/home?a=b&c", "301 /?a=b&c"},
		{"/blog/my-post.php", "301 /blog/my-post"},
		{"/news", "302 /blog"},
		{"/google?q=1", "308 https://www.google.com?q=1"},
		{"/see", "303 /seen"},
		{"/keep?y=2", "307 /kept?x=1#top"}, // it has a query of its own
		{"/fragment?y=2", "301 /docs/?y=2#part"},
		{"/john%smith%1", "301 /about-john%25smith%251"},
		{"/back", "301 /%5C%5Cother.example"},
		{"/café", "301 /kaffee/%C3%A4"},
		{"/old/a/b/?c=d", "301 /new/a/b/?c=d"}, {"/old", "301 /new/"}, {"/old/a b?", "301 /new/a%20b"},
		{"/up//evil.example/", "301 /evil.example/"}, {"/up/http://x", "301 /http://x"},
		{"/setup/a/b", "301 /docs/setup/"},
		{"/news/02/12/2004/my-story", "301 /blog/2004/02/12/my-story"},
		{"/blog/2024/x", "301 /posts/2024-x"},
		{"/store?id=my-blog-post", "301 /blog/my-blog-post"}, {"/store?id=7&utm=x", "301 /blog/7?utm=x"}, {"/store", "404 > /404.html"}, {"/store?id=", "404 > /404.html"},
		{"/store?id=../../x", "301 /blog/../../x"},
		{"/articles?tag=go&id=9", "301 /posts/go/9"},
		{"/lang?lang=de", "302 /de/"}, {"/lang?lang=fr", "404 > /404.html"},
		{"/print?print", "302 /printed"},
		{"/q/a&b=c", "302 /search?q=a%26b%3Dc"},
		{"/my-page", "200 > /page.html"},
		{"/ecommerce", "404 > /store-closed"},
		{"/gone/x", "410 > "},
		{"/docs", "301 /docs/home/"},
		{"http://example.org/secure/x", "301 https://example.org/secure/x"}, {"https://example.org/secure/x", "404 > /404.html"},
		{"https://www.example.org/a?b", "301 https://example.org/a?b"}, {"http://www.example.org/a", "301 https://example.org/a"},
		{"/static/none.css", "200 > /static/none.css"},
		{"/app/any/where", "200 > /index.html"},
		{"/none", "404 > /404.html"},
	} {
		if got := said(r, test.target, false); got != test.want {
			t.Errorf("%s: got %q, want %q", test.target, got, test.want)
		}
	}
	for target, want := range map[string]string{"/docs/": "301 /docs/home/", "/home": "nothing", "/app/x": "nothing"} {
		if got := said(r, target, true); got != want {
			t.Errorf("%s, forced: got %q, want %q", target, got, want)
		}
	}
}

// TestRulesAsSitesHaveThem: the kinds of rules that were found in the files of real sites.
func TestRulesAsSitesHaveThem(t *testing.T) {
	t.Parallel()
	r, notes := ReadRedirects("", strings.Join([]string{
		"/:lang/deploy/:service        /:lang/guides/deploy/:service",
		"/:lang:/reference/components  /:lang:/guides/highlighting/",
		"/docs/:lang/usage.html        /docs/:lang/install.html",
		"/en/*                         /:splat",
		"/docs/*                       /:splat",
		"/docs/en/*                    /docs/:splat",
		"/path/* param1=:value1        /otherpath/:value1/:splat",
		"/products/:code/:name         /products?code=:code&name=:name",
		"/zero/                        /products/?group=One+Two 301",
		"/accessibility*               /terms 301!",
		"/about.html                   /about 301!",
		"/about                        /about.html 200",
		"https://example.org//*        https://example.org/:splat 301!",
		"http://礼.example/*            https://example.org/:splat",
		"/idn                          https://礼.example/x",
		"/well-known/*                 /.well-known/:splat 200!",
		"/*/*/static/js/*              /static/js/:splat 200!",
		"/:lang/*                      /:lang/404/ 404",
	}, "\n"), []string{"example.org"})
	if got := told(notes); strings.Count(got, "\n") != 2 || !strings.Contains(got, "14: ") || !strings.Contains(got, "17: ") {
		t.Errorf("got notes %s", got)
	}
	for target, want := range map[string]string{
		"/en/deploy/x": "301 /en/guides/deploy/x", "/fr/deploy/x/": "301 /fr/guides/deploy/x", "/fr:/reference/components": "301 /fr:/guides/highlighting/",
		"/docs/en/usage.html": "301 /docs/en/install.html", "/docs/en/x": "301 /en/x", "/en": "301 /",
		"/path/a/b?param1=c": "301 /otherpath/c/a/b", "/products/7/a b": "301 /products?code=7&name=a+b", "/zero?x=y": "301 /products/?group=One+Two",
		"/accessibility-2": "301 /terms", "/about.html": "301 /about", "/about": "200 > /about.html", "//x": "301 https://example.org/x",
		"/idn": "301 https://%E7%A4%BC.example/x", "/well-known/a.json": "200 > /.well-known/a.json", "/fr/none/x": "404 > /fr/404/",
	} {
		if got := said(r, "http://example.org"+target, false); got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
}

func TestTheFirstRuleThatFitsDecides(t *testing.T) {
	t.Parallel()
	r, _ := ReadRedirects("", "/a/b /1\n/a/* /2\n/a/c /3\n/d x=1 /4\n/d /5\n/:any /6 302", nil)
	for target, want := range map[string]string{
		"/a/b": "301 /1", "/a/c": "301 /2", "/a": "301 /2", "/d?x=1": "301 /4", "/d?x=2": "301 /5?x=2", "/e": "302 /6", "/e/f": "nothing",
	} {
		if got := said(r, target, false); got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
}

// TestNoRuleLeadsToWhereTheRequestIs: browsers would go round in circles. So they would where the server wants a slash at the end
// that the rule takes away, or the other way round.
func TestNoRuleLeadsToWhereTheRequestIs(t *testing.T) {
	t.Parallel()
	r, _ := ReadRedirects("", "https://example.org/* https://example.org/:splat 301!\n/slash/* /slash/:splat/ 301!\n"+
		"/q/* /q/:splat?a=b 301!\n/f/* /f/:splat#part 301!\nhttps://root.example/* https://root.example 301!\nhttp://plain.example/* /plain 301!\n/* /one 301!\n", []string{"*"})
	for target, want := range map[string]string{
		"https://example.org/one": "nothing", "http://example.org/one": "301 https://example.org/one",
		"https://example.net/slash/a": "301 /one", "https://example.net/slash/a/": "301 /one", "https://example.net/x": "301 /one", "https://example.net/one": "nothing",
		"https://example.net/one/": "nothing", "https://example.net/one?a=b": "nothing", "https://example.org/one/": "nothing",
		"https://example.net/q/x": "301 /q/x?a=b", "https://example.net/q/x?c=d": "301 /q/x?a=b", "https://example.net/q/x?a=b": "301 /one?a=b", "https://example.net/f/x": "301 /one",
		"https://plain.example/a": "301 /one", "http://plain.example/a": "301 /plain",
		"https://root.example/": "301 /one", "https://root.example/a": "301 https://root.example",
	} {
		if got := said(r, target, false); got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
}

func TestWhatIsNoRuleIsANote(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ line, want string }{
		{"/a", "want where it leads"}, {"/a 301", "want where it leads"}, {"/a b", "want where it leads"}, {"/a 200", "want where it leads"},
		{"a /b", "a rule is from a path"}, {"/a //b", "neither a path nor a URL"}, {"/a http://", "neither a path nor a URL"},
		{"/a /b 30x", `"30x" is no status`}, {"/a /b 999", "status 999 is none of"}, {"/a /b 500", "status 500 is none of"},
		{"/a /b 301 302", `"302" says nothing here`}, {"/a?b=c /d", `no "?b=c" in it`}, {"/a/*/b/* /c", "it may have one *"},
		{"/ /de 302 Language=de", "rules by Language are not done"}, {"/ /au 302 Country=au,nz", "rules by Country are not done"},
		{"/a /b 302 Cookie=x", "rules by Cookie are not done"},
		{"/admin/* /admin/:splat 200! Role=admin", "NOT protected"}, {"/admin/* /login 401!", "NOT protected"},
		{"/a/* https://:splat.example.org/", "part of the host"},
		{"https://other.example/* https://example.org/:splat", "other.example is none of the site's hosts"},
		{"https://exa mple/", "neither"}, {"/about /about/", "it leads to itself"}, {"/x /x", "it leads to itself"},
		{"/bell\x07 /x", "control character"},
	} {
		r, notes := ReadRedirects("_redirects", "/fine /1\n"+test.line, []string{"example.org"})
		if len(notes) != 1 || notes[0].Line != 2 || !strings.Contains(notes[0].Text, test.want) && test.want != "neither" || notes[0].File != "_redirects" {
			t.Errorf("%q: got %s, want %q", test.line, told(notes), test.want)
		}
		if got := said(r, "/fine", false); got != "301 /1" || len(r.rules) != 1 {
			t.Errorf("%q: the other rule is lost: %q, %d rules", test.line, got, len(r.rules))
		}
	}
}

func TestWhatOtherHostsDoIsNotFoundHere(t *testing.T) {
	t.Parallel()
	r, notes := ReadRedirects("", "/api/* https://api.example.com/:splat 200! Sign=KEY\n/f/* /.netlify/functions/:splat 200\n/a /:b\n/* /index.html 200", nil)
	const want = "1: nothing is fetched from another host (a site with `origin` does that): visitors get 404\n" +
		"2: there are no functions here: visitors get 404\n3: :b stands for nothing, as it is not in /a\n"
	if told(notes) != want {
		t.Errorf("got\n%s", told(notes))
	}
	for target, want := range map[string]string{"/api/x": "404 > ", "/f/x": "404 > ", "/a": "301 /:b", "/x": "200 > /index.html"} {
		if got := said(r, target, false); got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
	if got := said(r, "/api/x", true); got != "nothing" {
		t.Errorf("a file is lost for a proxy: %q", got)
	}
}

func TestRulesHaveTheirLimits(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range mostRules + 2 {
		fmt.Fprintf(&b, "/%d /x%d\n", i, i)
	}
	r, notes := ReadRedirects("", b.String(), nil)
	if len(r.rules) != mostRules || len(notes) != 1 || notes[0].Line != mostRules+1 {
		t.Errorf("%d rules, %s", len(r.rules), told(notes))
	}
	r, notes = ReadRedirects("", "/a /b\n"+strings.Repeat("#", LongestFile)+"\n/c /d\n", nil)
	if len(r.rules) != 1 || told(notes) != "2: the file is longer than 1 MB; it is read up to here\n" {
		t.Errorf("%d rules, %s", len(r.rules), told(notes))
	}
}

func TestTheSamePathAgainIsANote(t *testing.T) {
	t.Parallel()
	_, notes := ReadRedirects("", "/a x=1 /1\n/a /2\n/a/ /3\n/b /4\n/b /5 301!\n/b /6", nil)
	const want = "3: line 2 has this path already, and the first rule decides; this one is left out\n" +
		"6: line 4 has this path already, and the first rule decides; this one is left out\n"
	if told(notes) != want {
		t.Errorf("got\n%s", told(notes))
	}
}

func TestARuleThatRewritesAllocatesNothing(t *testing.T) {
	r, _ := ReadRedirects("", "/a /b\n/old/* /new/:splat\n/p/:id /x/:id\n/* /index.html 200", nil)
	q := &page.Request{Path: "/app/deep/inside", Host: "example.org"}
	if n := testing.AllocsPerRun(100, func() { r.Find(q, q.Path, false) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzRedirects reads any file and asks for any URL: no location leaves the site unless a rule names another host, and
// none has a second line.
func FuzzRedirects(f *testing.F) {
	f.Add("/a/* /:splat 301!\n", "/a//evil.example/", "")
	f.Add("/store id=:id /:id 302\nhttps://example.org/* /x/:splat/:splat 307", "/store", "id=//x")
	f.Add("/a* /", "/a", "b\r\nX: #c ")
	f.Add("/:a-:b/* /:b:a/:splat?q=:a#:b\n/x 410\n/* 200", "/1-2/3", "a=b")
	f.Fuzz(func(t *testing.T, text, path, query string) {
		r, _ := ReadRedirects("_redirects", text, []string{"example.org"})
		q := &page.Request{Path: path, Query: query, Host: "example.org"}
		for _, forced := range []bool{false, true} {
			m, ok := r.Find(q, path, forced)
			if !ok || !m.Redirects() {
				continue
			}
			if !strings.HasPrefix(m.Location, "https://") && !strings.HasPrefix(m.Location, "http://") &&
				(!strings.HasPrefix(m.Location, "/") || strings.HasPrefix(m.Location, "//") || strings.HasPrefix(m.Location, `/\`)) {
				t.Errorf("%q leads to %q", path, m.Location)
			}
			if strings.ContainsAny(m.Location, "\r\n ") {
				t.Errorf("%q leads to %q", path, m.Location)
			}
		}
	})
}
