package h1

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// scripted is a handler whose replies are a function of the path.
type scripted struct {
	respond func(path string) reply.Reply

	mu       sync.Mutex
	panicked []string // hosts and paths
	sent     int64
}

func (s *scripted) Respond(q *page.Request, r *reply.Reply) { *r = s.respond(q.Path) }
func (s *scripted) Observe(_ *page.Request, r *reply.Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent += r.Sent
}
func (s *scripted) Busy(net.Conn) {}
func (s *scripted) Idle(net.Conn) {}
func (s *scripted) LogPanic(host, path string, _ any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.panicked = append(s.panicked, host+path)
}

// asked sends a request to a server with that handler, and gives what it answers, until it closes the connection or, with
// left, what it leaves to others.
func asked(t *testing.T, handler Handler, request string) (answer, left string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(Config{Handler: handler, HeaderTime: time.Minute, IdleTime: time.Minute})
	var work sync.WaitGroup
	work.Go(func() { s.Serve(l) })
	work.Go(func() {
		if conn, err := s.Fallback().Accept(); err == nil {
			rest := make([]byte, len(request))
			n, _ := io.ReadFull(conn, rest)
			left = string(rest[:n])
			conn.Close()
		}
	})
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, request)
	all, _ := io.ReadAll(conn)
	conn.Close()
	l.Close()
	s.Stop(context.Background())
	work.Wait()
	return string(all), left
}

// A mistake of ours costs the connection, and no more.
func TestPanicEndsTheConnection(t *testing.T) {
	t.Parallel()
	h := &scripted{respond: func(string) reply.Reply { panic("a mistake") }}
	answer, left := asked(t, h, "GET /a HTTP/1.1\r\nHost: bad\r\n\r\n")
	if answer != "" || left != "" || len(h.panicked) != 1 || h.panicked[0] != "bad/a" {
		t.Errorf("got %q, %q is left, and %v is logged", answer, left, h.panicked)
	}
}

// TestWhatIsNotReadyIsLeftToOthersWhole: from its first byte on, and whoever waits for its end is told.
func TestWhatIsNotReadyIsLeftToOthersWhole(t *testing.T) {
	t.Parallel()
	none := page.Head{}
	p := page.Plain(http.StatusOK)
	for name, r := range map[string]reply.Reply{
		"declined":         {},
		"another status":   {Status: http.StatusNotFound, Page: p, Cache: page.WasThere},
		"not there":        {Status: http.StatusOK, Page: p, Cache: page.MadeNow},
		"a stream":         {Stream: http.NotFoundHandler(), Cache: page.WasThere},
		"an application's": {Status: http.StatusOK, Page: p, Cache: page.Outcome{Status: "hit; ttl=1"}},
	} {
		r.Heads = reply.Heads{Site: &none, Outcome: &none, Timing: &none, Page: &none}
		done := 0
		r.Done = func() { done++ }
		h := &scripted{respond: func(string) reply.Reply { return r }}
		const request = "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"
		if answer, left := asked(t, h, request); answer != "" || left != request || done != 1 {
			t.Errorf("%s: got %q, %q is left, done %d times", name, answer, left, done)
		}
	}
}
