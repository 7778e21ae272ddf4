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

// fetch asks the application, and keeps the response if that may be kept. found is what is stored and would be
// confirmed by a 304. cancel ends the exchange.
func (s *Site) fetch(k key, found *stored, out *http.Request, cancel context.CancelFunc, tick uint64) fetched {
	asked := s.now()
	response, err := s.wire.RoundTrip(out)
	s.reach.note(err, s.now())
	if err != nil {
		cancel()
		return fetched{status: statusOf(err)}
	}
	received := s.now()
	cache.RemoveHopByHop(response.Header)
	s.makeLocal(response.Header)
	if response.StatusCode == http.StatusNotModified && found != nil {
		response.Body.Close()
		cancel()
		header := cache.Update(found.header, response.Header)
		return s.keep(k, s.confirmed(found, header, asked, received, out), http.StatusNotModified, tick)
	}
	passing := fetched{status: response.StatusCode, live: &live{response: response, cancel: cancel}}
	if cache.Failure(response.StatusCode) && found != nil && found.terms.ServesErrors(received) {
		return passing
	}
	if !cache.Storable(out.Header, response.StatusCode, response.Header) || !readable(response, s.store.max) {
		s.store.setAlone(k, received.Add(aloneTime), found)
		return passing
	}
	body, err := s.read(response)
	switch {
	case errors.Is(err, errTooMuch):
		s.store.setAlone(k, received.Add(aloneTime), found)
		return passing
	case err != nil:
		cancel()
		return fetched{status: statusOf(err)}
	}
	cancel()
	return s.keep(k, newStored(response.StatusCode, response.Header, body, asked, received, out), response.StatusCode, tick)
}

func (s *Site) keep(k key, r *stored, status int, tick uint64) fetched {
	got := fetched{status: status, stored: r, kept: s.store.put(k, r, tick)}
	if !r.terms.Fresh(s.now()) {
		s.store.setAlone(k, s.now().Add(aloneTime), nil) // each visitor has to ask for himself
	}
	return got
}

// newStored makes a response of what the application sent. Its header is not used by others.
func newStored(status int, header http.Header, body []byte, asked, received time.Time, out *http.Request) *stored {
	header.Del("Content-Encoding") // it was decoded
	if header["Date"] == nil {
		header.Set("Date", received.UTC().Format(http.TimeFormat)) // RFC 9110, 6.6.1
	}
	modified, _ := http.ParseTime(header.Get("Last-Modified"))
	response := page.Response{Status: status, ETag: header.Get("Etag"), Modified: modified, Body: body, Header: fieldsOf(header)}
	r := &stored{
		by:       cache.Selectors(out.Header, header),
		header:   header,
		terms:    cache.TermsOf(header, asked, received),
		received: received,
	}
	response.Brief = r.terms.Left(received) < time.Minute
	r.page = page.New(response)
	return r
}

// confirmed is what was stored, with the header that the application sent now. Codings that were made are taken over.
func (s *Site) confirmed(old *stored, header http.Header, asked, received time.Time, out *http.Request) *stored {
	r := newStored(old.page.Status, header, old.page.Body(), asked, received, out)
	if old.page.Packed() {
		for _, c := range [...]page.Coding{page.Gzip, page.Brotli, page.Zstd} {
			if v := old.page.Pick(c.String()); v.Coding == c {
				r.page.Offer(c, v.Body)
			}
		}
	}
	return r
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

// statusOf is what a visitor is told of an error: whether it took too long, or went wrong.
func statusOf(err error) int {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// readable says whether a response has a body that could be kept: in a coding that we know, and not too long.
func readable(response *http.Response, most int64) bool {
	if n, err := strconv.ParseInt(response.Header.Get("Content-Length"), 10, 64); err == nil && n > most {
		return false
	}
	switch strings.ToLower(response.Header.Get("Content-Encoding")) {
	case "", "identity", "gzip", "x-gzip":
	default:
		return false
	}
	kind, _, _ := strings.Cut(strings.ToLower(response.Header.Get("Content-Type")), ";")
	return kind != "text/event-stream" && kind != "multipart/x-mixed-replace"
}
