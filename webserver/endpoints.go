package webserver

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
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
		s.writeStates(&text, time.Now())
		if s.config.Counters != nil {
			s.config.Counters(&text)
		}
		return page.Ready(page.NoStore(http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", text.Bytes())), true
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
	return page.NoStore(http.StatusOK, "text/plain; charset=utf-8", fmt.Appendf(nil, "%d forgotten\n", count))
}
