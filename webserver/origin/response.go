package origin

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"tinycdn/webserver/cache"
	"tinycdn/webserver/page"
)

// response is a response that was kept.
type response struct {
	by        []cache.Selector
	page      *page.Page
	header    http.Header // of the response, to be updated
	freshness cache.Freshness
	received  time.Time
	asked     atomic.Uint32 // how often it was found, with half of those before it was renewed; while there are others for the same key

	outcome atomic.Pointer[page.Outcome] // of the last hit: the same for a whole second
}

// newResponse makes a response of what the application sent. Its header is not used by others.
func newResponse(status int, header http.Header, body []byte, asked, received time.Time, out *http.Request) *response {
	if header["Content-Encoding"] != nil { // it was decoded: these are of what is no more
		for _, name := range [...]string{"Content-Encoding", "Repr-Digest", "Digest", "Content-Digest", "Content-Md5"} {
			delete(header, name)
		}
	}
	if header["Date"] == nil {
		header.Set("Date", received.UTC().Format(http.TimeFormat)) // RFC 9110, 6.6.1
	}
	modified, _ := http.ParseTime(header.Get("Last-Modified"))
	made := page.Response{Status: status, ETag: tagOf(header), Modified: modified, Body: body, Header: fieldsOf(header)}
	r := &response{
		by:        cache.Selectors(out.Header, header),
		header:    header,
		freshness: cache.FreshnessOf(header, asked, received),
		received:  received,
	}
	made.ShortLived = r.freshness.Left(received) < time.Minute
	made.Seldom = true // anybody can make up a URL, and to pack a page costs ten times what it takes to serve it
	r.page = page.New(made)
	return r
}

// confirmed is what was stored, with the header that the application sent now. Codings that were made are taken over.
func (r *response) confirmed(header http.Header, asked, received time.Time, out *http.Request) *response {
	next := newResponse(r.page.Status, header, r.page.Body(), asked, received, out)
	if r.page.Packed() {
		for _, c := range [...]page.Coding{page.Gzip, page.Brotli, page.Zstd} {
			if v := r.page.Negotiate(c.String()); v.Coding == c {
				next.page.AddPrecompressed(c, v.Body)
			}
		}
	}
	return next
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

func (r *response) bytes() int64 {
	n := r.page.Bytes() + 500
	for name, values := range r.header {
		n += int64(len(name)) + 64
		for _, v := range values {
			n += int64(len(v)) + 16
		}
	}
	for _, by := range r.by {
		n += int64(len(by.Value)) + 64
	}
	return n
}

// usableIfError says whether the response may be served because the application fails. None may not.
func (r *response) usableIfError(now time.Time) bool {
	return r != nil && r.freshness.UsableIfError(now)
}

// outcomeNow says that the response was there. It is made once a second at most.
func (r *response) outcomeNow(now time.Time) page.Outcome {
	age := int(r.freshness.Age(now) / time.Second)
	last := r.outcome.Load()
	if last == nil || last.Age != age {
		left := r.freshness.Left(now)
		last = &page.Outcome{Status: "hit; ttl=" + strconv.Itoa(int(left/time.Second)), Result: page.Hit, Age: age}
		if left <= 0 {
			last.Result = page.Stale
		}
		r.outcome.Store(last)
	}
	return *last
}
