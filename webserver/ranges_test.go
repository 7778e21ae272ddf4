package webserver

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

func TestPartsAreSentAsAsked(t *testing.T) {
	t.Parallel()
	p := tagged(`"abc"`)
	s := newServer(t, Config{}, whole(always(p)))
	for _, c := range []struct {
		line   string // of the request: lines with | between them
		status int
		part   string // Content-Range
		length int
	}{
		{"GET /|Range: bytes=0-9", 206, "bytes 0-9/2000", 10},
		{"GET /|Range: bytes=-10", 206, "bytes 1990-1999/2000", 10},
		{"GET /|Range: bytes=1990-5000", 206, "bytes 1990-1999/2000", 10},
		{"GET /|Range: bytes=2000-", 416, "bytes */2000", -1},
		{"GET /|Range: bytes=5-4", 200, "", 2000},
		{"GET /|Range: bytes=0-9|Range: bytes=20-29", 200, "", 2000},
		{"HEAD /|Range: bytes=0-9", 200, "", 2000}, // RFC 9110, 14.2: Range is for GET alone
		{"POST /|Range: bytes=0-9", 200, "", 2000},

		// If-Range (13.1.5) wants the very same page.
		{`GET /|Range: bytes=0-9|If-Range: "abc"`, 206, "bytes 0-9/2000", 10},
		{`GET /|Range: bytes=0-9|If-Range: "abd"`, 200, "", 2000},
		{`GET /|Range: bytes=0-9|If-Range: W/"abc"`, 200, "", 2000},
		{`GET /|Range: bytes=0-9|If-Range: "abc-gzip"`, 200, "", 2000},
		{`GET /|Range: bytes=0-9|If-Range: *`, 200, "", 2000},
		{`GET /|Range: bytes=0-9|If-Range: `, 200, "", 2000},
		{`GET /|Range: bytes=0-9|If-Range: "abc"|If-Range: "abc"`, 200, "", 2000},
		{"GET /|Range: bytes=0-9|If-Range: " + onTuesday, 206, "bytes 0-9/2000", 10},
		{"GET /|Range: bytes=0-9|If-Range: " + onMonday, 200, "", 2000},
		{"GET /|Range: bytes=0-9|If-Range: " + onThursday, 200, "", 2000},
		{`GET /|Range: bytes=2000-|If-Range: "abd"`, 200, "", 2000},
		{`GET /|If-Range: "abc"`, 200, "", 2000},
	} {
		lines := strings.Split(c.line, "|")
		response := s.ask(request(lines[0], lines[1:]...))
		body, _ := io.ReadAll(response.Body)
		h := response.Header
		if c.length < 0 {
			c.length = len(body)
		}
		if response.StatusCode != c.status || h.Get("Content-Range") != c.part || response.ContentLength != int64(c.length) {
			t.Errorf("%s: got %d %q of %d bytes, want %d %q of %d", c.line, response.StatusCode, h.Get("Content-Range"), response.ContentLength, c.status, c.part, c.length)
		}
		if c.status == 206 {
			var first, last int
			fmt.Sscanf(c.part, "bytes %d-%d/", &first, &last)
			if !bytes.Equal(body, p.Body()[first:last+1]) {
				t.Errorf("%s: got other bytes", c.line)
			}
			if h.Get("Etag") != `"abc"` || h.Get("Cache-Control") == "" || h.Get("Last-Modified") == "" || h.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("%s: got %v", c.line, h)
			}
		}
		if c.status == 416 && (h.Get("Etag") != "" || h.Get("Cache-Control") != "no-store") {
			t.Errorf("%s: got %v", c.line, h)
		}
	}
}

func TestSeveralPartsAreAMultipart(t *testing.T) {
	t.Parallel()
	p := tagged(`"abc"`)
	s := newServer(t, Config{}, whole(always(p)))
	response := s.ask(request("GET /", "Range: bytes=0-4,100-199,-5"))
	body, _ := io.ReadAll(response.Body)
	mediaType, parameters, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/byteranges" || response.StatusCode != 206 || response.ContentLength != int64(len(body)) || response.Header["Content-Range"] != nil {
		t.Fatalf("got %d %v with %d bytes", response.StatusCode, response.Header, len(body))
	}
	parts := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	for _, want := range []struct{ first, end int }{{0, 5}, {100, 200}, {1995, 2000}} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part)
		if err != nil || !bytes.Equal(content, p.Body()[want.first:want.end]) {
			t.Errorf("%v: got %d bytes, %v", want, len(content), err)
		}
		if got, want := part.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-%d/2000", want.first, want.end-1); got != want || part.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("got %v, want %s", part.Header, want)
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("got one more part, or %v", err)
	}
}

func TestPartIsOneOfTheCodingThatIsSent(t *testing.T) {
	t.Parallel()
	p := tagged(`"abc"`)
	s := newServer(t, Config{}, whole(always(p)))
	packed := p.Negotiate("gzip").Body
	response := s.ask(request("GET /", "Accept-Encoding: gzip", "Range: bytes=10-", `If-Range: "abc-gzip"`))
	body, _ := io.ReadAll(response.Body)
	if h := response.Header; response.StatusCode != 206 || !bytes.Equal(body, packed[10:]) || h.Get("Content-Encoding") != "gzip" || h.Get("Etag") != `"abc-gzip"` ||
		h.Get("Content-Range") != fmt.Sprintf("bytes 10-%d/%[2]d", len(packed)-1, len(packed)) {
		t.Errorf("got %d %v", response.StatusCode, response.Header)
	}
}

func TestWeakTagAllowsNoParts(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{}, whole(always(tagged(`W/"abc"`))))
	if got := s.ask(request("GET /", "Range: bytes=0-9", `If-Range: W/"abc"`)).StatusCode; got != 200 {
		t.Errorf("got %d", got)
	}
}

// TestPartHasNoDigestOfTheWhole: that of what is sent would be another (RFC 9530, 2); that of the whole still holds.
func TestPartHasNoDigestOfTheWhole(t *testing.T) {
	t.Parallel()
	p := page.New(page.Response{Status: 200, Body: text(2000).Body(), ETag: `"abc"`, Header: []page.Field{
		{Name: "Content-Type", Value: "image/png"}, {Name: "Content-Digest", Value: "md5=:YQ==:"}, {Name: "Content-Md5", Value: "YQ=="},
		{Name: "Repr-Digest", Value: "md5=:YQ==:"},
	}})
	s := newServer(t, Config{}, whole(always(p)))
	for asked, want := range map[string]int{"bytes=0-1999": 0, "bytes=0-9": 0, "bytes=0-9,20-29": 0, "pages=1": 1} {
		h := s.ask(request("GET /", "Range: "+asked)).Header
		if len(h["Content-Digest"]) != want || len(h["Content-Md5"]) != want || len(h["Repr-Digest"]) != 1 {
			t.Errorf("%s: got %v", asked, h)
		}
	}
}
