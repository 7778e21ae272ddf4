package webserver

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quic-go/qpack"
	"github.com/quic-go/quic-go/http3"

	"tinycdn/webserver/page"
)

// tallying is an instant site that counts who asks, from many goroutines.
type tallying struct {
	counting
	mu sync.Mutex
}

func (s *tallying) Answer(q *page.Request) page.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counting.Answer(q)
}

func (s *tallying) asked() (fast, others int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fast, s.others
}

// asked gives a response over a client, read to its end.
func asked(t *testing.T, by http.RoundTripper, line, url string, header ...string) (*http.Response, string) {
	t.Helper()
	method, path, _ := strings.Cut(line, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "example.org"
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	response, err := by.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %q: %v", line, header, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %q: %v", line, header, err)
	}
	return response, string(body)
}

// TestFastWaySaysWhatHTTP3Says asks for the same in words that the fast way knows, and with one that it does not know. All but the
// date, the time it took, and the order of fields must be the same.
func TestFastWaySaysWhatHTTP3Says(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	pages := examplePages()
	site := &tallying{counting: counting{instant: pages}}
	s, _, secure := serve(t, Config{POP: "fra", HSTS: "max-age=60", HTTP3: true}, current, VirtualHost{
		Name: "site", Hosts: []string{"example.org", "www.example.org"}, Parts: only(site), Canonical: "example.org",
		Headers: []page.Field{{Name: "X-Frame-Options", Value: "DENY"}, {Name: "X-Extra", Value: "yes"}}, Redirects: []Redirect{{From: "/old", To: "/new", Status: 302}},
	})
	by := &http3.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.org"}, DisableCompression: true}
	t.Cleanup(func() { by.Close() })
	tag := pages["/"].Negotiate("gzip").ETag
	n := 0
	for _, line := range []string{"GET /", "HEAD /", "GET /image", "HEAD /image", "GET /old", "HEAD /old", "GET /nothing", "GET /.well-known/tinycdn/health"} {
		for _, header := range [][]string{
			nil,
			{"Accept-Encoding: gzip"},
			{"Accept-Encoding: gzip, deflate, br, zstd", "User-Agent: x", "Cookie: a=b"},
			{"Accept-Encoding: gzip", "If-None-Match: " + tag},
			{"Accept-Encoding: br", "If-None-Match: \"x\", W/" + tag},
			{"If-None-Match: *"},
			{"If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT"},
			{"If-Modified-Since: yesterday", "Priority: u=1, i"},
		} {
			n++
			want, wantBody := asked(t, by, line, "https://"+secure, append([]string{"X-Unheard-Of: 1"}, header...)...)
			before, _ := site.asked()
			got, gotBody := asked(t, by, line, "https://"+secure, header...)
			if after, _ := site.asked(); after == before && !strings.Contains(line, "old") && !strings.Contains(line, "well-known") {
				t.Errorf("%s %q: the fast way does not answer", line, header)
			}
			for _, response := range []*http.Response{got, want} {
				response.Header.Del("Date")
				response.Header["Server-Timing"] = []string{strings.TrimLeft(response.Header.Get("Server-Timing"), "gen;dur=.0123456789")}
			}
			if got.StatusCode != want.StatusCode || fmt.Sprint(got.Header) != fmt.Sprint(want.Header) || got.ContentLength != want.ContentLength {
				t.Errorf("%s %q: got\n%d %v\nwant\n%d %v", line, header, got.StatusCode, got.Header, want.StatusCode, want.Header)
			}
			if gotBody != wantBody {
				t.Errorf("%s %q: got %d bytes, want %d", line, header, len(gotBody), len(wantBody))
			}
		}
	}
	until(t, "each is counted", func() bool { return s.counted(t, fmt.Sprintf(`generation_seconds_count{site="site"} %d`, 2*n)) })
	if s.streams.count() != 0 || s.awaited.count() != 0 {
		t.Errorf("%d streams and %d without a header are left", s.streams.count(), s.awaited.count())
	}
}

// TestOneConnectionForAllKinds mixes, on one connection and at once, what the fast way answers with what it leaves to http3.
func TestOneConnectionForAllKinds(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	large := text(300 << 10)
	site := &scripted{}
	pages := examplePages()
	site.answer = func(r *http.Request) page.Answer {
		switch r.URL.Path {
		case "/upload":
			return page.Answer{Stream: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }), Cache: page.Outcome{Result: page.Pass}}
		case "/stream":
			return page.Answer{Stream: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for range 10 {
					io.WriteString(w, "event\n")
					http.NewResponseController(w).Flush()
				}
			}), Cache: page.Outcome{Result: page.Pass}}
		}
		return page.Ready(large)
	}
	_, _, secure := serve(t, Config{HTTP3: true}, current, VirtualHost{Name: "site", Hosts: []string{"*"}, Parts: []Part{
		{Name: "pages", Pattern: rest, Site: pages}, {Name: "application", Pattern: "/upload", Site: site}, {Name: "stream", Pattern: "/stream", Site: site}, {Name: "large", Pattern: "/big", Site: site},
	}})
	by := (&http3.Transport{DisableCompression: true}).NewClientConn(dialQUIC(t, secure, roots))
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			sent := strings.Repeat(fmt.Sprint(i, " "), 500)
			method, path, body, want := http.MethodGet, "/", "", string(pages["/"].Body())
			var header http.Header
			switch i % 5 {
			case 1:
				method, path, body, want = http.MethodPost, "/upload", sent, sent
			case 2:
				path, want = "/stream", strings.Repeat("event\n", 10)
			case 3:
				path, want, header = "/large", string(pages["/large"].Body()[100:1000]), http.Header{"Range": {"bytes=100-999"}}
			case 4:
				path, want = "/big", string(large.Body())
			}
			r, _ := http.NewRequestWithContext(t.Context(), method, "https://example.org"+path, strings.NewReader(body))
			if header != nil {
				r.Header = header
			}
			response, err := by.RoundTrip(r)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				return
			}
			defer response.Body.Close()
			if got, err := io.ReadAll(response.Body); string(got) != want || err != nil {
				t.Errorf("%s: got %d octets, %v, want %d", path, len(got), err, len(want))
			}
		})
	}
	all.Wait()
}

