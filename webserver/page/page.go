// Package page holds responses that are packed in advance: header and body, in every content coding that is worth it,
// ready to be copied to whoever asks.
package page

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Response is what a Page is made of. The fields that follow from the body and its codings (Content-Length,
// Content-Encoding, ETag, Last-Modified, Accept-Ranges, and Accept-Encoding in Vary) are added by New.
type Response struct {
	Status     int
	Header     []Field
	Modified   time.Time // zero: no Last-Modified
	OfFile     bool      // Modified is a file's, which goes back with an older release: If-Modified-Since has to name just it
	Body       []byte    // not to be changed any more
	ETag       string    // as it stands in the header, of an origin that has one; "": a hash of the content
	ShortLived bool      // soon replaced: not worth more than a quick gzip, and that only for who asks for it
	Seldom     bool      // may never be asked for again: it is packed in the background only when it has been
}

// Page is a Response in its codings. All of it but the codings that are still being made is immutable.
type Page struct {
	Status   int
	Modified time.Time // in whole seconds; zero: unknown

	response Response
	packs    bool // codings are allowed and may be worth it
	ready    [codings]atomic.Pointer[Variant]
	asked    atomic.Bool   // the packer was told of it before
	packing  sync.Mutex    // held while codings are made
	tried    atomic.Uint32 // codings that were made, or found not to be worth it; a bit for each
	fault    atomic.Pointer[fault]
}

// Variant is a Page in one content coding (RFC 9110, 8.4).
type Variant struct {
	Coding      Coding
	ETag        string // with its quotes
	Body        []byte
	Head        Head
	NotModified Head // what a 304 has of it (RFC 9110, 15.4.5)
}

// New packs a response in the identity coding. The others are made when they are first wanted.
func New(r Response) *Page {
	r.Body = clipped(r.Body)
	p := &Page{Status: r.Status, response: r}
	p.packs = len(r.Body) >= smallest && Compressible(p.Field("Content-Type")) &&
		p.Field("Content-Encoding") == "" && !p.isNotToBeChanged()
	if !r.Modified.IsZero() {
		p.Modified = r.Modified.UTC().Truncate(time.Second)
	}
	if p.response.ETag == "" && r.Status == http.StatusOK {
		p.response.ETag = contentTag(p.Field("Content-Type"), r.Body)
	}
	untried := uint32(0)
	if p.packs {
		untried = 1<<Gzip | 1<<Brotli | 1<<Zstd
		if r.ShortLived {
			untried = 1 << Gzip
		}
	}
	p.tried.Store(^untried)
	p.ready[Identity].Store(p.variant(Identity, r.Body))
	return p
}

// clipped is a body without the room that a buffer has left behind it: what a page holds is what it counts. The allocator
// rounds up by an eighth at most.
func clipped(body []byte) []byte {
	if cap(body)-len(body) <= len(body)/8 {
		return body
	}
	return append(make([]byte, 0, len(body)), body...)
}

// Bytes is about how much memory the page takes, or will take once all its codings are made. Each coding has all fields.
func (p *Page) Bytes() int64 {
	const (
		overhead = 1500 // the structures, and the fields of four codings as they mostly are
		ordinary = 300  // octets of fields
	)
	body, fields := int64(len(p.response.Body)), max(int64(len(p.ready[Identity].Load().Head.Text))-ordinary, 0)
	if p.packs {
		return 2*body + int64(codings)*fields + overhead
	}
	return body + fields + overhead
}

// Body is the content itself, in no coding.
func (p *Page) Body() []byte { return p.response.Body }

// Header is the header that the page was made of.
func (p *Page) Header() []Field { return p.response.Header }

// Field is the value of a field of the header that the page was made of; "": there is none.
func (p *Page) Field(name string) string {
	for _, f := range p.response.Header {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// isNotToBeChanged is what no-transform asks for (RFC 9110, 7.7).
func (p *Page) isNotToBeChanged() bool {
	return slices.ContainsFunc(p.response.Header, func(f Field) bool {
		return f.Name == "Cache-Control" && strings.Contains(strings.ToLower(f.Value), "no-transform")
	})
}

// variant packs the body in a coding.
func (p *Page) variant(coding Coding, body []byte) *Variant {
	v := &Variant{Coding: coding, Body: body, ETag: codedTag(p.response.ETag, coding)}
	fields := slices.Clone(p.response.Header)
	if coding != Identity {
		fields = slices.DeleteFunc(fields, isDigest)
	}
	add := func(name, value string) { fields = append(fields, Field{name, value}) }
	if p.packs {
		fields = addVary(fields)
	}
	if v.ETag != "" {
		add("Etag", v.ETag)
	}
	if !p.Modified.IsZero() {
		add("Last-Modified", p.Modified.Format(http.TimeFormat))
	}
	if p.Status == http.StatusOK {
		add("Accept-Ranges", "bytes")
	}
	if coding != Identity {
		add("Content-Encoding", coding.String())
	}
	if p.Status >= 200 && p.Status != http.StatusNoContent && p.Status != http.StatusNotModified {
		add("Content-Length", strconv.Itoa(len(body)))
	}
	v.Head = NewHead(fields...)
	if p.Field("Content-Type") == "" {
		v.Head.Fields = append(v.Head.Fields, FieldValues{Name: "Content-Type"}) // without it, net/http would guess
	}
	v.NotModified.blocks = new(blocks)
	for _, field := range v.Head.Fields {
		switch field.Name {
		case "Etag", "Cache-Control", "Vary", "Last-Modified", "Expires", "Content-Location", "Date":
			v.NotModified.Fields = append(v.NotModified.Fields, field)
		}
	}
	return v
}

// isDigest says whether a field holds a digest of the content in its coding (RFC 9530).
func isDigest(f Field) bool {
	return f.Name == "Repr-Digest" || f.Name == "Digest" || slices.Contains(DigestsOfContent, f.Name)
}

// DigestsOfContent are fields with a digest of just the bytes that are sent, so that a part of them has another (RFC 9530, 2;
// RFC 2616, 14.15).
var DigestsOfContent = []string{"Content-Digest", "Content-Md5"}

// addVary says that the response depends on Accept-Encoding too (RFC 9110, 12.5.5).
func addVary(fields []Field) []Field {
	for i, f := range fields {
		if f.Name != "Vary" {
			continue
		}
		for name := range strings.SplitSeq(f.Value, ",") {
			if name = strings.TrimSpace(name); name == "*" || strings.EqualFold(name, "Accept-Encoding") {
				return fields
			}
		}
		fields[i].Value += ", Accept-Encoding"
		return fields
	}
	return append(fields, Field{"Vary", "Accept-Encoding"})
}
