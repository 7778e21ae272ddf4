package conns

import (
	"bufio"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
	"time"
)

// patience is for what must happen, but may take long on a busy machine.
const patience = time.Minute

// serve answers on a loopback address behind a table, until the test ends.
func serve(t testing.TB, g *Table, handler http.HandlerFunc) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler: handler, ConnState: g.ConnState, ReadHeaderTimeout: time.Hour, ErrorLog: log.New(io.Discard, "", 0),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(g.Listener(l)) }()
	t.Cleanup(func() {
		server.Close()
		<-done
		waitFor(t, "all to have left", func() bool { return g.Counts().Open == 0 })
	})
	return l.Addr().String()
}

// waitFor waits until something holds that nobody tells us of.
func waitFor(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func sayAddress(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.RemoteAddr) }

// client is a connection of a client.
type client struct {
	t testing.TB
	net.Conn
	in *bufio.Reader
}

func visit(t testing.TB, addr, from string) *client {
	t.Helper()
	c, err := dial(addr, from)
	if err != nil {
		t.Fatal(err)
	}
	c.(*net.TCPConn).SetLinger(0) // leave no port in TIME_WAIT
	t.Cleanup(func() { c.Close() })
	return &client{t, c, bufio.NewReader(c)}
}

func dial(addr, from string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	return d.Dial("tcp", addr)
}

// asks sends a request and gives the answer's status and body; both are empty at the end of the connection.
func (v *client) asks(before string) (status int, body string) {
	v.t.Helper()
	v.SetDeadline(time.Now().Add(patience))
	io.WriteString(v, before+"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
	response, err := http.ReadResponse(v.in, nil)
	if err != nil {
		return 0, ""
	}
	text, _ := io.ReadAll(response.Body) // a refusal may be cut short
	return response.StatusCode, string(text)
}

func (v *client) mustBeServed() {
	v.t.Helper()
	if status, body := v.asks(""); status != http.StatusOK || body != v.LocalAddr().String() {
		v.t.Fatalf("got %d %q, want 200 %q", status, body, v.LocalAddr())
	}
}

func (v *client) mustBeClosed() {
	v.t.Helper()
	v.SetDeadline(time.Now().Add(patience))
	if b, err := v.in.ReadByte(); err == nil {
		v.t.Fatalf("got %q, want the end", b)
	} else if failed, ok := err.(net.Error); ok && failed.Timeout() {
		v.t.Fatal("the connection is still open")
	}
}
