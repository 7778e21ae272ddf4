package webserver

import (
	"crypto/tls"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

// named is a site whose page says its name, and which is served on hosts.
func named(name string, hosts ...string) VirtualHost {
	p := page.New(page.Response{Status: 200, Header: []page.Field{{Name: "Content-Type", Value: "text/plain"}, {Name: "X-Site", Value: name}}, Body: []byte(name)})
	return VirtualHost{Name: name, Hosts: hosts, Parts: only(always(p))}
}

func TestHostDecidesWhichSiteAnswers(t *testing.T) {
	t.Parallel()
	sites := []VirtualHost{named("one", "one.example", "www.one.example"), named("two", "two.example"), named("v6", "[2001:db8::1]")}
	closed := newServer(t, Config{}, sites...)
	open := newServer(t, Config{}, append(sites, named("other", "*"))...)
	for _, c := range []struct {
		host   string
		site   string // "": nobody
		orElse string // where another site takes every host
	}{
		{"one.example", "one", "one"},
		{"ONE.Example:8080", "one", "one"},
		{"www.one.example.", "one", "one"},
		{"two.example", "two", "two"},
		{"[2001:DB8::1]:80", "v6", "v6"},
		{"three.example", "", "other"},
		{"one.example.evil.example", "", "other"},
		{"192.0.2.1", "", "other"},
		{"", "", "other"}, // HTTP/1.0
		{"*", "", ""},
		{"one.example, two.example", "", ""},
		{"one.example:80:80", "", ""},
	} {
		for s, want := range map[*Server]string{closed: c.site, open: c.orElse} {
			r := request("GET /")
			r.Host = c.host
			response := s.ask(r)
			if got := response.Header.Get("X-Site"); got != want || want == "" && response.StatusCode != http.StatusMisdirectedRequest {
				t.Errorf("%q: got %d of %q, want %q", c.host, response.StatusCode, got, want)
			}
		}
	}
}

// TestForwardedHostIsNotTheHost: a cache before us does not know these fields, and would give the page to others.
func TestForwardedHostIsNotTheHost(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{Trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, named("one", "one.example"), named("two", "two.example"))
	for _, line := range []string{"X-Forwarded-Host: two.example", "Forwarded: host=two.example;for=198.51.100.1", "X-Host: two.example", "X-Original-Url: /x"} {
		if got := s.ask(request("GET /", "Host: one.example", line)).Header.Get("X-Site"); got != "one" {
			t.Errorf("%s: got the page of %q", line, got)
		}
	}
}

// forwarding is a site of somebody who knows what paths mean.
type forwarding struct{ Site }

func (forwarding) Forwards() {}

// TestApplicationsGetNamesWithASlashInThem: nobody else could know what they mean.
func TestApplicationsGetNamesWithASlashInThem(t *testing.T) {
	t.Parallel()
	one := named("one", "*")
	one.Parts = only(forwarding{one.Parts[0].Site})
	s := newServer(t, Config{}, one)
	for target, status := range map[string]int{
		"/a%2Fb": 200, "/@scope%2fname": 200, "/a%5Cb": 200, "/%2F": 200,
		"/..%2fb": 400, "/a%2F..": 400, "/a%2f%2e%2e%2Fb": 400, "/a%5C..%5Cb": 400, "/..%5Cb": 400, `/a\b`: 400, "/a%00b": 400, "/a%0d%0ab": 400,
	} {
		if got := s.ask(request("GET " + target)).StatusCode; got != status {
			t.Errorf("%s: got %d, want %d", target, got, status)
		}
	}
}

// TestADotInAPathMeansNothing: apt asks for /./Packages where sources.list says "deb https://example.org ./".
func TestADotInAPathMeansNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{}, named("one", "*"))
	for target, want := range map[string]string{
		"/./Packages": "/Packages", "/a/./b%20c/.?d=e": "/a/b%20c/?d=e", "/.//other.example/%2e/": "/other.example/", "/%2e": "/",
	} {
		w := s.ask(request("GET " + target))
		if got := w.Header.Get("Location"); w.StatusCode != 301 || got != want {
			t.Errorf("%s: got %d %s, want %s", target, w.StatusCode, got, want)
		}
	}
	if w := s.ask(request("POST /./a")); w.StatusCode != 400 {
		t.Errorf("POST: got %d", w.StatusCode)
	}
	other := newServer(t, Config{}, named("one", "other.example"))
	if w := other.ask(request("GET /./a")); w.StatusCode != 421 {
		t.Errorf("another host: got %d", w.StatusCode)
	}
}

func TestRequestsThatNoHonestClientSendsAreRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{}, named("one", "*"))
	for target, status := range map[string]int{
		"/":                                     200,
		"/a%20b":                                200,
		"/a/../b":                               400,
		"/a/%2e%2e/b":                           400,
		"/./..":                                 400,
		"/./a%2fb":                              400,
		"/./a":                                  301,
		"/a%2fb":                                400,
		"/a%00b":                                400,
		"/a%5cb":                                400,
		"/a%0d%0aSet-Cookie:%20":                400,
		"/" + strings.Repeat("a", longestURI-1): 200,
		"/" + strings.Repeat("a", longestURI):   414,
		"/?" + strings.Repeat("a", longestURI):  414,
	} {
		if got := s.ask(request("GET " + target)).StatusCode; got != status {
			t.Errorf("%.40s: got %d, want %d", target, got, status)
		}
	}
}

