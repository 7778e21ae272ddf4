package webserver

import (
	"crypto/tls"
	"net"
	"net/http"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

// TestASiteSaysForItselfWhetherHTTPSIsAMust: a package mirror on plain HTTP beside sites that are HTTPS alone.
func TestASiteSaysForItselfWhetherHTTPSIsAMust(t *testing.T) {
	t.Parallel()
	yes, no, none, short := true, false, "", "max-age=5"
	site := func(redirect *bool, hsts *string, headers ...page.Field) VirtualHost {
		v := named("site", "example.org", "www.example.org")
		v.Canonical, v.HTTPSRedirect, v.HSTS, v.Headers = "example.org", redirect, hsts, headers
		return v
	}
	current, _ := certifiedFor(t, time.Now().Add(24*time.Hour), []string{"example.org", "www.example.org"})
	strict, plain, secure := serve(t, Config{HTTPSRedirect: true, HSTS: "max-age=60"}, current)
	lax, laxPlain, laxSecure := serve(t, Config{}, current)
	for _, c := range []struct {
		about   string
		lax     bool
		site    VirtualHost
		leads   bool
		demands string
	}{
		{about: "what [web] says", site: site(nil, nil), leads: true, demands: "max-age=60"},
		{about: "plain HTTP", site: site(&no, nil)},
		{about: "plain HTTP, with HSTS all the same", site: site(&no, &short), demands: "max-age=5"},
		{about: "plain HTTP, with HSTS in a field", site: site(&no, nil, page.Field{Name: "strict-transport-security", Value: "max-age=7"}), demands: "max-age=7"},
		{about: "without HSTS", site: site(nil, &none), leads: true},
		{about: "with another HSTS", site: site(&yes, &short), leads: true, demands: "max-age=5"},
		{about: "with another HSTS, taken away", site: site(&yes, &short, page.Field{Name: "Strict-Transport-Security"}), leads: true},
		{about: "what a lax [web] says", lax: true, site: site(nil, nil)},
		{about: "HTTPS in a lax [web]", lax: true, site: site(&yes, &short), leads: true, demands: "max-age=5"},
	} {
		s, http, https := strict, plain, secure
		if c.lax {
			s, http, https = lax, laxPlain, laxSecure
		}
		s.Publish([]VirtualHost{c.site}) // no restart
		_, ours, _ := net.SplitHostPort(http)
		_, theirs, _ := net.SplitHostPort(https)
		to, status := "", 200
		if c.leads {
			to, status = "https://example.org:"+theirs+"/a?b", 301
		}
		askIn(t, c.about, s, "http", "example.org:"+ours, status, to, "")
		askIn(t, c.about, s, "https", "example.org:"+theirs, 200, "", c.demands)
		alias := "http://example.org:" + ours + "/a?b"
		if c.leads {
			alias = "https://www.example.org:" + theirs + "/a?b"
		}
		askIn(t, c.about, s, "http", "www.example.org:"+ours, 301, alias, "")
		askIn(t, c.about, s, "https", "www.example.org:"+theirs, 301, "https://example.org:"+theirs+"/a?b", c.demands)
	}
}

func askIn(t *testing.T, about string, s *Server, scheme, host string, status int, to, demands string) {
	t.Helper()
	for _, path := range []string{"/a?b", "/a/../b", "/.well-known/tinycdn/health"} { // a page, a mistake, and our own
		r := request("GET "+path, "Host: "+host)
		if scheme == "https" {
			r.TLS = new(tls.ConnectionState)
		}
		response := s.ask(r)
		if got := response.Header.Get(hsts); got != demands {
			t.Errorf("%s: %s://%s%s demands %q, want %q", about, scheme, host, path, got, demands)
		}
		if got := response.Header.Get("Location"); path == "/a?b" && (response.StatusCode != status || got != to) {
			t.Errorf("%s: %s://%s%s: got %d %q, want %d %q", about, scheme, host, path, response.StatusCode, got, status, to)
		}
	}
	if response := s.ask(request("GET /", "Host: other.example")); response.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("%s: another host: got %d", about, response.StatusCode)
	}
}
