package webserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tinycdn/webserver/page"
)

// endpointPrefix begins the paths that are ours on every host, and over HTTP too.
const endpointPrefix = "/.well-known/tinycdn/"

// endpoint answers what is asked of this POP and not of a site: its health, its counters, and to forget pages.
func (s *Server) endpoint(q *page.Request, site *vhost, host string) (a page.Answer, ours bool) {
	if q.Method == "PURGE" {
		return page.Ready(s.purge(q, site, host)), true
	}
	name, ours := strings.CutPrefix(q.Path, endpointPrefix)
	if !ours {
		return a, false
	}
	switch {
	case !q.Reads():
		return page.Ready(page.NotAllowed("GET, HEAD")), true
	case name == "health":
		return page.Ready(s.health(time.Now(), s.isAdmin(q))), true
	case name == "metrics" && s.isAdmin(q):
		var text bytes.Buffer
		s.counters.Print(&text)
		s.writeConnections(&text)
		return page.Ready(noStore(http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", text.Bytes())), true
	}
	return page.Ready(page.Plain(http.StatusNotFound)), true
}

// writeConnections writes how many connections there are, in the format of the counters.
func (s *Server) writeConnections(w io.Writer) {
	c := s.conns.Counts()
	for _, one := range []struct {
		name, kind, help string
		value            uint64
	}{
		{"open", "gauge", "Connections that are open.", uint64(c.Open)},
		{"idle", "gauge", "Those of them without a request.", uint64(c.Idle)},
		{"admitted_total", "counter", "Connections that were let in.", c.Admitted},
		{"shed_total", "counter", "Idle connections that were closed for new ones.", c.Shed},
		{"refused_total", "counter", "Connections for which there was no place.", c.Refused},
	} {
		fmt.Fprintf(w, "# HELP tinycdn_http_connections_%[1]s %[3]s\n# TYPE tinycdn_http_connections_%[1]s %[2]s\ntinycdn_http_connections_%[1]s %[4]d\n",
			one.name, one.kind, one.help, one.value)
	}
}

// purge forgets the page at a path, or with "/*" all pages of the site.
func (s *Server) purge(q *page.Request, site *vhost, host string) *page.Page {
	switch {
	case !s.isAdmin(q):
		return page.Plain(http.StatusForbidden)
	case site == s.defaultHost:
		return s.misdirected
	}
	count := 0
	if purger, ok := site.Site.(Purger); ok {
		if q.Path == "/*" {
			count = purger.PurgeAll()
		} else {
			count = purger.Purge(host, q.Target())
		}
	}
	return noStore(http.StatusOK, "text/plain; charset=utf-8", fmt.Appendf(nil, "%d forgotten\n", count))
}

// health is what other POPs and monitors want to know: 200 if all sites can be served, else 503, and why.
type health struct {
	POP          string                 `json:"pop,omitempty"`
	OK           bool                   `json:"ok"`
	Sites        map[string]siteHealth  `json:"sites"`
	Certificates map[string]certificate `json:"certificates,omitempty"` // by the first name in it
}

type siteHealth struct {
	OK    bool   `json:"ok"`
	Why   string `json:"why,omitempty"`
	Since string `json:"since"` // when this state of it was loaded, RFC 3339
	Age   int    `json:"age"`   // seconds since then
}

type certificate struct {
	OK    bool   `json:"ok"`
	Until string `json:"until"` // RFC 3339
	Left  int    `json:"left"`  // seconds until then
}

// health tells why a site cannot be served to admins alone: the reason may name what is inside.
func (s *Server) health(now time.Time, admin bool) *page.Page {
	h := health{POP: s.config.POP, OK: true, Sites: map[string]siteHealth{}}
	for _, site := range s.router.Load().all {
		one := siteHealth{OK: true, Since: site.Since.UTC().Format(time.RFC3339), Age: int(now.Sub(site.Since).Seconds())}
		if site.Site == nil {
			one.OK, one.Why = false, "it could not be loaded"
		} else if err := site.Site.Health(); err != nil {
			if one.OK, one.Why = false, "its origin cannot be reached"; admin {
				one.Why = err.Error()
			}
		}
		h.OK = h.OK && one.OK
		h.Sites[site.Name] = one
	}
	h.Certificates = s.certificates(now)
	for _, c := range h.Certificates {
		h.OK = h.OK && c.OK
	}
	if s.certs != nil && len(h.Certificates) == 0 {
		h.OK = false // nobody can come over HTTPS
	}
	status := http.StatusOK
	if !h.OK {
		status = http.StatusServiceUnavailable
	}
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		panic("webserver: internal error: " + err.Error())
	}
	return noStore(status, "application/json", append(text, '\n'))
}

// noStore is a page that holds for this moment.
func noStore(status int, mediaType string, body []byte) *page.Page {
	return page.New(page.Response{Status: status, Body: body, ShortLived: true, Header: []page.Field{
		{Name: "Content-Type", Value: mediaType}, {Name: "Cache-Control", Value: "no-store"},
	}})
}

// certificates says until when each certificate holds, by the first name in it.
func (s *Server) certificates(now time.Time) map[string]certificate {
	if s.certs == nil {
		return nil
	}
	all := map[string]certificate{}
	for i, c := range s.certs.Store().Expiries() {
		name := strconv.Itoa(i + 1)
		if len(c.Names) > 0 {
			name = c.Names[0]
		}
		all[name] = certificate{OK: now.Before(c.Until), Until: c.Until.UTC().Format(time.RFC3339), Left: int(c.Until.Sub(now).Seconds())}
	}
	return all
}
