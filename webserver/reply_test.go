package webserver

import (
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

func TestResponseSaysWhereItComesFrom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		outcome page.Outcome
		status  string // Cache-Status
		word    string // in Server-Timing
		age     string
	}{
		{page.WasThere, "tinycdn; hit", "hit", "0"},
		{page.MadeNow, "tinycdn; fwd=uri-miss; stored", "miss", "0"},
		{page.Outcome{Status: "hit; ttl=37", Result: page.Hit, Age: 23}, "tinycdn; hit; ttl=37", "hit", "23"},
		{page.Outcome{Status: "hit; ttl=-5", Result: page.Stale, Age: 65}, "tinycdn; hit; ttl=-5", "stale", "65"},
		{page.FromDisk, "tinycdn; fwd=bypass", "pass", "0"},
	} {
		answer := page.Answer{Page: text(700), Cache: c.outcome}
		s := newServer(t, Config{POP: "fra"}, whole(&scripted{answer: func(*http.Request) page.Answer { return answer }}))
		h := s.ask(request("GET /")).Header
		if h.Get("Cache-Status") != c.status || h.Get("Age") != c.age || h.Get("X-Pop") != "fra" {
			t.Errorf("%v: got %v", c.outcome, h)
		}
		timing := h.Get("Server-Timing")
		if !strings.HasPrefix(timing, "gen;dur=0.") || !strings.HasSuffix(timing, ", cache;desc="+c.word+", pop;desc=fra") {
			t.Errorf("%v: got %s", c.outcome, timing)
		}
	}
	silent := newServer(t, Config{}, whole(always(text(700))))
	if h := silent.ask(request("GET /")).Header; h["X-Pop"] != nil || strings.Contains(h.Get("Server-Timing"), "pop") {
		t.Errorf("a POP that is not to be named: got %v", h)
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	t.Parallel()
	for _, p := range []*page.Page{text(2000), page.Plain(404), page.NotAllowed("GET"), page.Redirect(301, "/a")} {
		s := newServer(t, Config{}, whole(always(p)))
		for _, coding := range []string{"", "gzip"} {
			get, head := s.ask(request("GET /", "Accept-Encoding: "+coding)), s.ask(request("HEAD /", "Accept-Encoding: "+coding))
			sent, _ := io.ReadAll(get.Body)
			nothing, _ := io.ReadAll(head.Body)
			get.Header.Del("Server-Timing")
			head.Header.Del("Server-Timing")
			if len(sent) == 0 || len(nothing) != 0 || head.StatusCode != get.StatusCode || head.ContentLength != int64(len(sent)) || !sameHeader(head.Header, get.Header) {
				t.Errorf("%d: got  %d %v with %d bytes\nwant %d %v", p.Status, head.StatusCode, head.Header, len(nothing), get.StatusCode, get.Header)
			}
		}
	}
}

func sameHeader(a, b http.Header) bool {
	if len(a) != len(b) {
		return false
	}
	for name := range a {
		if strings.Join(a[name], "\n") != strings.Join(b[name], "\n") {
			return false
		}
	}
	return true
}

// TestNotModifiedSaysNoMoreThanItMust holds RFC 9110, 15.4.5, beside what every response says.
func TestNotModifiedSaysNoMoreThanItMust(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{POP: "fra"}, whole(always(tagged(`"abc"`))))
	response := s.ask(request("GET /", `If-None-Match: "abc"`))
	body, _ := io.ReadAll(response.Body)
	h := response.Header
	for name, want := range map[string]string{
		"Etag": `"abc"`, "Cache-Control": "public, max-age=60", "Vary": "Accept-Encoding", "Last-Modified": onTuesday,
		"Content-Type": "", "Content-Length": "", "Content-Encoding": "", "Accept-Ranges": "", "Age": "0", "X-Pop": "fra",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if response.StatusCode != 304 || len(body) != 0 {
		t.Errorf("got %d with %d bytes", response.StatusCode, len(body))
	}
}

