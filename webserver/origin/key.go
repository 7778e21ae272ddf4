package origin

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"tinycdn/webserver/hosts"
	"tinycdn/webserver/page"
)

// key is what a page is kept under. All that the application is told of the request line and of Host comes from here, so
// that nothing reaches it that is not part of the key. Whether the visitor came by HTTPS belongs to it: an application
// that redirects plain HTTP would otherwise send everybody around in circles.
type key struct {
	host   string // lower case, with a port of ours that is not the usual one
	target string // path and query, as they were sent
	secure bool
}

// flightKey is what a fetch is for: a key, and the values of the fields that it is known to vary on.
type flightKey struct {
	key
	variant string
}

func (s *Site) keyOf(q *page.Request) key {
	target := q.URI
	if !strings.HasPrefix(target, "/") { // the absolute form (RFC 9112, 3.2.2)
		target = q.Target()
	}
	host, _ := hosts.Plain(q.Host)
	s.ports.note(q.Port)
	return key{host + q.Port, target, q.Secure}
}

// ports are those that hosts of keys have. They are few: all are ours.
type ports struct{ known atomic.Pointer[[]string] }

func (p *ports) note(port string) {
	for port != "" {
		last := p.known.Load()
		if last != nil && slices.Contains(*last, port) {
			return
		}
		next := []string{port}
		if last != nil {
			next = append(next, *last...)
		}
		if p.known.CompareAndSwap(last, &next) {
			return
		}
	}
}

// all are the ports, "" among them: most hosts have none.
func (p *ports) all() []string {
	if known := p.known.Load(); known != nil {
		return append([]string{""}, *known...)
	}
	return []string{""}
}

// flightKeyOf tells apart the fetches of what is known to vary.
func flightKeyOf(k key, known *entry, header http.Header) flightKey {
	c := flightKey{key: k}
	if known == nil || len(known.responses) == 0 {
		return c
	}
	for _, by := range known.responses[0].by {
		c.variant += by.Name + ":" + strings.Join(header[by.Name], ",") + "\n"
	}
	return c
}
