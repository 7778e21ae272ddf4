package origin

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newSocketFixture has the application at a unix socket, besides.
func newSocketFixture(t *testing.T, change ...func(*Config)) (h *fixture, socket string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "app") // the path of a test's own folder may be too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	socket = filepath.Join(folder, "app.sock")
	h = newLoopbackFixture(t, append(change, func(c *Config) {
		c.URL, c.Socket, err = Parse("unix:" + socket)
		if err != nil {
			t.Fatal(err)
		}
	})...)
	return h, socket
}

// listenAt has the application listen at its socket.
func (h *fixture) listenAt(socket string) {
	h.Helper()
	l, err := net.Listen("unix", socket)
	if err != nil {
		h.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(h.apply)}
	h.Cleanup(func() { server.Close() })
	go server.Serve(l)
}

func TestAnApplicationAtASocket(t *testing.T) {
	t.Parallel()
	h, socket := newSocketFixture(t, withConnections(4))
	h.listenAt(socket)
	h.says("Cache-Control: max-age=60")
	for _, want := range []string{"miss", "hit"} {
		if a := h.get("/page?a=b", "Host: www.example"); a.status != 200 || a.word != want || a.body != "page 1" {
			t.Errorf("got %d %s %q, want a %s", a.status, a.word, a.body, want)
		}
	}
	if r := h.last(); r.Host != "www.example" || r.RequestURI != "/page?a=b" || r.Header.Get("X-Forwarded-For") == "" {
		t.Errorf("the application was asked for %s of %s", r.RequestURI, r.Host)
	}
	h.play(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	r, err := http.NewRequest("POST", "http://www.example/echo", strings.NewReader("what is sent"))
	if err != nil {
		t.Fatal(err)
	}
	if a := h.send(r); a.status != 200 || a.body != "what is sent" {
		t.Errorf("got %d %q", a.status, a.body)
	}
	h.play(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Location", "http://localhost/there") })
	if got := h.get("/moved", "").header.Get("Location"); got != "http://localhost/there" {
		t.Errorf("got %s: the application says of another server where something is", got)
	}
}

func TestASocketThatIsMissingIsAnOutage(t *testing.T) {
	t.Parallel()
	var events bytes.Buffer
	h, socket := newSocketFixture(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&events, nil)) })
	h.says("Cache-Control: max-age=60")
	if a := h.get("/", ""); a.status != http.StatusBadGateway {
		t.Errorf("got %d", a.status)
	}
	if got := events.String(); !strings.Contains(got, "origin=unix:"+socket) || !strings.Contains(got, "no such file or directory") {
		t.Errorf("the log says %s", got)
	}
	h.site.health.outage.Store(&outage{since: time.Now().Add(-2 * outageGrace), err: h.site.dial(t.Context())})
	if err := h.site.Health(); err == nil || !strings.Contains(err.Error(), "the origin unix:"+socket+" cannot be reached: dial unix "+socket) {
		t.Errorf("health says %v", err)
	}
	h.listenAt(socket)
	if err := h.site.dial(t.Context()); err != nil {
		t.Errorf("a probe: %v", err)
	}
	if a := h.get("/", ""); a.status != 200 || h.site.Health() != nil {
		t.Errorf("got %d, health says %v", a.status, h.site.Health())
	}
}

// TestOneDirectionOverASocketMayEndFirst: as over TCP, who has said all may go on reading.
func TestOneDirectionOverASocketMayEndFirst(t *testing.T) {
	t.Parallel()
	h, socket := newSocketFixture(t)
	h.play(func(w http.ResponseWriter, r *http.Request) {
		conn, buffers, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		said, _ := io.ReadAll(buffers)
		io.WriteString(conn, "you said "+string(said))
	})
	h.listenAt(socket)
	conn, err := net.Dial("tcp", h.front.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n")
	conn.SetReadDeadline(time.Now().Add(time.Minute))
	in := bufio.NewReader(conn)
	if response, err := http.ReadResponse(in, nil); err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("got %v, %v", response, err)
	}
	io.WriteString(conn, "hello")
	conn.(*net.TCPConn).CloseWrite()
	if all, _ := io.ReadAll(in); string(all) != "you said hello" {
		t.Errorf("got %q", all)
	}
}
