package page

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var lastTuesday = time.Date(2026, 3, 3, 12, 0, 0, 987654321, time.FixedZone("", 3600))

// prose is a response with some text of that length.
func prose(size int) Response {
	random := rand.New(rand.NewPCG(uint64(size), 2))
	words := strings.Fields("the of and a to in is you that it he was for on are as with his they at be this have from")
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "<p>%s %s %x\n", words[random.IntN(len(words))], words[random.IntN(len(words))], random.IntN(1<<12))
	}
	return Response{
		Status: http.StatusOK,
		Header: []Field{{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "public, max-age=60"}},
		Body:   []byte(b.String()[:size]),
	}
}

// with is a response with more fields.
func (r Response) with(fields ...Field) Response {
	r.Header = append(slices.Clip(r.Header), fields...)
	return r
}

// header gives the fields of a variant as http.Header has them.
func header(lines []FieldValues) http.Header {
	h := http.Header{}
	for _, l := range lines {
		h[l.Name] = l.Values
	}
	return h
}

func TestPageSaysAllThatFollowsFromItsBody(t *testing.T) {
	t.Parallel()
	r := prose(1000)
	r.Modified, r.ETag = lastTuesday, `"abc"`
	p := New(r)
	p.Pack()
	identity := header(p.Negotiate("").Head.Fields)
	if want := (http.Header{
		"Content-Type": {"text/html; charset=utf-8"}, "Cache-Control": {"public, max-age=60"}, "Vary": {"Accept-Encoding"},
		"Etag": {`"abc"`}, "Last-Modified": {"Tue, 03 Mar 2026 11:00:00 GMT"}, "Accept-Ranges": {"bytes"}, "Content-Length": {"1000"},
	}); !reflect.DeepEqual(identity, want) {
		t.Errorf("got  %v\nwant %v", identity, want)
	}
	packed := p.Negotiate("gzip")
	want := identity.Clone()
	want["Etag"], want["Content-Encoding"], want["Content-Length"] = []string{`"abc-gzip"`}, []string{"gzip"}, []string{fmt.Sprint(len(packed.Body))}
	if got := header(packed.Head.Fields); !reflect.DeepEqual(got, want) {
		t.Errorf("in gzip: got  %v\nwant %v", got, want)
	}
}

// TestDigestsAreOfTheCodingThatTheyCameIn holds RFC 9530, 2 and 3.
func TestDigestsAreOfTheCodingThatTheyCameIn(t *testing.T) {
	t.Parallel()
	digests := []Field{{"Content-Digest", "md5=:YQ==:"}, {"Content-Md5", "YQ=="}, {"Repr-Digest", "md5=:YQ==:"}, {"Digest", "md5=YQ=="}}
	p := New(prose(1000).with(digests...))
	for coding, want := range map[string]bool{"": true, "gzip": false} {
		v := p.Negotiate(coding)
		for _, digest := range digests {
			if got := header(v.Head.Fields)[digest.Name] != nil; got != want {
				t.Errorf("in %q: %s is there: %v", coding, digest.Name, got)
			}
		}
	}
}

func TestHeadIsTheFieldsAsTheyGoOverTheWire(t *testing.T) {
	t.Parallel()
	p := New(prose(1000).with(Field{"Link", "</a>"}, Field{"X-Other", ""}, Field{"Link", "</b>"}))
	v := p.Negotiate("")
	got := http.Header{}
	for line := range strings.SplitSeq(strings.TrimSuffix(v.Head.Text, "\r\n"), "\r\n") {
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("%q is no field", line)
		}
		got[name] = append(got[name], value)
	}
	if want := header(v.Head.Fields); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if links := got["Link"]; !slices.Equal(links, []string{"</a>", "</b>"}) {
		t.Errorf("got the links %q", links)
	}
}

