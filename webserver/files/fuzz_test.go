package files

import (
	"bufio"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

// FuzzAnswer asks for whatever passes as a request. The answer is one of the site's files under a name that stands for
// it, a redirect to such a name on the same host, or that there is none.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{"/about/?a=b", "/a%20b/", "//x/../about", "//blog//", "/a%20b//", "/%2e%2e/secret", "http://other/blog?\r\nX: y", "/50%25%3F/", "/about/?#", "*", "http://other"} {
		f.Add(seed)
	}
	d := newFolder(f)
	for _, name := range []string{"index.html", "about.html", "blog/index.html", "a b.html", "50%?.html", "-/-.txt"} {
		d.write(name, name)
	}
	s := d.load()
	f.Fuzz(func(t *testing.T, target string) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + target + " HTTP/1.1\r\nHost: example.org\r\n\r\n")))
		if err != nil {
			return
		}
		q := page.RequestOf(r)
		p := s.Answer(&q).Page
		switch p.Status {
		case http.StatusOK:
			name := string(p.Body())
			short := strings.TrimSuffix(name, ".html")
			if name == "index.html" || path.Base(name) == "index.html" {
				short = strings.TrimSuffix(name, "index.html")
			}
			if asked := q.Path; asked != "/"+name && asked != "/"+short {
				t.Errorf("%q gives %s", asked, name)
			}
		case http.StatusMovedPermanently:
			location := p.Header()[1].Value
			to, err := url.Parse(location)
			if err != nil || to.Host != "" || to.Scheme != "" || !s.Has(to.Path) || to.RawQuery != q.LocationQuery() || strings.ContainsAny(location, "\r\n") {
				t.Errorf("%q redirects to %q (%v)", target, location, err)
			} else if again := s.urls[to.Path]; again.moved != "" {
				t.Errorf("%q redirects to %q, and that to %q", target, location, again.moved)
			}
		case http.StatusNotFound:
		default:
			t.Errorf("%q: got %d", target, p.Status)
		}
	})
}
