package webserver

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/webserver/upload"
)

// streamed is a site that passes everything to a handler.
func streamed(handle http.HandlerFunc) *scripted {
	return &scripted{answer: func(*http.Request) page.Answer {
		return page.Answer{Stream: handle, Cache: page.Outcome{Status: "fwd=method", Result: page.Pass}}
	}}
}

// counted says whether a line stands among the counters.
func (s *Server) counted(t *testing.T, line string) bool {
	t.Helper()
	var lines []string
	for _, c := range s.counters.Read() {
		timed := uint64(0)
		for _, n := range c.Took {
			timed += n
		}
		lines = append(lines, fmt.Sprintf("body_bytes_total{site=%q} %d", c.Site, c.Bytes), fmt.Sprintf("generation_seconds_count{site=%q} %d", c.Site, timed))
		for status, n := range c.Statuses {
			lines = append(lines, fmt.Sprintf("requests_total{site=%q,status=\"%d\"} %d", c.Site, status, n))
		}
		for result, n := range c.Results {
			lines = append(lines, fmt.Sprintf("cache_total{site=%q,result=%q} %d", c.Site, page.Result(result), n))
		}
	}
	if slices.Contains(lines, strings.TrimPrefix(line, "tinycdn_http_")) {
		return true
	}
	t.Logf("there is no line %s in\n%s", line, strings.Join(lines, "\n"))
	return false
}

func TestStreamSaysWhereItComesFromUnlessItDoes(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{POP: "fra"}, whole(streamed(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["X-Frame-Options"] = []string{"DENY"}
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, "some text")
	})))
	response := s.ask(request("POST /"))
	body, _ := io.ReadAll(response.Body)
	if h := response.Header; h.Get("X-Pop") != "fra" || h.Get("Cache-Status") != "tinycdn; fwd=method" || h.Get("X-Frame-Options") != "DENY" || string(body) != "some text" {
		t.Errorf("got %v %q", h, body)
	}
	if !s.counted(t, `tinycdn_http_requests_total{site="site",status="202"} 1`) || !s.counted(t, `tinycdn_http_body_bytes_total{site="site"} 9`) {
		t.Error("it is not counted as what it was")
	}
}

func TestHintsAreNoStatus(t *testing.T) {
	t.Parallel()
	inItsOwnTime(t, 1, streamed(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		io.WriteString(w, "some text")
		if got := w.(*stream); got.status != 200 || got.sent != 9 {
			t.Errorf("got %d with %d bytes", got.status, got.sent)
		}
	}), func(t *testing.T, c *http.Client) {
		response, err := c.Get("http://example.org/")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	})
}

func TestStreamThatBreaksIsCutOff(t *testing.T) {
	t.Parallel()
	for fault, logged := range map[any]bool{http.ErrAbortHandler: false, "a bug": true} {
		var events bytes.Buffer
		s := newServer(t, Config{}, whole(streamed(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "half of it")
			panic(fault)
		})))
		s.log = slog.New(slog.NewTextHandler(&events, nil))
		func() {
			defer func() {
				if got := recover(); got != http.ErrAbortHandler {
					t.Errorf("%v becomes %v", fault, got)
				}
			}()
			s.ask(request("GET /"))
		}()
		if !s.counted(t, `tinycdn_http_requests_total{site="site",status="200"} 1`) || strings.Contains(events.String(), "fault=") != logged {
			t.Errorf("%v: it is not counted, or logged: %s", fault, &events)
		}
	}
}

func TestHijackedConnectionIsCounted(t *testing.T) {
	t.Parallel()
	s := newServer(t, Config{}, whole(streamed(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		connection.Close()
	})))
	ours, theirs := net.Pipe()
	defer theirs.Close()
	s.ServeHTTP(&hijackable{sink: newSink(), connection: ours}, request("GET /", "Upgrade: websocket", "Connection: Upgrade"))
	if !s.counted(t, `tinycdn_http_requests_total{site="site",status="101"} 1`) {
		t.Error("it is not counted")
	}
}

type hijackable struct {
	*sink
	connection net.Conn
}

func (h *hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return h.connection, nil, nil }

