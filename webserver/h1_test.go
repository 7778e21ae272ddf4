package webserver

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// instant is a site whose pages are known beforehand.
type instant map[string]*page.Page

func (s instant) Answer(q *page.Request) page.Answer {
	if p := s[q.Path]; p != nil {
		return page.Ready(p)
	}
	return page.Ready(page.Plain(http.StatusNotFound))
}
func (s instant) Error(int) *page.Page { return nil }
func (s instant) Health() error        { return nil }

// counting is an instant site that counts who asks.
type counting struct {
	instant
	fast, others int
}

func (s *counting) Answer(q *page.Request) page.Answer {
	if q.HTTP == nil {
		s.fast++
	} else {
		s.others++
	}
	return s.instant.Answer(q)
}

func examplePages() instant {
	small, large := text(5000), text(300<<10)
	small.Pack()
	return instant{"/": small, "/large": large, "/image": page.New(page.Response{
		Status: http.StatusOK, Header: []page.Field{{Name: "Content-Type", Value: "image/png"}}, Body: bytes.Repeat([]byte{1}, 900), Modified: time.Unix(1e9, 0),
	})}
}

// TestFastWaySaysWhatNetHTTPSays asks the same of the server for HTTP/1.1 and of what stands behind it. All but the date, the time it
// took, and the order of fields must be the same.
func TestFastWaySaysWhatNetHTTPSays(t *testing.T) {
	t.Parallel()
	pages := examplePages()
	site := &counting{instant: pages}
	s, plain, _ := serve(t, Config{POP: "fra"}, nil, VirtualHost{
		Name: "site", Hosts: []string{"example.org", "*"}, Parts: only(site), Headers: []page.Field{{Name: "X-Frame-Options", Value: "DENY"}, {Name: "X-Extra", Value: "yes"}},
	})
	tag := pages["/"].Negotiate("gzip").ETag
	for _, line := range []string{"GET /", "HEAD /", "GET /large", "GET /image", "HEAD /image"} {
		for _, header := range [][]string{
			nil,
			{"Accept-Encoding: gzip"},
			{"Accept-Encoding: gzip, deflate, br, zstd", "User-Agent: x", "Cookie: a=b"},
			{"Accept-Encoding: gzip", "If-None-Match: " + tag},
			{"Accept-Encoding: br", "If-None-Match: \"x\", W/" + tag},
			{"Accept-Encoding: br, gzip", "If-None-Match: \"x\", W/" + tag},
			{"If-None-Match: *"},
			{"If-None-Match: nonsense", "If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT"},
			{"If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT"},
			{"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"},
			{"If-Modified-Since: yesterday"},
			{"Host: other.example:8080"},
		} {
			r := request(line, header...)
			if r.Host == "example.com" { // of httptest
				r.Host = "example.org"
			}
			want := s.ask(r)
			before := site.fast
			got := overWire(t, plain, line, header)
			if site.fast == before {
				t.Errorf("%s %q: the fast way does not answer", line, header)
			}
			for _, response := range []*http.Response{got, want} {
				response.Header.Del("Date")
				response.Header["Server-Timing"] = []string{strings.TrimLeft(response.Header.Get("Server-Timing"), "gen;dur=.0123456789")}
			}
			if got.StatusCode != want.StatusCode || fmt.Sprint(got.Header) != fmt.Sprint(want.Header) {
				t.Errorf("%s %q: got\n%d %v\nwant\n%d %v", line, header, got.StatusCode, got.Header, want.StatusCode, want.Header)
			}
			gotBody, _ := io.ReadAll(got.Body)
			wantBody, _ := io.ReadAll(want.Body)
			if !bytes.Equal(gotBody, wantBody) {
				t.Errorf("%s %q: got %d bytes, want %d", line, header, len(gotBody), len(wantBody))
			}
		}
	}
	if !s.counted(t, `generation_seconds_count{site="site"} 120`) {
		t.Error("not each is counted")
	}
}

// overWire asks on a connection of its own.
func overWire(t *testing.T, address, line string, header []string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	lines := slices.Clone(header)
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Host:") }) {
		lines = append(lines, "Host: example.org")
	}
	method, _, _ := strings.Cut(line, " ")
	fmt.Fprintf(conn, "%s HTTP/1.1\r\n%s\r\n\r\n", line, strings.Join(lines, "\r\n"))
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s %q: %v", line, header, err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %q: %v", line, header, err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response
}