func TestEachResponseIsMadeSafe(t *testing.T) {
	t.Parallel()
	own := page.New(page.Response{Status: 200, Body: []byte("x"), Header: []page.Field{
		{Name: "Content-Type", Value: "text/plain"}, {Name: "Referrer-Policy", Value: "no-referrer"}, {Name: "Server-Timing", Value: "db;dur=5"}, {Name: "X-Site", Value: "page"},
	}})
	site := whole(always(own))
	site.Headers = []page.Field{{Name: "x-frame-options", Value: ""}, {Name: "X-Content-Type-Options", Value: "other"}, {Name: "Permissions-Policy", Value: "camera=()"}, {Name: "X-Site", Value: "site"}, {Name: "Strict-Transport-Security", Value: "max-age=1"}}
	s := newServer(t, Config{HSTS: "max-age=60"}, site)
	s.altSvc = `h3=":443"; ma=86400`
	s.Publish([]VirtualHost{site, named("plain", "plain.example")})
	for _, c := range []struct {
		host   string
		secure bool
		want   map[string]string
	}{
		{"plain.example", false, map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "strict-origin-when-cross-origin",
			"Strict-Transport-Security": "", "Alt-Svc": "", // RFC 6797, 7.2: never over HTTP
		}},
		{"plain.example", true, map[string]string{"Strict-Transport-Security": "max-age=60", "Alt-Svc": `h3=":443"; ma=86400`, "X-Frame-Options": "SAMEORIGIN"}},
		{"other.example", false, map[string]string{ // the site's fields replace ours, and the page's those
			"X-Frame-Options": "", "X-Content-Type-Options": "other", "Permissions-Policy": "camera=()",
			"Referrer-Policy": "no-referrer", "Server-Timing": "db;dur=5", "X-Site": "page", "Strict-Transport-Security": "",
		}},
		{"other.example", true, map[string]string{"X-Frame-Options": "", "Strict-Transport-Security": "max-age=1"}},
	} {
		r := request("GET /", "Host: "+c.host)
		if c.secure {
			r.TLS = new(tls.ConnectionState)
		}
		h := s.ask(r).Header
		for name, want := range c.want {
			if got := h.Get(name); got != want || len(h[name]) > 1 {
				t.Errorf("%s, TLS %v: %s: got %q, want %q", c.host, c.secure, name, h[name], want)
			}
		}
	}
}

func TestFieldsOfAPageAreNotChangedByItsVisitors(t *testing.T) {
	t.Parallel()
	p := page.New(page.Response{Status: 200, Body: []byte("x"), Header: []page.Field{{Name: "Content-Type", Value: "text/plain"}, {Name: "Link", Value: "</a>"}, {Name: "Link", Value: "</b>"}, {Name: "Link", Value: "</c>"}}})
	s := newServer(t, Config{}, whole(always(p)))
	w := newSink()
	s.ServeHTTP(w, request("GET /"))
	other := newSink()
	s.ServeHTTP(other, request("GET /"))
	w.header.Add("Link", "</d>")
	other.header.Add("Link", "</e>")
	w.header.Set("Content-Length", "5")
	w.header.Add("X-Content-Type-Options", "x")
	h := s.ask(request("GET /")).Header
	if got := strings.Join(h["Link"], " "); got != "</a> </b> </c>" || w.header["Link"][3] != "</d>" || h.Get("Content-Length") != "1" || len(h["X-Content-Type-Options"]) != 1 {
		t.Errorf("got %v", h)
	}
}

// TestSeldomPageIsPackedAfterItsSecondVisitor: else a URL that somebody makes up would cost ten times what it takes to serve.
func TestSeldomPageIsPackedAfterItsSecondVisitor(t *testing.T) {
	t.Parallel()
	p := page.New(page.Response{Status: 200, Header: []page.Field{{Name: "Content-Type", Value: "text/plain"}}, Body: text(2000).Body(), Seldom: true})
	other := text(2000)
	s := newServer(t, Config{}, whole(&scripted{answer: func(r *http.Request) page.Answer {
		if r.URL.Path == "/other" {
			return page.Ready(other)
		}
		return page.Ready(p)
	}}))
	running(t, s.packer.Run)
	s.ask(request("GET /", "Accept-Encoding: br"))
	s.ask(request("GET /other", "Accept-Encoding: br"))
	until(t, "the page behind it in the queue is packed", other.Packed)
	if p.Packed() {
		t.Error("it is packed after its first visitor")
	}
	s.ask(request("GET /", "Accept-Encoding: br"))
	until(t, "the page is packed", p.Packed)
}

func TestPageIsPackedAfterItsFirstVisitor(t *testing.T) {
	t.Parallel()
	p := text(2000)
	s := newServer(t, Config{}, whole(always(p)))
	if got := s.ask(request("GET /", "Accept-Encoding: br")).Header.Get("Content-Encoding"); got != "" {
		t.Errorf("the first client got %q", got)
	}
	running(t, s.packer.Run)
	until(t, "the page is packed", p.Packed)
	if got := s.ask(request("GET /", "Accept-Encoding: br")).Header.Get("Content-Encoding"); got != "br" {
		t.Errorf("a later client got %q", got)
	}
}
