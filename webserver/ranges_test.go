package webserver

import (
	"bytes"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestRangesAreThoseOfTheBody(t *testing.T) {
	t.Parallel()
	whole := []span(nil)
	for _, c := range []struct {
		field string
		want  []span
		ok    bool
	}{
		{"bytes=0-0", []span{{0, 1}}, true},
		{"bytes=0-99", []span{{0, 100}}, true},
		{"bytes=10-19", []span{{10, 20}}, true},
		{"bytes=99-", []span{{99, 100}}, true},
		{"bytes=0-", []span{{0, 100}}, true},
		{"bytes=50-1000", []span{{50, 100}}, true},
		{"bytes=50-99999999999999999999999", []span{{50, 100}}, true},
		{"bytes=-1", []span{{99, 100}}, true},
		{"bytes=-100", []span{{0, 100}}, true},
		{"bytes=-1000", []span{{0, 100}}, true},
		{"bytes=-99999999999999999999999", []span{{0, 100}}, true},
		{"Bytes=0-0", []span{{0, 1}}, true},
		{"bytes= 0-0 ,\t5-6 ", []span{{0, 1}, {5, 7}}, true},
		{"bytes=,0-0,,", []span{{0, 1}}, true},
		{"bytes=0-0,-1", []span{{0, 1}, {99, 100}}, true},
		{"bytes=5-6,0-0", []span{{5, 7}, {0, 1}}, true}, // as they were asked for
		{"bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7", []span{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 8}}, true},
		{"bytes=0-0,100-200", []span{{0, 1}}, true}, // one of them can be satisfied

		// None can be satisfied: 416.
		{"bytes=100-", nil, false},
		{"bytes=100-200", nil, false},
		{"bytes=99999999999999999999999-", nil, false},
		{"bytes=-0", nil, false},
		{"bytes=100-,200-,-0", nil, false},

		// What is not valid, or a bomb, is not heeded.
		{"", whole, true},
		{"bytes", whole, true},
		{"bytes=", whole, true},
		{"bytes=,", whole, true},
		{"bytes=-", whole, true},
		{"bytes=5-4", whole, true},
		{"bytes=0-0,5-4", whole, true},
		{"bytes=a-b", whole, true},
		{"bytes=0x0-5", whole, true},
		{"bytes=+0-5", whole, true},
		{"bytes=0-5-6", whole, true},
		{"bytes=--5", whole, true},
		{"bytes=0 - 5", whole, true},
		{"bytes=0-0;5-6", whole, true},
		{"bytes =0-0", whole, true},
		{"lines=0-0", whole, true},
		{"bytes=0-,0-", whole, true},
		{"bytes=0-60,40-", whole, true},
		{"bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8", whole, true},
		{"bytes=" + strings.Repeat("100-,", 9), whole, true},
	} {
		if got, ok := rangesOf(c.field, 100); ok != c.ok || !slices.Equal(got, c.want) {
			t.Errorf("%q: got %v, %v, want %v, %v", c.field, got, ok, c.want, c.ok)
		}
	}
	if got, ok := rangesOf("bytes=0-", 0); !ok || got != nil {
		t.Errorf("of an empty body: got %v, %v", got, ok)
	}
}

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
	packed := p.Pick("gzip").Body
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

func TestManyRangesCostNoCopyOfThePage(t *testing.T) {
	p := text(1 << 20)
	h := http.Header{"Range": {"bytes=0-99,100-999999"}}
	r := &http.Request{Method: "GET", Header: h}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		deliver(newSink(), r, p, p.Pick(""))
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / 10; got > 20_000 {
		t.Errorf("%d bytes were allocated", got)
	}
}

// FuzzRanges compares with a reader that marks each byte that is asked for.
func FuzzRanges(f *testing.F) {
	for _, field := range []string{"bytes=0-5", "bytes=-3, 5-", "bytes=5-4", "bytes=99999999999999999999-,-0", "Bytes=0-0,,1-1\t"} {
		f.Add(field, uint8(10))
	}
	f.Fuzz(func(t *testing.T, field string, size uint8) {
		got, ok := rangesOf(field, int(size))
		want, wantOK := slowRanges(field, int(size))
		if ok != wantOK || !slices.Equal(got, want) {
			t.Fatalf("%q of %d: got %v, %v, want %v, %v", field, size, got, ok, want, wantOK)
		}
		sum := 0
		for _, s := range got {
			if s.start < 0 || s.start >= s.end || s.end > int(size) {
				t.Fatalf("%q of %d: got %v", field, size, got)
			}
			sum += s.end - s.start
		}
		if sum > int(size) || len(got) > mostRanges {
			t.Fatalf("%q of %d: %d bytes in %d parts", field, size, sum, len(got))
		}
	})
}

// slowRanges tries for each byte of the body whether it lies between two numbers of any length.
func slowRanges(field string, size int) (spans []span, ok bool) {
	if len(field) < 6 || strings.ToLower(field[:6]) != "bytes=" || size == 0 {
		return nil, true
	}
	asked, bytes := 0, 0
	for _, item := range strings.Split(field[6:], ",") {
		if item = strings.Trim(item, " \t"); item == "" {
			continue
		}
		asked++
		first, last, found := strings.Cut(item, "-")
		if !found || first+last == "" || strings.Trim(first+last, "0123456789") != "" {
			return nil, true
		}
		number := func(digits string, other int64) *big.Int {
			n, ok := new(big.Int).SetString(digits, 10)
			if !ok {
				return big.NewInt(other)
			}
			return n
		}
		from, to := number(first, 0), number(last, int64(size))
		if first == "" {
			from.Sub(big.NewInt(int64(size)), to)
			to = big.NewInt(int64(size))
		} else if from.Cmp(to) > 0 && last != "" {
			return nil, true
		}
		s := span{-1, -1}
		for at := range size {
			if n := big.NewInt(int64(at)); n.Cmp(from) >= 0 && n.Cmp(to) <= 0 {
				if s.start < 0 {
					s.start = at
				}
				s.end = at + 1
				bytes++
			}
		}
		if s.start >= 0 {
			spans = append(spans, s)
		}
	}
	switch {
	case asked == 0 || asked > mostRanges || bytes > size:
		return nil, true
	case len(spans) == 0:
		return nil, false
	}
	return spans, true
}