func TestNothingIsBelievedBehindABodyWithoutLength(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{}, named("one", "*"))
	for _, method := range []string{"GET", "HEAD", "POST"} {
		r := request(method + " /")
		r.TransferEncoding = []string{"chunked"}
		if response := s.ask(r); response.StatusCode != 200 || response.Header.Get("Connection") != "close" { // RFC 9112, 6.1
			t.Errorf("%s: got %d %v", method, response.StatusCode, response.Header)
		}
	}
}

func TestVisitorsOfOtherHostsAreSentToTheCanonicalOne(t *testing.T) {
	t.Parallel()
	site := named("one", "example.org", "www.example.org", "*")
	site.Canonical = "example.org"
	s := newServer(t, Config{}, site)
	s.plainPort, s.tlsPort = ":8080", ":8443"
	for _, c := range []struct {
		line, host string
		secure     bool
		status     int
		to         string
	}{
		{"GET /", "example.org", false, 200, ""},
		{"GET /", "EXAMPLE.org.:8080", false, 200, ""},
		{"GET /a%20b?c=d%2F", "www.example.org", false, 301, "http://example.org/a%20b?c=d%2F"},
		{"GET /?", "www.example.org", false, 301, "http://example.org/?"},
		{"HEAD /", "www.example.org", true, 301, "https://example.org/"},
		{"POST /", "www.example.org", true, 308, "https://example.org/"}, // with its body
		{"GET //evil.example/", "www.example.org", false, 301, "http://example.org//evil.example/"},
		{"GET /", "www.example.org:8080", false, 301, "http://example.org:8080/"}, // where we listen
		{"GET /", "www.example.org:1234", false, 301, "http://example.org/"},      // what a visitor makes up is kept by nobody
		{"GET /", "www.example.org:8443", false, 301, "http://example.org/"},
		{"GET /", "www.example.org:8443", true, 301, "https://example.org:8443/"},
		{"GET /", "[2001:db8::1]:8080", false, 301, "http://example.org:8080/"},
		{"GET /a/../b", "www.example.org", false, 400, ""},
	} {
		r := request(c.line, "Host: "+c.host)
		if c.secure {
			r.TLS = new(tls.ConnectionState)
		}
		response := s.ask(r)
		if got := response.Header.Get("Location"); response.StatusCode != c.status || got != c.to {
			t.Errorf("%s of %s: got %d %q, want %d %q", c.line, c.host, response.StatusCode, got, c.status, c.to)
		}
	}
}

func TestSiteRedirectsBeforeItAnswers(t *testing.T) {
	t.Parallel()
	site := named("one", "*")
	site.Redirects = []Redirect{{From: "/old", To: "/new", Status: 301}, {From: "/gone/*", Status: 410}}
	s := newServer(t, Config{}, site)
	response := s.ask(request("GET /old?a=b"))
	if h := response.Header; response.StatusCode != 301 || h.Get("Location") != "/new?a=b" || h.Get("Cache-Control") != "public, max-age=3600" || h.Get("X-Site") != "" {
		t.Errorf("got %d %v", response.StatusCode, h)
	}
	if got := s.ask(request("GET /gone/x")).StatusCode; got != 410 {
		t.Errorf("got %d", got)
	}
}

func TestFailuresShowTheSitesOwnPages(t *testing.T) {
	t.Parallel()
	own := map[int]*page.Page{}
	for _, status := range []int{414, 500, 503} {
		own[status] = page.Plain(status, page.Field{Name: "X-Own", Value: "1"})
	}
	broken := VirtualHost{Name: "broken", Hosts: []string{"broken.example"}, Parts: only(&scripted{
		answer: func(*http.Request) page.Answer { panic("a bug") }, errors: own,
	})}
	s := newServer(t, Config{}, broken, VirtualHost{Name: "missing", Hosts: []string{"missing.example"}, Parts: only(nil)})
	for _, c := range []struct {
		host, target string
		status       int
		own          string
	}{
		{"broken.example", "/", 500, "1"},
		{"broken.example", "/" + strings.Repeat("a", longestURI), 414, "1"},
		{"missing.example", "/", 503, ""},
		{"missing.example", "/" + strings.Repeat("a", longestURI), 414, ""},
	} {
		response := s.ask(request("GET "+c.target, "Host: "+c.host))
		if got := response.Header.Get("X-Own"); response.StatusCode != c.status || got != c.own || response.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %d %v, want %d", c.host, response.StatusCode, response.Header, c.status)
		}
	}
}

func TestSitesAreReplacedAllAtOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{}, named("one", "a.example"), named("two", "b.example"))
	s.Publish([]VirtualHost{named("three", "b.example")})
	if response := s.ask(request("GET /", "Host: b.example")); response.Header.Get("X-Site") != "three" {
		t.Errorf("got %v", response.Header)
	}
	if response := s.ask(request("GET /", "Host: a.example")); response.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("got %d for a host that is served no more", response.StatusCode)
	}
}
