package h1

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
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

func (s *scripted) config() Config {
	return Config{
		Respond: func(q *page.Request, r *reply.Reply) { *r = s.respond(q.Path) },
		Observe: func(_ *page.Request, r *reply.Reply) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.sent += r.Sent
		},
		ConnState: func(net.Conn, http.ConnState) {},
		LogPanic: func(host, path string, _ any) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.panicked = append(s.panicked, host+path)
		},
		HeaderTime: time.Minute, IdleTime: time.Minute,
	}
}

// asked sends a request to a server with that handler, and gives what it answers, until it closes the connection or, with
// left, what it leaves to others.
func asked(t *testing.T, handler *scripted, request string) (answer, left string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(handler.config())
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
	s.Stop(context.Background(), Linger)
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

// A connection that panics before there is a request costs no more either: what a proxy says first is read by a library.
func TestPanicBeforeTheFirstRequestEndsTheConnection(t *testing.T) {
	t.Parallel()
	h := &scripted{}
	s := NewServer(h.config())
	ours, theirs := net.Pipe()
	s.begin(faulty{ours})
	if _, err := theirs.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("got %v, want that the connection is closed", err)
	}
	s.Stop(context.Background(), Linger)
	if len(h.panicked) != 1 {
		t.Errorf("%v is logged", h.panicked)
	}
}

// faulty is a connection that does not know from where it comes.
type faulty struct{ net.Conn }

func (faulty) RemoteAddr() net.Addr { panic("a mistake") }

// TestIdleConnectionHoldsLittle: neither the page that was sent, nor a header as long as a buffer.
func TestIdleConnectionHoldsLittle(t *testing.T) {
	t.Parallel()
	none := page.Head{}
	for length, kept := range map[int]bool{100: true, 3000: false} {
		p := page.Plain(http.StatusOK)
		h := &scripted{respond: func(string) reply.Reply {
			return reply.Reply{Status: http.StatusOK, Page: p, Cache: page.WasThere, Heads: reply.Heads{Site: &none, Outcome: &none, Timing: &none, Page: &none}}
		}}
		config := h.config()
		ours, theirs := net.Pipe()
		c := &conn{Conn: ours, accepted: ours}
		var held []page.Request
		config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state != http.StateIdle {
				return
			}
			if held = append(held, c.request); c.reply.Page != nil {
				t.Error("it holds a page")
			}
			if len(held) == 2 {
				ours.Close()
			}
		}
		c.server = NewServer(config)
		agent := strings.Repeat("x", length)
		go func() {
			io.WriteString(theirs, "GET /a HTTP/1.1\r\nHost: example.org\r\nUser-Agent: "+agent+"\r\n\r\n")
			io.Copy(io.Discard, theirs)
		}()
		c.begin()
		c.server.answerAll(c)
		if len(held) != 2 || (held[1].UserAgent == agent) != kept || held[1].Proto != "HTTP/1.1" {
			t.Errorf("%d bytes: it holds %v", length, held)
		}
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

// A header longer than the buffer, a body that fits into it and one that just does not: all of it is sent, twice.
func TestPageOfAnyLengthIsSentWhole(t *testing.T) {
	t.Parallel()
	none := page.Head{}
	for _, fields := range []int{0, 8000, 40_000} {
		for _, length := range []int{10, bufferSend - 200, bufferSend, 100_000} {
			p := page.New(page.Response{Status: http.StatusOK, Body: []byte(strings.Repeat("x", length))})
			head := page.NewHead(page.Field{Name: "X-Long", Value: strings.Repeat("y", fields)}, page.Field{Name: "Content-Length", Value: strconv.Itoa(length)})
			h := &scripted{respond: func(string) reply.Reply {
				return reply.Reply{Status: http.StatusOK, Page: p, Body: p.Body(), Cache: page.WasThere, Heads: reply.Heads{Site: &none, Outcome: &none, Timing: &none, Page: &head}}
			}}
			ours, theirs := net.Pipe()
			c := &conn{Conn: ours, accepted: ours, server: NewServer(h.config())}
			c.begin()
			var work sync.WaitGroup
			work.Go(func() { c.server.answerAll(c) })
			in := bufio.NewReader(theirs)
			for range 2 {
				io.WriteString(theirs, "GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n")
				got, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(got.Body)
				if err != nil || len(got.Header.Get("X-Long")) != fields || string(body) != string(p.Body()) {
					t.Errorf("fields of %d, a body of %d: got %d and %d, %v", fields, length, len(got.Header.Get("X-Long")), len(body), err)
				}
			}
			theirs.Close()
			work.Wait()
		}
	}
}
