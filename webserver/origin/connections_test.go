package origin

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// hang lets the application answer when the returned function is called, or when whoever asks leaves.
func (h *fixture) hang() (release func()) {
	held := make(chan struct{})
	h.play(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-held:
		case <-r.Context().Done():
		}
	})
	return sync.OnceFunc(func() { close(held) })
}

func withConnections(n int) func(*Config) {
	return func(c *Config) { c.Connections = make(Connections, n) }
}

func TestRequestsBeyondTheConnectionsAreTurnedAway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, method, header string }{
		{"passes through", "POST", ""},
		{"range", "GET", "Range: bytes=1-2"},
		{"event stream", "GET", "Accept: text/event-stream"},
		{"WebSocket", "GET", "Connection: Upgrade | Upgrade: websocket | Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA=="},
		{"lone fetch", "GET", "Authorization: Basic eA=="},
		{"flight", "GET", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const places = 3
			h := newLoopbackFixture(t, withConnections(places))
			release := h.hang()
			defer release()
			var held sync.WaitGroup
			for range places {
				held.Go(func() { h.do("POST", "/", "") })
			}
			h.eventually("all places are taken", func() bool { return h.times() == places })
			a := h.do(c.method, "/beyond", c.header)
			if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || h.times() != places {
				t.Errorf("got %d, Retry-After %q, the application was asked %d times", a.status, a.header.Get("Retry-After"), h.times())
			}
			if h.site.health.outage.Load() != nil {
				t.Error("the application is said to be out of reach")
			}
			release()
			held.Wait()
			if a := h.do("POST", "/", ""); a.status != http.StatusOK {
				t.Errorf("with places again: got %d", a.status)
			}
		})
	}
}

func TestStalePageServesWhereNoConnectionIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, header := range []string{"", "Authorization: Basic eA=="} {
			h := newFixture(t, withConnections(1))
			h.says("Cache-Control: max-age=1, stale-if-error=60, public")
			h.get("/", header)
			time.Sleep(10 * time.Second)
			release := h.hang()
			var held sync.WaitGroup
			held.Go(func() { h.do("POST", "/", "") })
			h.eventually("the place is taken", func() bool { return h.times() == 2 })
			if a := h.get("/", header); a.status != http.StatusOK || a.body != "page 1" || a.word != "stale" {
				t.Errorf("%q: got %d %s %q, want the stale page", header, a.status, a.word, a.body)
			}
			release()
			held.Wait()
		}
	})
}

func TestSitesShareTheirConnections(t *testing.T) {
	t.Parallel()
	shared := make(Connections, 1)
	share := func(c *Config) { c.Connections = shared }
	one, other := newLoopbackFixture(t, share), newLoopbackFixture(t, share)
	release := one.hang()
	other.says("")
	var held sync.WaitGroup
	held.Go(func() { one.do("POST", "/", "") })
	one.eventually("the place is taken", func() bool { return one.times() == 1 })
	if a := other.get("/", ""); a.status != http.StatusServiceUnavailable {
		t.Errorf("got %d, want 503", a.status)
	}
	release()
	held.Wait()
}

func TestEveryConnectionLeavesItsPlaceOnce(t *testing.T) {
	t.Parallel()
	// Each returns when the visitor has, or has left.
	for _, c := range []struct {
		name   string
		script http.HandlerFunc
		visit  func(h *fixture)
	}{
		{"answered", func(http.ResponseWriter, *http.Request) {}, func(h *fixture) { h.do("POST", "/", "") }},
		{"kept", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", "max-age=60") }, func(h *fixture) { h.get("/", "") }},
		{"broken off by the application", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "begun")
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, func(h *fixture) { h.ask("POST", "") }},
		{"left by its visitor", nil, func(h *fixture) {
			ctx, leave := context.WithCancel(h.Context())
			defer leave()
			h.play(func(_ http.ResponseWriter, r *http.Request) { leave(); <-r.Context().Done() })
			h.send(httptest.NewRequestWithContext(ctx, "POST", "/", nil))
		}},
		{"WebSocket", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
			io.Copy(io.Discard, conn) // until the visitor ends
		}, func(h *fixture) {
			h.ask("GET", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n")
		}},
		{"refused upgrade", func(http.ResponseWriter, *http.Request) {}, func(h *fixture) {
			h.ask("GET", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n")
		}},
		{"no answer at all", nil, func(h *fixture) {
			h.application.Close()
			h.do("POST", "/", "")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newLoopbackFixture(t, withConnections(8))
			h.play(c.script)
			c.visit(h)
			h.eventually("all places are left", func() bool {
				h.site.transport.CloseIdleConnections()
				return len(h.site.config.Connections) == 0
			})
		})
	}
}

// ask sends a request over a connection, waits for the head of the response, and hangs up.
func (h *fixture) ask(method, header string) {
	conn, err := net.Dial("tcp", h.front.Listener.Addr().String())
	if err != nil {
		h.Fatal(err)
	}
	defer conn.Close()
	io.Copy(conn, strings.NewReader(method+" / HTTP/1.1\r\nHost: example.com\r\n"+header+"\r\n"))
	conn.Read(make([]byte, 4096))
}

func TestConnectionLeavesItsPlaceOnceHoweverOftenItIsClosed(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := make(Connections, 2)
	one, err := c.dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	other, err := c.dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := c.dial(t.Context(), "tcp", l.Addr().String()); err != errFull {
		t.Errorf("got %v, want %v", err, errFull)
	}
	one.Close()
	one.Close()
	if len(c) != 1 {
		t.Errorf("%d places are taken, want 1", len(c))
	}
}
