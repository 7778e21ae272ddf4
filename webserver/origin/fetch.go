package origin

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tinycdn/webserver/cache"
	"tinycdn/webserver/page"
)

// fetched is what came of a fetch: a response that may be kept, or one that passes through, or a status that says why
// there is neither.
type fetched struct {
	status int // of the application, or ours
	stored *stored
	kept   bool // in the store
	live   *live
}

// failed says whether something stale serves better.
func (f *fetched) failed() bool {
	return f.stored == nil && f.live == nil || f.stored == nil && cache.Failure(f.status)
}

// drop is for who does not want what was fetched.
func (f *fetched) drop() {
	if f.live != nil {
		f.live.drop()
	}
}

// aloneTime is how long a key that cannot be shared is remembered as such.
const aloneTime = 10 * time.Second

// errand is one question to the application.
type errand struct {
	key    key
	found  *stored // what is stored for the same, and would be confirmed by a 304; or nil
	out    *http.Request
	cancel context.CancelFunc // ends the exchange
	tick   uint64
	shared bool // others wait for it: what comes of it says something about the key
}

func (s *Site) newErrand(ctx context.Context, k key, found *stored, q *page.Request) *errand {
	ctx, cancel := context.WithCancel(ctx)
	return &errand{key: k, found: found, out: s.requestOf(ctx, k, found, q), cancel: cancel, tick: s.store.ticks.Add(1)}
}

// fetch asks the application, and keeps the response if that may be kept.
func (s *Site) fetch(e *errand) fetched {
	asked := s.now()
	response, err := s.wire.RoundTrip(e.out)
	received := s.now()
	s.reach.note(err, received)
	if err != nil {
		e.cancel()
		s.rest(e, received)
		return fetched{status: statusOf(err)}
	}
	if response.StatusCode == http.StatusSwitchingProtocols { // RFC 9110, 15.2.2: nobody asked for that
		response.Body.Close()
		e.cancel()
		return fetched{status: http.StatusBadGateway}
	}
	cache.RemoveHopByHop(response.Header)
	s.makeLocal(response.Header)
	if response.StatusCode == http.StatusNotModified && e.found != nil {
		response.Body.Close()
		e.cancel()
		return s.confirm(e, response.Header, asked, received)
	}
	passing := fetched{status: response.StatusCode, live: &live{response: response, cancel: e.cancel}}
	if cache.Failure(response.StatusCode) && e.found.standsIn(received) {
		s.rest(e, received)
		return passing
	}
	if !cache.Storable(e.out.Header, response.StatusCode, response.Header) || !readable(response, s.store.max) {
		s.refuse(e, response.StatusCode, response.Header, received)
		return passing
	}
	body, err := s.read(response)
	switch {
	case errors.Is(err, errStream):
		s.refuse(e, response.StatusCode, response.Header, received)
		return passing
	case err != nil:
		e.cancel()
		s.rest(e, received)
		return fetched{status: statusOf(err)}
	}
	e.cancel()
	return s.keep(e, newStored(response.StatusCode, response.Header, body, asked, received, e.out), response.StatusCode)
}

// rest lets the application alone for a moment, where there is something to serve instead.
func (s *Site) rest(e *errand, now time.Time) {
	if e.found.standsIn(now) {
		s.store.setResting(e.key, now.Add(restTime))
	}
}

// confirm keeps what was stored with the header of a 304, if that still lets us.
func (s *Site) confirm(e *errand, fresh http.Header, asked, received time.Time) fetched {
	header := cache.Update(e.found.header, fresh)
	if !cache.Storable(e.out.Header, e.found.page.Status, header) {
		s.refuse(e, e.found.page.Status, header, received)
		return fetched{status: e.found.page.Status, live: liveOf(e.found, header)}
	}
	return s.keep(e, s.confirmed(e.found, header, asked, received, e.out), http.StatusNotModified)
}

func (s *Site) keep(e *errand, r *stored, status int) fetched {
	got := fetched{status: status, stored: r, kept: s.store.put(e.key, r, e.tick)}
	if !r.terms.Fresh(s.now()) {
		s.store.setAlone(e.key, s.now().Add(aloneTime), nil) // each visitor has to ask for himself
	}
	return got
}