// A connection may change from the fast way to net/http, in the middle of what was sent, and over TLS too.
func TestConnectionGoesOnWithNetHTTP(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	site := &counting{instant: examplePages()}
	_, plain, secure := serve(t, Config{TLSListen: []string{"127.0.0.1:0"}}, current, whole(site))
	for name, dial := range map[string]func() (net.Conn, error){
		"plain": func() (net.Conn, error) { return net.Dial("tcp", plain) },
		"TLS": func() (net.Conn, error) {
			return tls.Dial("tcp", secure, &tls.Config{RootCAs: roots, ServerName: "example.org"})
		},
	} {
		conn, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		fast, others := site.fast, site.others
		// Two plain requests, a third with a query, and a half of the fourth, in one packet.
		io.WriteString(conn, strings.Repeat("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 2)+"GET /?q HTTP/1.1\r\nHost: a\r\n\r\nGET /im")
		statuses := readStatuses(t, in, 3)
		io.WriteString(conn, "age HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n")
		statuses = append(statuses, readStatuses(t, in, 1)...)
		if want := []int{200, 200, 200, 206}; !slices.Equal(statuses, want) {
			t.Errorf("%s: got %v, want %v", name, statuses, want)
		}
		if site.fast-fast != 2 || site.others-others != 2 {
			t.Errorf("%s: got %d by the fast way and %d by net/http, want 2 and 2", name, site.fast-fast, site.others-others)
		}
	}
}

func readStatuses(t *testing.T, in *bufio.Reader, n int) (statuses []int) {
	t.Helper()
	for range n {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		statuses = append(statuses, response.StatusCode)
	}
	return statuses
}

// A request may come a byte at a time.
func TestRequestInPieces(t *testing.T) {
	t.Parallel()
	_, plain, _ := serve(t, Config{}, nil, whole(examplePages()))
	conn, err := net.Dial("tcp", plain)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.(*net.TCPConn).SetNoDelay(true)
	for _, b := range []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n") {
		if _, err := conn.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	if got := readStatuses(t, bufio.NewReader(conn), 1); got[0] != 200 {
		t.Errorf("got %v, want 200", got)
	}
}

// A header too long for the fast way is not too long for the server.
func TestLongHeaderIsLeftToNetHTTP(t *testing.T) {
	t.Parallel()
	site := &counting{instant: examplePages()}
	_, plain, _ := serve(t, Config{}, nil, whole(site))
	for size, want := range map[int]int{3000: 200, 9000: 200, 20000: http.StatusRequestHeaderFieldsTooLarge} {
		got := overWire(t, plain, "GET /", []string{"X: " + strings.Repeat("x", size)})
		if got.StatusCode != want {
			t.Errorf("%d bytes: got %d, want %d", size, got.StatusCode, want)
		}
	}
}

// A mistake of a site costs a page, and no more.
func TestMistakeOfASiteGetsAnErrorPage(t *testing.T) {
	t.Parallel()
	_, plain, _ := serve(t, Config{}, nil, VirtualHost{Name: "bad", Hosts: []string{"bad"}, Parts: only(mistaken{})}, whole(examplePages()))
	if got := overWire(t, plain, "GET /", []string{"Host: bad"}); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("got %d, want 500", got.StatusCode)
	}
	if got := overWire(t, plain, "GET /", nil); got.StatusCode != 200 {
		t.Errorf("got %d, want 200", got.StatusCode)
	}
}

// TestOwnPathsAreDecidedAlikeWhoeverReadsTheRequest: that a reader leaves a path to net/http is no decision.
func TestOwnPathsAreDecidedAlikeWhoeverReadsTheRequest(t *testing.T) {
	t.Parallel()
	s, plain, _ := serve(t, Config{POP: "fra", Admin: loopback, Counters: func(io.Writer) {}}, nil, whole(examplePages()))
	for _, path := range []string{"health", "metrics", "nothing", ""} {
		path = "/.well-known/tinycdn/" + path
		for client, status := range map[string]int{"127.0.0.1": 200, "192.0.2.7": 404} {
			if strings.HasSuffix(path, "health") {
				status = 200
			} else if !strings.HasSuffix(path, "metrics") {
				status = 404
			}
			q := page.Request{Method: "GET", Host: "example.org", URI: path, Path: path, Client: netip.MustParseAddr(client)}
			var fast reply.Reply
			s.respond(&q, &fast)
			r := request("GET " + path)
			r.RemoteAddr = client + ":1"
			if full := s.ask(r).StatusCode; fast.Status != status || full != status {
				t.Errorf("%s for %s: got %d and %d, want %d", path, client, fast.Status, full, status)
			}
			if client == "127.0.0.1" {
				if got := overWire(t, plain, "GET "+path, nil).StatusCode; got != status {
					t.Errorf("%s over the wire: got %d, want %d", path, got, status)
				}
			}
		}
	}
}

type mistaken struct{ instant }

func (mistaken) Answer(*page.Request) page.Answer { panic("a mistake") }
