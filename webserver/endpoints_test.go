package webserver

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/metrics"
	"tinycdn/webserver/page"
)

// remembering is a site that counts what it is told to forget.
type remembering struct {
	scripted
	forgot []string
}

func (s *remembering) Purge(host, uri string) int {
	s.forgot = append(s.forgot, host+uri)
	return 2
}

func (s *remembering) PurgeAll() int {
	s.forgot = append(s.forgot, "all")
	return 17
}

func TestPurgeForgetsWhatItNames(t *testing.T) {
	t.Parallel()
	site := &remembering{scripted: *always(text(700))}
	one := VirtualHost{Name: "site", Hosts: []string{"example.org", "www.example.org"}, Canonical: "example.org", Parts: only(site)}
	s := newServer(t, Config{Admin: loopback}, one, named("files", "files.example"), VirtualHost{Name: "missing", Hosts: []string{"missing.example"}, Parts: only(nil)})
	for _, c := range []struct {
		host, target string
		status       int
		says, forgot string
	}{
		{"example.org", "/a%20b?c=%2F", 200, "2 forgotten\n", "example.org/a%20b?c=%2F"},
		{"WWW.example.org:80", "/", 200, "2 forgotten\n", "www.example.org/"},
		{"example.org", "/*", 200, "17 forgotten\n", "all"},
		{"example.org", "/.well-known/tinycdn/health", 200, "2 forgotten\n", "example.org/.well-known/tinycdn/health"},
		{"files.example", "/a", 200, "0 forgotten\n", ""},
		{"missing.example", "/a", 200, "0 forgotten\n", ""},
		{"other.example", "/a", 421, "", ""},
	} {
		site.forgot = nil
		r := request("PURGE "+c.target, "Host: "+c.host)
		r.RemoteAddr = "127.0.0.1:1"
		response := s.ask(r)
		body, _ := io.ReadAll(response.Body)
		if forgot := strings.Join(site.forgot, " "); response.StatusCode != c.status || c.says != "" && string(body) != c.says || forgot != c.forgot {
			t.Errorf("%s%s: got %d %q, and %q was forgotten", c.host, c.target, response.StatusCode, body, forgot)
		}
	}
}

// askHealth asks as an admin, or as anybody.
func (s *Server) askHealth(t *testing.T, admin bool) (status int, told map[string]any) {
	t.Helper()
	r := request("GET /.well-known/tinycdn/health", "Host: whoever.example")
	if admin {
		r.RemoteAddr = "127.0.0.1:1"
	}
	response := s.ask(r)
	if err := json.NewDecoder(response.Body).Decode(&told); err != nil {
		t.Fatal(err)
	}
	if h := response.Header; h.Get("Content-Type") != "application/json" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("got %v", h)
	}
	return response.StatusCode, told
}

func TestHealthTellsWhatCannotBeServed(t *testing.T) {
	t.Parallel()
	loaded := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	const since = "2026-11-22T12:00:00Z"
	serial := uint32(17)
	of := func(parts ...Part) VirtualHost {
		return VirtualHost{Name: parts[0].Name, Hosts: []string{parts[0].Name + ".example"}, Parts: parts}
	}
	good := of(Part{Name: "good", Pattern: rest, Site: always(text(700)), Since: loaded})
	sick := of(Part{Name: "sick", Pattern: rest, Site: &scripted{health: errors.New("connection refused")}, Since: loaded})
	kept := of(Part{Name: "kept", Pattern: rest, Site: always(text(700)), Since: loaded, Stale: "p.md:3: wrong", StaleSince: loaded})
	gone := of(Part{Name: "gone", Pattern: rest, Since: loaded})
	half := of(Part{Name: "half", Pattern: rest, Site: always(text(700)), Since: loaded}, Part{Name: "half/static/*", Pattern: "/static/*", Since: loaded})
	well := State{OK: true, Fresh: true, Since: loaded, Serial: &serial}
	type object = map[string]any
	for _, c := range []struct {
		sites  []VirtualHost
		zones  map[string]State
		status int
		want   object
	}{
		{nil, nil, 200, object{"fresh": true, "sites": object{}}},
		{[]VirtualHost{good}, map[string]State{"example.org": well}, 200, object{
			"fresh": true,
			"sites": object{"good": object{"ok": true, "fresh": true, "since": since}},
			"zones": object{"example.org": object{"ok": true, "fresh": true, "since": since, "serial": 17.0}},
		}},
		// Who sends visitors elsewhere by this shall not leave a POP because an application is down, or an edit was wrong.
		{[]VirtualHost{good, sick, kept}, nil, 200, object{"fresh": false, "sites": object{
			"good": object{"ok": true, "fresh": true, "since": since},
			"sick": object{"ok": true, "fresh": false, "since": since, "why": "connection refused"},
			"kept": object{"ok": true, "fresh": false, "since": since, "why": "p.md:3: wrong", "stale_since": since},
		}}},
		{[]VirtualHost{gone}, nil, 503, object{"fresh": false, "sites": object{
			"gone": object{"ok": false, "fresh": false, "since": since, "why": "it could not be loaded"},
		}}},
		{[]VirtualHost{half}, nil, 503, object{"fresh": false, "sites": object{
			"half":          object{"ok": true, "fresh": true, "since": since},
			"half/static/*": object{"ok": false, "fresh": false, "since": since, "why": "it could not be loaded"},
		}}},
		{nil, map[string]State{"example.org": {Why: "db:3: wrong"}}, 503, object{
			"fresh": false, "sites": object{}, "zones": object{"example.org": object{"ok": false, "fresh": false, "why": "db:3: wrong"}},
		}},
	} {
		s := newServer(t, Config{POP: "fra", Admin: loopback, States: func() States {
			if c.zones == nil {
				return nil
			}
			return States{"zones": c.zones}
		}}, c.sites...)
		c.want["pop"], c.want["ok"] = "fra", c.status == 200
		if status, got := s.askHealth(t, true); status != c.status || !reflect.DeepEqual(got, c.want) {
			t.Errorf("got  %d %+v\nwant %d %+v", status, got, c.status, c.want)
		}
		// Who else is served here, and what is wrong with it, is nobody's business.
		if status, got := s.askHealth(t, false); status != c.status || !reflect.DeepEqual(got, object{"ok": c.status == 200}) {
			t.Errorf("anybody: got %d %+v", status, got)
		}
	}
}

