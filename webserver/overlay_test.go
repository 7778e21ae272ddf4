package webserver

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

// overlaid is a site with an overlay on its one page.
type overlaid struct {
	page *page.Page
	over *page.Overlay
}

func (s *overlaid) Answer(*page.Request) page.Answer {
	return page.Answer{Page: s.page, Cache: page.WasThere, Overlay: s.over}
}
func (s *overlaid) Error(int) *page.Page { return nil }
func (s *overlaid) Health() error        { return nil }

// TestFieldsOfAPathGoBeforeOursAndBehindTheOperators, over every way that a page takes, and each of them once.
func TestFieldsOfAPathGoBeforeOursAndBehindTheOperators(t *testing.T) {
	t.Parallel()
	p := text(5000)
	site := &overlaid{p, &page.Overlay{Fields: []page.Field{
		{Name: "X-Frame-Options", Value: "DENY"}, {Name: "Referrer-Policy"}, {Name: "X-Robots-Tag", Value: "noindex, nosnippet"},
		{Name: "X-Own", Value: "of the path"}, {Name: "Strict-Transport-Security", Value: "max-age=1"},
	}}}
	current, roots := certified(t, time.Now().Add(time.Hour))
	_, plain, secure := serve(t, Config{HSTS: "max-age=2"}, current, VirtualHost{
		Name: "site", Hosts: []string{"*"}, Parts: only(site), Headers: []page.Field{{Name: "X-Own", Value: "of the operator"}},
	})
	trust := &tls.Config{RootCAs: roots, ServerName: "example.org"}
	old, err := tls.Dial("tcp", secure, trust)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	open, err := net.Dial("tcp", plain)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	for _, way := range []struct {
		conn  net.Conn
		lines string
		hsts  string
	}{
		{open, "", ""}, {open, "Range: bytes=0-1\r\n", ""}, {open, "If-None-Match: " + p.Negotiate("").ETag + "\r\n", ""}, {open, "Accept-Encoding: gzip\r\n", ""},
		{old, "", "max-age=1"}, {old, "Range: bytes=0-1\r\n", "max-age=1"},
	} {
		io.WriteString(way.conn, "GET / HTTP/1.1\r\nHost: example.org\r\n"+way.lines+"\r\n")
		response, err := http.ReadResponse(bufio.NewReader(way.conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{
			"X-Frame-Options": "DENY", "Referrer-Policy": "", "X-Robots-Tag": "noindex, nosnippet", "X-Own": "of the operator",
			"Strict-Transport-Security": way.hsts, "X-Content-Type-Options": "nosniff",
		} {
			if got := strings.Join(response.Header[name], "|"); got != want {
				t.Errorf("%q: %s: got %q, want %q", way.lines, name, got, want)
			}
		}
	}
}

func TestAHitWithAnOverlayAllocatesNothing(t *testing.T) {
	p := text(5000)
	p.Pack()
	s := newServer(t, Config{POP: "fra"}, whole(&overlaid{p, &page.Overlay{Fields: []page.Field{{Name: "X-Frame-Options", Value: "DENY"}}}}))
	r, w := request("GET /"), newSink()
	s.ServeHTTP(w, r)
	if n := testing.AllocsPerRun(100, func() {
		clear(w.header)
		s.ServeHTTP(w, r)
	}); n != 0 || w.status != http.StatusOK {
		t.Errorf("%v allocations, status %d", n, w.status)
	}
}
