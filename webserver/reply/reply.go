// Package reply decides what is sent of a page: all of it, a part, or that nothing has changed.
package reply

import (
	"net/http"
	"strconv"
	"time"

	"tinycdn/webserver/metrics"
	"tinycdn/webserver/page"
)

// Reply is what is sent for a request. Whoever speaks a version of HTTP frames it. It lives as long as the request.
type Reply struct {
	Status int
	Heads  Heads
	Body   []byte
	Parts  [][]byte // what is sent behind Body

	Stream http.Handler // writes status and body instead
	Done   func()       // to be called once all is sent, or none of it will be; nil: nobody waits for that

	// What the log, the counters and the packer are told.
	Page     *page.Page // that it was made of; nil: of none
	Cache    page.Outcome
	Begin    time.Time
	Took     time.Duration // from the request parsed to the body ready
	Sent     int64         // bytes of body
	Type     string        // of a Stream, as it says
	Site     string
	Host     string // lower case, without port
	Counters *metrics.Site
}

// Heads are all the fields of a reply, in the order in which they are sent. None is nil but in a Reply that is not to be
// sent. In a field's stead comes the one of the same name in a later head; that happens with what applications say alone.
type Heads struct {
	Site    *page.Head // what the responses of the site have in common
	Outcome *page.Head // Cache-Status and Age
	Timing  *page.Head
	Page    *page.Head // of a Stream: without fields, as it writes its own
}

// SetIn writes the fields for net/http.
func (h *Heads) SetIn(header http.Header) {
	h.Site.SetIn(header)
	h.Timing.SetIn(header)
	h.Outcome.SetIn(header)
	h.Page.SetIn(header)
	if kind, said := header["Content-Type"]; said && len(kind) == 0 {
		leaveUntyped(h.Page, header)
	}
}

// leaveUntyped lets the recipient find out what a page without a type is (RFC 9110, 8.3). The field is left alone where the
// application or the operator says something of it.
func leaveUntyped(page *page.Head, header http.Header) {
	const name = "X-Content-Type-Options"
	for i := range page.Fields {
		if page.Fields[i].Name == name {
			return
		}
	}
	if values := header[name]; len(values) == 1 && values[0] == "nosniff" {
		delete(header, name)
	}
}

// AppendTo writes the fields for HTTP/1.1. It is for pages that are none of an application's: fields are not looked for
// in later heads.
func (h *Heads) AppendTo(b []byte) []byte {
	b = h.Site.AppendTo(b)
	b = h.Outcome.AppendTo(b)
	b = h.Timing.AppendTo(b)
	return h.Page.AppendTo(b)
}

// Length is the number of bytes of the body.
func (r *Reply) Length() int {
	n := len(r.Body)
	for _, part := range r.Parts {
		n += len(part)
	}
	return n
}

var none page.Head

// Set makes it what is sent of an answer: of a page, in a coding that the client accepts, a part that it asks for, or that
// nothing has changed. The heads but that of the page are for somebody else to fill in.
func (r *Reply) Set(q *page.Request, a *page.Answer) {
	*r = Reply{Stream: a.Stream, Done: a.Done, Page: a.Page, Cache: a.Cache}
	if a.Page == nil {
		r.Heads.Page = &none
		return
	}
	p, v := a.Page, a.Page.Negotiate(q.AcceptEncoding)
	switch {
	case p.Status != http.StatusOK || !q.Reads():
		r.whole(q, p.Status, v)
	case !r.conditional(q, p, v) && !r.partial(q, p, v):
		r.whole(q, http.StatusOK, v)
	}
}

// whole sends all of a page.
func (r *Reply) whole(q *page.Request, status int, v *page.Variant) {
	r.Status, r.Heads.Page = status, &v.Head
	if q.Method != http.MethodHead {
		r.Body = v.Body
	}
}

// conditional sends none of the page if its conditions say so.
func (r *Reply) conditional(q *page.Request, p *page.Page, v *page.Variant) bool {
	switch outcome, tag := conditions(q, p, v); outcome {
	case notModified:
		r.Status, r.Heads.Page = http.StatusNotModified, &v.NotModified
		if tag != v.ETag {
			r.Heads.Page = v.NotModified.With(page.Field{Name: "Etag", Value: tag})
		}
		return true
	case failed:
		r.whole(q, http.StatusPreconditionFailed, page.Plain(http.StatusPreconditionFailed).Negotiate(""))
		return true
	}
	return false
}

// partial sends the ranges that are asked for. RFC 9110, 14.2: they are defined for GET alone.
func (r *Reply) partial(q *page.Request, p *page.Page, v *page.Variant) bool {
	if q.Range == "" || q.Method != http.MethodGet || !wantsRange(q, p, v) {
		return false
	}
	spans, ok := rangesOf(q.Range, len(v.Body))
	if !ok {
		failure := page.Plain(http.StatusRequestedRangeNotSatisfiable).Negotiate("")
		r.whole(q, http.StatusRequestedRangeNotSatisfiable, failure)
		r.Heads.Page = failure.Head.With(page.Field{Name: "Content-Range", Value: "bytes */" + strconv.Itoa(len(v.Body))})
		return true
	}
	if len(spans) > 0 {
		r.parts(p, v, spans)
	}
	return len(spans) > 0
}

func (r *Reply) parts(p *page.Page, v *page.Variant, spans []span) {
	r.Status = http.StatusPartialContent
	head := v.Head.Without(page.DigestsOfContent)
	if len(spans) == 1 {
		s := spans[0]
		r.Body = v.Body[s.start:s.end]
		r.Heads.Page = head.With(
			page.Field{Name: "Content-Range", Value: s.contentRange(len(v.Body))},
			page.Field{Name: "Content-Length", Value: strconv.Itoa(len(r.Body))},
		)
		return
	}
	heads := headsOf(spans, len(v.Body), p.Field("Content-Type"))
	for i, s := range spans {
		r.Parts = append(r.Parts, heads[i], v.Body[s.start:s.end])
	}
	r.Parts = append(r.Parts, []byte(lastLine))
	r.Heads.Page = head.With(
		page.Field{Name: "Content-Type", Value: partsType},
		page.Field{Name: "Content-Length", Value: strconv.Itoa(r.Length())},
	)
}
