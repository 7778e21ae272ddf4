package webserver

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tinycdn/webserver/conns"
	"tinycdn/webserver/metrics"
	"tinycdn/webserver/page"
)

// endpointPrefix begins the paths that are ours on every host, and over HTTP too.
const endpointPrefix = "/.well-known/tinycdn/"

// challengePrefix begins the paths at which an authority looks for its tokens.
const challengePrefix = "/.well-known/acme-challenge/"

// endpoint answers what is asked of this POP and not of a site: its health, its counters, and to forget pages.
func (s *Server) endpoint(q *page.Request, site *vhost, host string) (a page.Answer, ours bool) {
	if token, ours := strings.CutPrefix(q.Path, challengePrefix); ours && q.Reads() && s.config.Token != nil {
		if text := s.config.Token(host, token); text != "" {
			return page.Ready(page.NoStore(http.StatusOK, "text/plain; charset=utf-8", []byte(text))), true
		}
	}
	if q.Method != "PURGE" && !strings.HasPrefix(q.Path, endpointPrefix) {
		return a, false
	}
	if q.Path == wherePath && q.Reads() && s.config.Where != nil {
		if q.HTTP == nil {
			return page.Answer{}, true // what he wants to read is not known yet
		}
		if kind, text := s.config.Where(host, q.Client, wantsJSON(q)); text != nil {
			return page.Ready(page.NoStore(http.StatusOK, kind, text)), true
		}
	}
	return page.Ready(s.own(q, site, host, s.isAdmin(q))), true
}

// wherePath is where a visitor is told how his address is placed, if that is to be.
const wherePath = endpointPrefix + "where"

// wantsJSON says whether a client asks for JSON by name.
func wantsJSON(q *page.Request) bool {
	return strings.Contains(strings.Join(q.HTTP.Header["Accept"], ","), "application/json")
}

// AdminHandler answers whoever comes by the operator's own socket: as an admin, whatever the request says of proxies. There are
// no pages of sites.
func (s *Server) AdminHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := new(exchange)
		x.request.Read(r)
		site, host := s.siteOf(&x.request)
		answer := page.Ready(s.own(&x.request, site, host, true))
		x.reply.Set(&x.request, &answer)
		x.reply.Heads.Page.SetIn(w.Header())
		sendTo(w, &x.reply)
	})
}

// own is what there is of our own for a request.
func (s *Server) own(q *page.Request, site *vhost, host string, admin bool) *page.Page {
	if q.Method == "PURGE" {
		return s.purge(q, site, host, admin)
	}
	name, ours := strings.CutPrefix(q.Path, endpointPrefix)
	switch {
	case !ours:
	case !q.Reads():
		return page.NotAllowed("GET, HEAD")
	case name == "health":
		return s.health(time.Now(), admin)
	case name == "metrics" && admin && s.config.Counters != nil:
		var text bytes.Buffer
		s.config.Counters(&text)
		return page.NoStore(http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", text.Bytes())
	}
	return page.Plain(http.StatusNotFound)
}

// Stats is what the server counts, and how what this POP serves is.
type Stats struct {
	Sites       []metrics.Counts
	Connections conns.Counts
	States      States
}

// Stats tells of now. Anybody may ask.
func (s *Server) Stats(now time.Time) Stats {
	return Stats{s.counters.Read(), s.conns.Counts(), s.states(now)}
}

// purge forgets the page at a path, or with "/*" all pages of the site, in whatever parts of it.
func (s *Server) purge(q *page.Request, site *vhost, host string, admin bool) *page.Page {
	switch {
	case !admin:
		return page.Plain(http.StatusForbidden)
	case site == s.defaultHost:
		return s.misdirected
	}
	count := site.purge(host, q)
	text, status := fmt.Sprintf("%d forgotten", count), http.StatusOK
	if s.config.Purge != nil {
		whole := false
		if text, whole = s.config.Purge("https://"+host+q.Target(), count); !whole {
			status = http.StatusAccepted
		}
	}
	return page.NoStore(status, "text/plain; charset=utf-8", []byte(text+"\n"))
}

func (site *vhost) purge(host string, q *page.Request) (count int) {
	for i := range site.Parts {
		switch purger, ok := site.Parts[i].Site.(Purger); {
		case !ok:
		case q.Path == "/*":
			count += purger.PurgeAll()
		default:
			count += purger.Purge(host, q.Target())
		}
	}
	return count
}

// Purge forgets a URL here, and says how many responses that were; served is false if no site has its host.
func (s *Server) Purge(u *url.URL) (forgotten int, served bool) {
	r := &http.Request{Method: "PURGE", URL: u, Host: u.Host, RequestURI: u.RequestURI(), Header: http.Header{}}
	var q page.Request
	q.Read(r)
	site, host := s.siteOf(&q)
	if site == s.defaultHost {
		return 0, false
	}
	return site.purge(host, &q), true
}

// PurgeAll forgets everything of every site.
func (s *Server) PurgeAll() (forgotten int) {
	for _, site := range s.router.Load().all {
		for i := range site.Parts {
			if purger, ok := site.Parts[i].Site.(Purger); ok {
				forgotten += purger.PurgeAll()
			}
		}
	}
	return forgotten
}
