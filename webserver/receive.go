package webserver

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"tinycdn/webserver/accesslog"
	"tinycdn/webserver/page"
)

// visit is one request on its way.
type visit struct {
	page.Request
	begin time.Time
	site  *serving
	host  string // lower case, without port
}

// visits are those that are over, for the next ones: what is handed to a site by address cannot lie on the stack.
var visits = sync.Pool{New: func() any { return new(visit) }}

// ServeHTTP answers a request: receive, look up, fetch, deliver.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	if r.TLS == nil && r.ProtoMajor == 1 {
		r.TLS, _ = r.Context().Value(resumedTLS{}).(*tls.ConnectionState)
	}
	v := visits.Get().(*visit)
	defer func() {
		v.HTTP = nil // it may be large, and none of it is needed again
		visits.Put(v)
	}()
	*v = visit{Request: s.visitor(r), begin: begin}
	v.site, v.host = s.table.Load().find(r.Host)
	if v.site == nil {
		v.site = s.nobody
	}
	if r.TransferEncoding != nil && r.ProtoMajor == 1 {
		// RFC 9112, 6.1: a Content-Length may have stood beside it, and what follows might be smuggled in.
		w.Header()["Connection"] = []string{"close"}
	}
	if r.ProtoMajor >= 2 {
		if !s.streams.enter(v.Client) {
			s.turnAway(w, r, v)
			return
		}
		defer s.streams.leave(v.Client)
	}
	answer := s.answer(v)
	if answer.Page != nil {
		s.deliver(w, r, v, &answer)
	} else {
		s.pass(w, r, v, &answer)
	}
}

// deliver copies a page to the visitor.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request, v *visit, answer *page.Answer) {
	if answer.Done != nil {
		defer answer.Done()
	}
	coding := answer.Page.Pick(v.AcceptEncoding)
	took := time.Since(v.begin)
	s.describe(w.Header(), v, &answer.Cache, took)
	if r.ProtoMajor >= 2 {
		// The window of a stream may stay shut while its connection is well; over HTTP/1 the gate sees that.
		stretches := 1 + len(coding.Body)/stretch
		http.NewResponseController(w).SetWriteDeadline(v.begin.Add(time.Duration(stretches) * progress))
	}
	status, sent := deliver(w, r, answer.Page, coding)
	s.note(r, v, status, answer.Cache.Word, sent, took)
	s.packer.Add(answer.Page)
}

// pass lets somebody else write the response.
func (s *Server) pass(w http.ResponseWriter, r *http.Request, v *visit, answer *page.Answer) {
	took := time.Since(v.begin)
	s.describe(w.Header(), v, &answer.Cache, took)
	stream := newStream(w, r)
	defer func() {
		fault := recover()
		s.note(r, v, stream.status, answer.Cache.Word, stream.sent, took)
		if fault != nil {
			if fault != http.ErrAbortHandler {
				s.tellBug(v.host, v.Path, fault)
			}
			panic(http.ErrAbortHandler) // so that the visitor sees that the response is cut off
		}
		stream.hurry() // for what is still to be sent
	}()
	answer.Stream.ServeHTTP(stream, r)
}

var (
	wasHit = []string{"tinycdn; hit"}
	ageNil = []string{"0"}
)

// describe writes the fields that say where a response comes from and how long it took, and those that make it safe.
// What a page says itself replaces them.
func (s *Server) describe(h http.Header, v *visit, o *page.Outcome, took time.Duration) {
	lines := v.site.plain
	if v.Secure {
		lines = v.site.secure
	}
	for i := range lines {
		h[lines[i].Name] = lines[i].Values
	}
	h["Server-Timing"] = s.timings.field(took, o.Word)
	h["Cache-Status"] = wasHit
	if o.Status != "hit" {
		h["Cache-Status"] = []string{"tinycdn; " + o.Status}
	}
	h["Age"] = ageNil
	if o.Age > 0 {
		h["Age"] = []string{strconv.Itoa(o.Age)}
	}
}

// answer finds what there is for the request: of our own, or once it is known to be one for a site, of the site's.
func (s *Server) answer(v *visit) (a page.Answer) {
	defer func() {
		if fault := recover(); fault != nil {
			s.tellBug(v.host, v.Path, fault)
			a = there(v.site.error(http.StatusInternalServerError))
		}
	}()
	if a, ours := s.own(v); ours {
		return a
	}
	switch {
	case len(v.URI) > longestURI:
		return there(v.site.error(http.StatusRequestURITooLong))
	case badPath(v.Path, v.RawPath) || v.Chunked && (v.Method == http.MethodGet || v.Method == http.MethodHead):
		return there(s.badRequest)
	case v.site == s.nobody:
		return there(s.misdirected)
	}
	if !v.Secure && s.redirectsTo443() && !strings.HasPrefix(v.Path, "/.well-known/acme-challenge/") {
		return there(page.Redirect(movedAs(v.Method), "https://"+v.host+s.httpsPort(v.Host)+v.Target(), page.LifeOfRedirect))
	}
	if c := v.site.Canonical; c != "" && v.host != c {
		return there(page.Redirect(movedAs(v.Method), s.scheme(v)+c+portOf(v.Host)+v.Target(), page.LifeOfRedirect))
	}
	if p := v.site.redirects.find(v.Path, v.LocationQuery()); p != nil {
		return there(p)
	}
	if v.site.Site == nil {
		return there(v.site.error(http.StatusServiceUnavailable))
	}
	return v.site.Site.Answer(&v.Request)
}

func (s *Server) tellBug(host, path string, fault any) {
	s.log.Error("a page could not be made, which is a bug in tinycdn; please report it",
		"host", host, "path", path, "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
}

func there(p *page.Page) page.Answer { return page.Answer{Page: p, Cache: page.WasThere} }

// movedAs: 308 keeps the method and the body (RFC 9110, 15.4.9); for the others every client knows 301.
func movedAs(method string) int {
	if method == http.MethodGet || method == http.MethodHead {
		return http.StatusMovedPermanently
	}
	return http.StatusPermanentRedirect
}

// note counts and logs a response.
func (s *Server) note(r *http.Request, v *visit, status int, word page.Word, sent int64, took time.Duration) {
	s.record(v.site, word, &accesslog.Entry{
		Time: v.begin, Site: v.site.Name, Host: v.host, Client: v.Client, Method: r.Method, URI: r.RequestURI, Proto: r.Proto,
		Status: status, Bytes: sent, Took: took,
		Referer: field(r.Header["Referer"]), Agent: field(r.Header["User-Agent"]),
	})
}

func (s *Server) record(site *serving, word page.Word, e *accesslog.Entry) {
	site.counters.Add(e.Status, word, e.Bytes, e.Took)
	if s.access != nil {
		e.Cache = word.String()
		s.access.Add(e)
	}
}

// field gives the value of a field, its lines joined (RFC 9110, 5.3).
func field(lines []string) string {
	switch len(lines) {
	case 0:
		return ""
	case 1:
		return lines[0]
	}
	return strings.Join(lines, ", ")
}
