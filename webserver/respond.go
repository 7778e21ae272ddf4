package webserver

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"tinycdn/webserver/hosts"
	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// longestURI in bytes; what is longer gets 414. The whole header may have 16 KB.
const longestURI = 8 << 10

// respond decides what a request gets, for every version of HTTP. What depends on more than has been seen of the request,
// it declines.
func (s *Server) respond(q *page.Request, r *reply.Reply) {
	begin := time.Now()
	site, host := s.siteOf(q)
	answer := s.answer(q, site, host)
	r.Set(q, &answer)
	r.Site, r.Host, r.Counters = site.Name, host, site.counters
	r.Begin, r.Took = begin, time.Since(begin)
	r.Heads.Site = site.head(answer.Overlay, q.Secure)
	r.Heads.Outcome = outcomeHead(&r.Cache)
	r.Heads.Timing = s.timings.head(r.Took, r.Cache.Result)
}

// siteOf gives the site that a request is for, and its host in lower case and without port.
func (s *Server) siteOf(q *page.Request) (*vhost, string) {
	site, host := s.router.Load().find(q.Host)
	if site == nil {
		site = s.defaultHost
	}
	return site, host
}

// answer finds what there is for the request: of our own, or once it is known to be one for a site, of the site's.
func (s *Server) answer(q *page.Request, site *vhost, host string) (a page.Answer) {
	defer func() {
		if fault := recover(); fault != nil {
			s.logPanic(host, q.Path, fault)
			a = page.Ready(site.error(q.Path, http.StatusInternalServerError))
		}
	}()
	if a, ours := s.endpoint(q, site, host); ours {
		return a
	}
	bad := hosts.BadPath(q.Path)
	switch {
	case len(q.URI) > longestURI:
		return page.Ready(site.error(q.Path, http.StatusRequestURITooLong))
	case bad && undotted(q) == "", strings.Contains(q.URI, `\`): // browsers make a slash of it
		return page.Ready(s.badRequest)
	case site == s.defaultHost, s.misdirects(q, host):
		return page.Ready(s.misdirected)
	case bad:
		return q.Moved(undotted(q))
	}
	part := site.of(q.Path)
	if (part == nil || !part.forwards) && hosts.HidesSeparator(q.Path, q.RawPath) {
		return page.Ready(s.badRequest)
	}
	if p := s.elsewhere(q, site, host); p != nil {
		return page.Ready(p)
	}
	switch {
	case part == nil:
		return page.Ready(s.missing)
	case part.Site == nil:
		return page.Ready(site.error(q.Path, http.StatusServiceUnavailable))
	}
	return part.answer(q)
}

// undotted is where a request leads whose path has segments "." in it, escaped; "": there is none, or it shall be refused.
func undotted(q *page.Request) string {
	if !q.Reads() || hosts.HidesSeparator(q.Path, q.RawPath) {
		return ""
	}
	return (&url.URL{Path: hosts.Undotted(q.Path)}).EscapedPath()
}

// elsewhere gives the page that redirects a request: to HTTPS, to the host that the site wants to be known by, or as the
// site has it for the path. Else it is nil.
func (s *Server) elsewhere(q *page.Request, site *vhost, host string) *page.Page {
	if !q.Secure && site.LeadsToHTTPS(&s.config) && s.speaksHTTPS(q, host) && !strings.HasPrefix(q.Path, challengePrefix) {
		return page.Redirect(movedAs(q), "https://"+host+s.httpsPort(q.Host)+q.Target())
	}
	if c := site.Canonical; c != "" && host != c {
		return page.Redirect(movedAs(q), scheme(q)+c+s.ownPort(q)+q.Target())
	}
	return site.redirects.Find(q.Path, q.LocationQuery())
}

// speaksHTTPS says whether HTTP may lead to HTTPS: only while there is a certificate to speak it with, and a port. Whoever
// comes by way of a proxy that we trust speaks it with that.
func (s *Server) speaksHTTPS(q *page.Request, host string) bool {
	if s.secure == nil || !s.secure.bound.Load() {
		return false
	}
	all := s.certs.Store()
	return all.Covers(host) || !all.Empty() && (q.Vouched || s.servesAnyHost())
}

// httpsPort is where HTTPS is for a client who came over HTTP, as far as it has to stand in a URL. If he names another
// port than ours, a container or a router in front of us maps ports, and outside of it they are the standard ones.
func (s *Server) httpsPort(host string) string {
	if strings.TrimSuffix(hosts.Port(host), ":80") == s.plainPort {
		return s.tlsPort
	}
	return ""
}

// movedAs: 308 keeps the method and the body (RFC 9110, 15.4.9); for the others every client knows 301.
func movedAs(q *page.Request) int {
	if q.Reads() {
		return http.StatusMovedPermanently
	}
	return http.StatusPermanentRedirect
}

func scheme(q *page.Request) string {
	if q.Secure {
		return "https://"
	}
	return "http://"
}

var wasThere = page.NewHead(page.Field{Name: "Cache-Status", Value: "tinycdn; hit"}, page.Field{Name: "Age", Value: "0"})

// outcomeHead says how an answer came about.
func outcomeHead(o *page.Outcome) *page.Head {
	if o.Status == "hit" && o.Age <= 0 {
		return &wasThere
	}
	b := &struct { // in one piece: hits of applications have one of their own each
		head   page.Head
		fields [2]page.FieldValues
		values [2]string
	}{values: [2]string{"tinycdn; " + o.Status, strconv.Itoa(max(o.Age, 0))}}
	b.fields = [2]page.FieldValues{{Name: "Cache-Status", Values: b.values[:1:1]}, {Name: "Age", Values: b.values[1:]}}
	b.head.Fields = b.fields[:]
	return &b.head
}

// observe counts and logs a reply, once it is known what was sent of it, and has the page packed that it was made of.
func (s *Server) observe(q *page.Request, r *reply.Reply) {
	r.Counters.Add(r.Status, r.Cache.Result, r.Sent, r.Took)
	if s.access != nil {
		s.access.Add(q, r)
	}
	if v := s.visits.Load(); v != nil {
		v.Add(q, r)
	}
	if r.Page != nil {
		s.packer.Add(r.Page)
	}
}

// logPanic tells of a mistake of ours that one request has brought out.
func (s *Server) logPanic(host, path string, fault any) {
	s.log.Error("a page could not be made, which is a bug in tinycdn; please report it",
		"host", host, "path", path, "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
}
