package origin

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWebSocketsPassThrough(t *testing.T) {
	t.Parallel()
	h := newLoopbackFixture(t)
	h.play(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "Upgrade" {
			t.Errorf("the origin got Upgrade %q, Connection %q", r.Header.Get("Upgrade"), r.Header.Get("Connection"))
		}
		conn, both, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		line, err := both.ReadString('\n')
		fmt.Fprintf(conn, "you said %s%v\n", line, err)
	})
	conn, err := net.Dial("tcp", h.front.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET /chat HTTP/1.1\r\nHost: example.com\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n")
	from := bufio.NewReader(conn)
	response, err := http.ReadResponse(from, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("got %v, %v, want 101", response, err)
	}
	io.WriteString(conn, "hello\n")
	for _, want := range []string{"you said hello\n", "<nil>\n"} {
		if line, err := from.ReadString('\n'); line != want {
			t.Errorf("got %q, %v, want %q", line, err, want)
		}
	}
}

func TestBodiesOfRequestsReachTheOrigin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %d %v %v", r.Method, len(body), r.ContentLength, err)
		})
		for _, c := range []struct {
			method string
			body   io.Reader
			want   string
		}{
			{"POST", strings.NewReader(strings.Repeat("x", 1<<20)), "POST 1048576 1048576 <nil>"},
			{"PUT", io.MultiReader(strings.NewReader("in "), strings.NewReader("chunks")), "PUT 9 -1 <nil>"},
			{"GET", strings.NewReader("odd"), "GET 3 3 <nil>"},
			{"POST", nil, "POST 0 0 <nil>"},
		} {
			r, err := http.NewRequest(c.method, h.front.URL, c.body)
			if err != nil {
				t.Fatal(err)
			}
			response, err := h.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			response.Body.Close()
			if string(body) != c.want {
				t.Errorf("got %q, %v, want %q", body, err, c.want)
			}
		}
	})
}

func TestFieldsOfTheOriginReplaceOurs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("X-Content-Type-Options", "its own")
			w.Header().Set("Trailer", "X-Sum")
			io.WriteString(w, "page")
			w.Header().Set("X-Sum", "42")
		})
		for _, method := range []string{"GET", "POST"} {
			r, err := http.NewRequest(method, h.front.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := h.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if values := response.Header["X-Content-Type-Options"]; len(values) != 1 || values[0] != "its own" {
				t.Errorf("%s: got %q, want the origin's alone", method, values)
			}
			if response.Header.Get("Cache-Status") == "" {
				t.Errorf("%s: what the origin does not say is not ours any more", method)
			}
			if method == "POST" && response.Trailer.Get("X-Sum") != "42" {
				t.Errorf("the trailer is %v", response.Trailer)
			}
		}
	})
}

func TestRangesAndHeadsComeFromWhatIsStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			http.ServeContent(w, r, "page.txt", time.Now(), strings.NewReader("0123456789"))
		})
		if a := h.get("/", "Range: bytes=2-3"); a.status != 206 || a.body != "23" || a.word != "pass" {
			t.Errorf("range, nothing stored: %d %s %q", a.status, a.word, a.body)
		}
		if a := h.do("HEAD", "/", ""); a.status != 200 || a.body != "" || a.word != "pass" || a.header.Get("Content-Length") != "10" {
			t.Errorf("HEAD, nothing stored: %d %s %q", a.status, a.word, a.body)
		}
		h.get("/", "")
		before := h.times()
		for _, c := range [][2]string{{"GET", "Range: bytes=2-3"}, {"HEAD", ""}} {
			if a := h.do(c[0], "/", c[1]); a.word != "hit" || a.status != 200 || h.times() != before {
				t.Errorf("%s, stored: %d %s, want the whole page to cut from", c[0], a.status, a.word)
			}
		}
	})
}

func TestMethodsThatConcernUsAreRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("")
		for _, method := range []string{"TRACE", "CONNECT"} {
			if a := h.do(method, "/", ""); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") == "" || h.times() != 0 {
				t.Errorf("%s: got %d, Allow %q", method, a.status, a.header.Get("Allow"))
			}
		}
	})
}

func TestOriginThatCannotBeReachedIsABadGateway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.application.Close()
		for _, method := range []string{"GET", "HEAD", "POST"} {
			if a := h.do(method, "/", ""); a.status != http.StatusBadGateway {
				t.Errorf("%s: got %d, want 502", method, a.status)
			}
		}
	})
}