// refuse notes that a response is not to be kept. Nothing is noted of an errand for one visitor, or with something fresh
// at hand: else anybody could empty the cache, with a request that gets him an odd response.
func (s *Site) refuse(e *errand, status int, header http.Header, now time.Time) {
	if !e.shared || cache.Failure(status) || e.found != nil && e.found.terms.Fresh(now) {
		return
	}
	replaced := e.found
	if cache.Storable(nil, status, header) {
		replaced = nil // it is this visitor's request that forbids to keep it: others still get what is stored
	}
	s.store.setAlone(e.key, now.Add(aloneTime), replaced)
}

// newStored makes a response of what the application sent. Its header is not used by others.
func newStored(status int, header http.Header, body []byte, asked, received time.Time, out *http.Request) *stored {
	header.Del("Content-Encoding") // it was decoded
	if header["Date"] == nil {
		header.Set("Date", received.UTC().Format(http.TimeFormat)) // RFC 9110, 6.6.1
	}
	modified, _ := http.ParseTime(header.Get("Last-Modified"))
	response := page.Response{Status: status, ETag: tagOf(header), Modified: modified, Body: body, Header: fieldsOf(header)}
	r := &stored{
		by:       cache.Selectors(out.Header, header),
		header:   header,
		terms:    cache.TermsOf(header, asked, received),
		received: received,
	}
	response.ShortLived = r.terms.Left(received) < time.Minute
	r.page = page.New(response)
	return r
}

// confirmed is what was stored, with the header that the application sent now. Codings that were made are taken over.
func (s *Site) confirmed(old *stored, header http.Header, asked, received time.Time, out *http.Request) *stored {
	r := newStored(old.page.Status, header, old.page.Body(), asked, received, out)
	if old.page.Packed() {
		for _, c := range [...]page.Coding{page.Gzip, page.Brotli, page.Zstd} {
			if v := old.page.Negotiate(c.String()); v.Coding == c {
				r.page.AddPrecompressed(c, v.Body)
			}
		}
	}
	return r
}

// tagOf is the entity tag of a response, if it is one (RFC 9110, 8.8.3).
func tagOf(header http.Header) string {
	tag := header.Get("Etag")
	if opaque := strings.TrimPrefix(tag, "W/"); len(opaque) < 2 || opaque[0] != '"' || strings.IndexByte(opaque[1:], '"') != len(opaque)-2 {
		return ""
	}
	return tag
}

// fieldsOf lists the fields of a header in the order of their names, without those that a Page makes itself, and Age,
// which is told anew each time.
func fieldsOf(header http.Header) []page.Field {
	var fields []page.Field
	for name, values := range header {
		switch name {
		case "Content-Length", "Etag", "Last-Modified", "Accept-Ranges", "Age":
		case "Vary":
			fields = append(fields, page.Field{Name: name, Value: strings.Join(values, ", ")})
		default:
			for _, value := range values {
				fields = append(fields, page.Field{Name: name, Value: value})
			}
		}
	}
	slices.SortStableFunc(fields, func(a, b page.Field) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

// statusOf is what a visitor is told of an error: whether it was not even tried, took too long, or went wrong.
func statusOf(err error) int {
	var timeout net.Error
	switch {
	case errors.Is(err, errFull):
		return http.StatusServiceUnavailable
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// readable says whether a response has a body that could be kept: in a coding that we know, and not too long.
func readable(response *http.Response, most int64) bool {
	if n, err := strconv.ParseInt(response.Header.Get("Content-Length"), 10, 64); err == nil && n > most {
		return false
	}
	switch coding := strings.ToLower(response.Header.Get("Content-Encoding")); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		if strings.Contains(strings.ToLower(response.Header.Get("Cache-Control")), "no-transform") {
			return false // RFC 9111, 5.2.2.6: then it may not be unpacked
		}
	default:
		return false
	}
	kind, _, _ := strings.Cut(strings.ToLower(response.Header.Get("Content-Type")), ";")
	return kind != "text/event-stream" && kind != "multipart/x-mixed-replace"
}