// TestRequestsComeInPieces: wherever a header is cut, and whatever stands before or behind it, the answer is the same.
func TestRequestsComeInPieces(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	site := &tallying{counting: counting{instant: examplePages()}}
	_, _, secure := serve(t, Config{HTTP3: true}, current, whole(site))
	c := dialQUIC(t, secure, roots)
	frame := asking(t, ":path: /image", "user-agent: x")
	for cut := range frame {
		got, err := answerTo(t, c, frame[:cut], frame[cut:])
		if err != nil || !bytes.HasSuffix(got, bytes.Repeat([]byte{1}, 900)) {
			t.Fatalf("cut at %d: got %d octets, %v", cut, len(got), err)
		}
	}
	if fast, others := site.asked(); fast != len(frame) || others != 0 {
		t.Errorf("the fast way answered %d of %d", fast, len(frame))
	}
	trailer := []byte{1, 4, 0, 0, 0x21, 'x'} // without a value
	for name, pieces := range map[string][][]byte{
		"an unknown frame before": {{0x21, 3, 'a', 'b', 'c'}, frame}, "a long one": {{0x40, 0x21, 0x47, 0xd0}, make([]byte, 2000), frame},
		"a body": {frame, {0, 3, 'a', 'b', 'c'}}, "a trailer": {frame, trailer}, "a long length": {{1, 0xc0, 0, 0, 0, 0, 0, 0}, frame[1:]},
		"a cookie that fills more than we look at": {asking(t, ":path: /image", "cookie: "+strings.Repeat("~", 5000))},
	} {
		if got, err := answerTo(t, c, pieces...); err != nil || !bytes.HasSuffix(got, bytes.Repeat([]byte{1}, 900)) {
			t.Errorf("%s: got %d octets, %v", name, len(got), err)
		}
	}
	got, err := answerTo(t, c, asking(t, ":path: /image", "cookie: "+strings.Repeat("~", 20000)))
	if err != nil {
		t.Fatalf("too large: %v", err)
	}
	status, err := qpack.NewDecoder().Decode(got[2:])()
	if err != nil || status.Value != "431" {
		t.Errorf("too large: got %v, %v, want 431", status, err)
	}
	for name, pieces := range map[string][][]byte{"half a header": {frame[:len(frame)-1]}, "nothing": {}, "no path": {asking(t)}, "capitals": {asking(t, ":path: /", "User-Agent: x")}} {
		if got, err := answerTo(t, c, pieces...); err == nil {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// TestStreamsThatAreResetCostNothing: a client that takes back all that it asks for, before or behind the answer, holds nothing.
func TestStreamsThatAreResetCostNothing(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	s, _, secure := serve(t, Config{HTTP3: true}, current, whole(examplePages()))
	c := dialQUIC(t, secure, roots)
	frame := asking(t, ":path: /large")
	small := asking(t, ":path: /")
	for i := range 3000 {
		stream, err := c.OpenStreamSync(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		switch i % 4 {
		case 0:
			stream.Write(frame[:len(frame)/2])
		case 1:
			stream.Write(frame)
		case 2:
			stream.Write(small)
		}
		stream.CancelRead(0x10c) // H3_REQUEST_CANCELLED
		stream.CancelWrite(0x10c)
	}
	until(t, "nothing is left of them", func() bool { return s.awaited.count() == 0 && s.streams.count() == 0 })
	if got, err := answerTo(t, c, asking(t, ":path: /image")); err != nil || len(got) < 900 {
		t.Errorf("afterwards: got %d octets, %v", len(got), err)
	}
}

func TestIdleConnectionsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var ended time.Duration
		i := newIdle(time.Minute, func() { ended = time.Since(begin) })
		defer i.stop()
		time.Sleep(50 * time.Second)
		i.begin()
		i.begin()
		time.Sleep(50 * time.Second)
		i.end()
		time.Sleep(500 * time.Second)
		synctest.Wait()
		if i.end(); ended != 0 {
			t.Fatalf("ended with a stream, after %v", ended)
		}
		time.Sleep(10 * time.Second)
		i.begin()
		i.end() // it is idle from now on
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if ended != 670*time.Second {
			t.Errorf("ended after %v, want a minute after the last stream", ended)
		}
	})
}
