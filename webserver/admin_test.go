package webserver

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestOnlyAdminsPurgeAndReadCounters(t *testing.T) {
	t.Parallel()
	proxy := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fe80::/10")}
	for _, c := range []struct {
		about   string
		trusted []netip.Prefix
		from    string
		header  string // lines with | between them
		admin   bool
	}{
		{"this machine", nil, "127.0.0.1:1", "", true},
		{"this machine, over IPv6 with IPv4", nil, "[::ffff:127.0.0.1]:1", "", true},
		{"another machine", nil, "192.0.2.1:1", "", false},
		{"a client who says he is this machine", nil, "192.0.2.1:1", "X-Forwarded-For: 127.0.0.1", false},

		// A proxy on this machine that is not trusted: who stands behind it is not known.
		{"its client", nil, "127.0.0.1:1", "X-Forwarded-For: 192.0.2.1", false},
		{"its client, who says he is this machine", nil, "127.0.0.1:1", "X-Forwarded-For: 127.0.0.1", false},
		{"its client, by Forwarded", nil, "127.0.0.1:1", "Forwarded: for=127.0.0.1", false},
		{"its client, by Via", nil, "127.0.0.1:1", "Via: 1.1 nginx", false},
		{"its client, by X-Real-IP", nil, "127.0.0.1:1", "X-Real-IP: 192.0.2.1", false},

		// A proxy that is.
		{"a trusted proxy's client", proxy, "10.0.0.1:1", "X-Forwarded-For: 192.0.2.1", false},
		{"a trusted proxy's client from this machine", proxy, "10.0.0.1:1", "X-Forwarded-For: 127.0.0.1", true},
		{"the same, by Forwarded", proxy, "10.0.0.1:1", "Forwarded: for=127.0.0.1", true},
		{"one who invents an address before his own", proxy, "10.0.0.1:1", "X-Forwarded-For: 127.0.0.1, 192.0.2.1", false},
		{"the same in two fields", proxy, "10.0.0.1:1", "X-Forwarded-For: 127.0.0.1|X-Forwarded-For: 192.0.2.1", false},
		{"one who invents a Forwarded beside it", proxy, "10.0.0.1:1", "X-Forwarded-For: 192.0.2.1|Forwarded: for=127.0.0.1", false},
		{"a unknown client", proxy, "10.0.0.1:1", "Forwarded: for=unknown", false},
		{"the proxy itself", proxy, "10.0.0.1:1", "", false},
		{"no proxy, though there is one", proxy, "127.0.0.1:1", "", true},
		{"no proxy, but it says so", proxy, "127.0.0.1:1", "X-Forwarded-For: 127.0.0.1", false},
		{"a proxy by its link, which forwards nothing", proxy, "[fe80::1%eth0]:1", "Via: 1.1 x", false},
		{"nowhere", nil, "@", "", false},
	} {
		site := &remembering{scripted: *always(text(700))}
		s := newServer(t, Config{Admin: append(loopback, netip.MustParsePrefix("fe80::1/128")), Trusted: c.trusted, Counters: func(io.Writer) {}}, whole(site))
		ask := func(line string) *http.Response {
			var lines []string
			if c.header != "" {
				lines = strings.Split(c.header, "|")
			}
			r := request(line, lines...)
			r.RemoteAddr = c.from
			return s.ask(r)
		}
		purged, counters := ask("PURGE /a"), ask("GET /.well-known/tinycdn/metrics")
		want, wantPurged := 404, 403
		if c.admin {
			want, wantPurged = 200, 200
		}
		if purged.StatusCode != wantPurged || counters.StatusCode != want || (len(site.forgot) == 1) != c.admin {
			t.Errorf("%s: got %d and %d, and %q was forgotten", c.about, purged.StatusCode, counters.StatusCode, site.forgot)
		}
	}
}

// Who comes over loopback may be anybody, by way of a forwarder that says nothing of him.
func TestNoAddressIsAnAdminsUnlessItIsWritten(t *testing.T) {
	t.Parallel()
	site := &remembering{scripted: *always(text(700))}
	s := newServer(t, Default(), whole(site))
	for line, want := range map[string]int{"PURGE /a": 403, "GET /.well-known/tinycdn/metrics": 404, "GET /.well-known/tinycdn/health": 200} {
		r := request(line)
		r.RemoteAddr = "127.0.0.1:1"
		response := s.ask(r)
		if body, _ := io.ReadAll(response.Body); response.StatusCode != want || want == 200 && string(body) != "{\n  \"ok\": true\n}\n" {
			t.Errorf("%s: got %d %s", line, response.StatusCode, body)
		}
	}
	if len(site.forgot) > 0 {
		t.Errorf("%q was forgotten", site.forgot)
	}
}

func TestWhoComesByTheSocketIsAnAdminWhateverHeSays(t *testing.T) {
	t.Parallel()
	site := &remembering{scripted: *always(text(700))}
	config := Default()
	config.Counters = func(w io.Writer) { io.WriteString(w, "counted") }
	s := newServer(t, config, VirtualHost{Name: "site", Hosts: []string{"example.org"}, Parts: only(site)})
	for _, c := range []struct {
		line   string
		host   string
		status int
		says   string
	}{
		{"PURGE /a", "example.org", 200, "2 forgotten\n"},
		{"PURGE /*", "example.org:443", 200, "17 forgotten\n"},
		{"PURGE /a", "other.example", 421, "Misdirected Request"},
		{"GET /.well-known/tinycdn/metrics", "example.org", 200, "counted"},
		{"GET /.well-known/tinycdn/metrics", "localhost", 200, "counted"},
		{"GET /.well-known/tinycdn/health", "localhost", 200, `"fresh": true`},
		{"HEAD /.well-known/tinycdn/health", "localhost", 200, ""},
		{"POST /.well-known/tinycdn/health", "localhost", 405, ""},
		{"GET /.well-known/tinycdn/none", "localhost", 404, ""},
		{"GET /", "example.org", 404, ""},
	} {
		r := request(c.line, "Host: "+c.host, "X-Forwarded-For: 192.0.2.1", "Via: 1.1 x", "Forwarded: for=192.0.2.1")
		r.RemoteAddr = "@"
		w := httptest.NewRecorder()
		s.AdminHandler().ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s of %s: got %d %s", c.line, c.host, w.Code, w.Body)
		}
	}
	if got := strings.Join(site.forgot, " "); got != "example.org/a all" {
		t.Errorf("%s was forgotten", got)
	}
}