// pipes is a listener for connections in memory, so that a test may have its own time.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// inItsOwnTime runs a client of HTTP/1 or HTTP/2 against a handler, while time passes only as far as they wait for it.
func inItsOwnTime(t *testing.T, major int, site Site, client func(*testing.T, *http.Client)) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, Config{}, whole(site))
		web := s.newHTTPServer(s, nil)
		protocols := new(http.Protocols)
		protocols.SetHTTP1(major == 1)
		protocols.SetUnencryptedHTTP2(major == 2)
		web.Protocols = protocols
		listener := make(pipes)
		var serve sync.WaitGroup
		serve.Go(func() { web.Serve(listener) })
		transport := &http.Transport{Protocols: protocols, DialContext: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			listener <- ours
			return theirs, nil
		}}
		client(t, &http.Client{Transport: transport})
		transport.CloseIdleConnections()
		close(listener)
		web.Close()
		serve.Wait()
	})
}

func TestStreamMayBeSilentForLong(t *testing.T) {
	t.Parallel()
	for major := 1; major <= 2; major++ {
		inItsOwnTime(t, major, streamed(func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				time.Sleep(10 * progress)
				io.WriteString(w, "an event\n")
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Errorf("HTTP/%d: %v", major, err)
				}
			}
		}), func(t *testing.T, c *http.Client) {
			response, err := c.Get("http://example.org/")
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if body, err := io.ReadAll(response.Body); err != nil || string(body) != strings.Repeat("an event\n", 3) || response.ProtoMajor != major {
				t.Errorf("HTTP/%d: got %q, %v", response.ProtoMajor, body, err)
			}
		})
	}
}

// TestUploadIsLetGo: what passes it on may read once more when the handler has returned, and HTTP/2's writer is gone then.
func TestUploadIsLetGo(t *testing.T) {
	t.Parallel()
	for _, size := range []int{4, 3 * upload.KeptBytes} {
		var late io.Reader
		s := newServer(t, Config{}, whole(streamed(func(_ http.ResponseWriter, r *http.Request) { late = r.Body })))
		w := &gone{ResponseWriter: httptest.NewRecorder()}
		r := request("POST /")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat("x", size))), int64(size)
		s.ServeHTTP(w, r)
		w.ResponseWriter = nil
		if body, err := io.ReadAll(late); len(body) > 0 || err == nil {
			t.Errorf("got %d bytes, %v", len(body), err)
		}
		if held := s.uploads.Held(); held != 0 {
			t.Errorf("%d bytes are counted still", held)
		}
	}
}

// gone is a writer that may be asked for nothing once its own is taken away.
type gone struct{ http.ResponseWriter }

func (g *gone) SetReadDeadline(time.Time) error {
	g.Header()
	return nil
}

// TestClientThatReadsNothingIsLeft: over HTTP/2 its connection may be well, so that conns does not see it.
func TestClientThatReadsNothingIsLeft(t *testing.T) {
	t.Parallel()
	begun := time.Time{}
	var took time.Duration
	var failure error
	inItsOwnTime(t, 2, streamed(func(w http.ResponseWriter, _ *http.Request) {
		begun = time.Now()
		for failure == nil {
			_, failure = w.Write(make([]byte, 1<<20))
		}
		took = time.Since(begun)
	}), func(t *testing.T, c *http.Client) {
		response, err := c.Get("http://example.org/")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * progress)
		response.Body.Close()
	})
	if took != progress {
		t.Errorf("it was left after %v: %v", took, failure)
	}
}

func TestLargePageHasTimeInProportion(t *testing.T) {
	t.Parallel()
	p := text(5 * stretch)
	inItsOwnTime(t, 2, always(p), func(t *testing.T, c *http.Client) {
		response, err := c.Get("http://example.org/")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		got := 0
		for buffer := make([]byte, stretch/4); ; time.Sleep(progress / 5) {
			n, err := io.ReadFull(response.Body, buffer)
			if got += n; err != nil {
				break
			}
		}
		if got != len(p.Body()) {
			t.Errorf("got %d bytes of %d", got, len(p.Body()))
		}
	})
}