// TestBriefFieldsAreThoseOfA304 holds RFC 9110, 15.4.5.
func TestBriefFieldsAreThoseOfA304(t *testing.T) {
	t.Parallel()
	r := prose(1000).with(
		Field{"Content-Location", "/index.html"}, Field{"Date", "Tue, 03 Mar 2026 11:00:01 GMT"}, Field{"Expires", "0"},
		Field{"Content-Language", "en"}, Field{"Link", "</style.css>"},
	)
	r.Modified = lastTuesday
	got := header(New(r).Negotiate("").NotModified.Fields)
	for name := range got {
		got[name] = nil
	}
	want := http.Header{"Cache-Control": nil, "Content-Location": nil, "Date": nil, "Etag": nil, "Expires": nil, "Vary": nil, "Last-Modified": nil}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestVaryNamesAcceptEncodingWhereCodingsMayBeMade(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		about string
		r     Response
		packs bool
		vary  []string
	}{
		{"text", prose(1000), true, []string{"Accept-Encoding"}},
		{"text that varies already", prose(1000).with(Field{"Vary", "Cookie"}), true, []string{"Cookie, Accept-Encoding"}},
		{"text that varies on it already", prose(1000).with(Field{"Vary", "Cookie,accept-encoding"}), true, []string{"Cookie,accept-encoding"}},
		{"text that varies on anything", prose(1000).with(Field{"Vary", "*"}), true, []string{"*"}},
		{"a short text", prose(100), false, nil},
		{"a short text that varies", prose(100).with(Field{"Vary", "Cookie"}), false, []string{"Cookie"}},
		{"what is packed already", prose(1000).with(Field{"Content-Encoding", "gzip"}), false, nil},
		{"what no proxy may change", prose(1000).with(Field{"Cache-Control", "No-Transform"}), false, nil}, // RFC 9110, 7.7
		{"a picture", Response{Status: 200, Header: []Field{{"Content-Type", "image/png"}}, Body: make([]byte, 1000)}, false, nil},
	} {
		p := New(c.r)
		if got := header(p.Negotiate("gzip").Head.Fields)["Vary"]; !slices.Equal(got, c.vary) {
			t.Errorf("%s: got %q, want %q", c.about, got, c.vary)
		}
		if got := p.Negotiate("gzip").Coding == Gzip; got != c.packs {
			t.Errorf("%s: packed: %v, want %v", c.about, got, c.packs)
		}
	}
}

func TestLengthAndTagAreToldWhereTheyMeanSomething(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status              int
		length, tag, ranges bool
	}{
		{200, true, true, true},
		{204, false, false, false},
		{301, true, false, false},
		{404, true, false, false},
		{503, true, false, false},
	} {
		r := prose(100)
		if r.Status = c.status; c.status == 204 {
			r.Body = nil
		}
		h := header(New(r).Negotiate("").Head.Fields)
		if h["Content-Length"] != nil != c.length || h["Etag"] != nil != c.tag || h["Accept-Ranges"] != nil != c.ranges {
			t.Errorf("%d: got %v", c.status, h)
		}
	}
}

func TestPageWithoutMediaTypeStaysSo(t *testing.T) {
	t.Parallel()
	p := New(Response{Status: 200, Body: []byte("<html>")})
	values, named := header(p.Negotiate("").Head.Fields)["Content-Type"]
	if !named || values != nil { // net/http guesses none for a name without values
		t.Errorf("got %q, %v", values, named)
	}
	if strings.Contains(p.Negotiate("").Head.Text, "Content-Type") {
		t.Errorf("got %q", p.Negotiate("").Head.Text)
	}
}

func TestCacheControlIsTheFieldThatThePageWasMadeOf(t *testing.T) {
	t.Parallel()
	if got := New(prose(10)).Field("Cache-Control"); got != "public, max-age=60" {
		t.Errorf("got %q", got)
	}
	if got := New(Response{Status: http.StatusOK}).Field("Cache-Control"); got != "" {
		t.Errorf("without one: got %q", got)
	}
}

func TestPageIsNotChangedByWhatItWasMadeOf(t *testing.T) {
	t.Parallel()
	fields := make([]Field, 1, 10)
	fields[0] = Field{"Content-Type", "text/plain"}
	a := New(Response{Status: 200, Header: fields, Body: make([]byte, 1000)})
	b := New(Response{Status: 404, Header: append(fields, Field{"X-B", "b"}), Body: make([]byte, 1000)})
	if got := header(a.Negotiate("").Head.Fields); got["X-B"] != nil || got["Etag"] == nil {
		t.Errorf("got %v", got)
	}
	if got := header(b.Negotiate("").Head.Fields); got["X-B"] == nil {
		t.Errorf("got %v", got)
	}
}

// What a page counts is what it holds: not less for a body that was made in a buffer, nor for fields that every coding has.
func TestPageCountsWhatItHolds(t *testing.T) {
	t.Parallel()
	buffer := append(make([]byte, 0, 2<<20), prose(1<<20).Body...)
	r := prose(0)
	r.Body = buffer[: 1<<20 : 2<<20]
	if got := New(r).Body(); len(got) != 1<<20 || cap(got) > 9<<17 {
		t.Errorf("a body of 1 MB has room for %d", cap(got))
	}
	exact := prose(1 << 20).Body
	if got := New(Response{Status: 200, Body: exact}).Body(); &got[0] != &exact[0] {
		t.Error("a body with no room behind it was copied")
	}
	for _, fields := range []int{0, 1000, 60_000} {
		p := New(prose(10_000).with(Field{"X-Long", strings.Repeat("x", fields)}))
		p.Pack()
		held := int64(0)
		for c := range p.ready {
			if v := p.ready[c].Load(); v != nil {
				held += int64(cap(v.Body) + len(v.Head.Text))
			}
		}
		if p.Bytes() < held*9/10 || p.Bytes() > held+15_000 { // it is a guess how well the body packs
			t.Errorf("%d octets of fields: it counts %d and holds %d", fields, p.Bytes(), held)
		}
	}
}