func TestOurOwnPathsAreNoSites(t *testing.T) {
	t.Parallel()
	site := named("one", "*")
	site.Canonical = "example.org"
	site.Redirects = []Redirect{{From: "/*", To: "/", Status: 301}}
	s := newServer(t, Config{}, site)
	for line, status := range map[string]int{
		"GET /.well-known/tinycdn/health":  200,
		"HEAD /.well-known/tinycdn/health": 200,
		"POST /.well-known/tinycdn/health": 405,
		"GET /.well-known/tinycdn/":        404,
		"GET /.well-known/tinycdn/other":   404,
		"GET /.well-known/tinycdn/../x":    404,
		"GET /.well-known/tinycdnx":        301,
	} {
		if got := s.ask(request(line, "Host: www.example.org")).StatusCode; got != status {
			t.Errorf("%s: got %d, want %d", line, got, status)
		}
	}
}

func TestCountersCountEachResponse(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{Admin: loopback}, VirtualHost{Name: "site", Hosts: []string{"example.org"}, Parts: only(&scripted{
		answer: func(r *http.Request) page.Answer {
			if r.URL.Path == "/stream" {
				return page.Answer{Stream: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(201)
					io.WriteString(w, "12345")
				}), Cache: page.Outcome{Result: page.Pass}}
			}
			return page.Ready(tagged(`"abc"`))
		},
	})})
	for _, r := range []*http.Request{
		request("GET /", "Host: example.org"), request("HEAD /", "Host: example.org"), request("GET /", "Host: example.org", `If-None-Match: "abc"`),
		request("GET /", "Host: example.org", "Range: bytes=0-9"), request("GET /stream", "Host: example.org"), request("GET /", "Host: other.example"),
	} {
		s.ask(r)
	}
	stats := s.Stats(time.Now())
	bySite := map[string]metrics.Counts{}
	for _, c := range stats.Sites {
		bySite[c.Site] = c
	}
	c := bySite["site"]
	timed := uint64(0)
	for _, n := range c.Took {
		timed += n
	}
	if want := (map[int]uint64{200: 2, 201: 1, 206: 1, 304: 1}); !maps.Equal(c.Statuses, want) || c.Results != [page.Results]uint64{page.Hit: 4, page.Pass: 1} || c.Bytes != 2015 || timed != 5 {
		t.Errorf("got %+v", c)
	}
	if c := bySite["-"]; !maps.Equal(c.Statuses, map[int]uint64{421: 1}) {
		t.Errorf("got %+v", c)
	}
}

func TestCountersTellOfConnectionsAndStates(t *testing.T) {
	t.Parallel()
	serial := uint32(17)
	config := Config{
		Admin: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		States: func() States {
			return States{"zones": {"example.org": {OK: true, Since: time.Unix(1_700_000_000, 0), Serial: &serial}}}
		},
		Counters: func(w io.Writer) { io.WriteString(w, "tinycdn_other 1\n") },
	}
	s, plain, _ := serve(t, config, nil, whole(always(text(100))))
	response := overWire(t, plain, "GET /.well-known/tinycdn/metrics", nil)
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "tinycdn_other 1\n" || response.Header.Get("Content-Type") != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("got %s, %v, %v", body, err, response.Header)
	}
	stats := s.Stats(time.Now())
	if zone := stats.States["zones"]["example.org"]; stats.Connections.Admitted != 1 || !stats.States["sites"]["site"].OK || *zone.Serial != 17 || zone.Fresh {
		t.Errorf("got %+v", stats)
	}
}

// TestWhoSendsVisitorsElsewhereSaysSoAndServes: whoever looks for a POP goes to another one, and who comes all the same is served.
func TestWhoSendsVisitorsElsewhereSaysSoAndServes(t *testing.T) {
	t.Parallel()
	for _, why := range []string{"", "drained", "behind", "stopping"} {
		s := newServer(t, Config{Away: func() string { return why }}, named("one", "*"))
		status, retry, away := 200, "", any(nil)
		if why != "" {
			status, retry, away = 503, "10", why
		}
		response := s.ask(request("GET /.well-known/tinycdn/health", "Host: whoever.example"))
		var told map[string]any
		if err := json.NewDecoder(response.Body).Decode(&told); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != status || response.Header.Get("Retry-After") != retry || told["away"] != away || told["ok"] != (why == "") {
			t.Errorf("%q: got %d, Retry-After %q, %v", why, response.StatusCode, response.Header.Get("Retry-After"), told)
		}
		if got := s.ask(request("GET /", "Host: whoever.example")).StatusCode; got != 200 {
			t.Errorf("%q: a visitor gets %d", why, got)
		}
	}
}
