package webserver

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// dialFrom connects from an address, and leaves no port behind.
func dialFrom(t *testing.T, from, to string) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	c.(*net.TCPConn).SetLinger(0)
	t.Cleanup(func() { c.Close() })
	return c
}

// TestNewVisitorsAreServedWhateverHoldsThePlaces: all places are taken by what moves least, from fifteen addresses, each within its
// own bound. New visitors come all the time, and who is on his way goes on, unless he is slower than those: what the kernels on
// both sides hold of a response has moved, at first some MB.
func TestNewVisitorsAreServedWhateverHoldsThePlaces(t *testing.T) {
	t.Parallel()
	for about, begins := range map[string]string{
		"one octet":               "G",
		"beginnings of uploads":   "POST /upload HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000\r\n\r\nx",
		"responses nobody takes":  "GET /large?x HTTP/1.1\r\nHost: a.test\r\n\r\n",
		"WebSockets without word": "GET /upload HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			site := &scripted{answer: streamed(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/large":
					w.Write(make([]byte, 16<<20))
				case r.Header.Get("Upgrade") != "":
					c, buffers, err := w.(http.Hijacker).Hijack()
					if err != nil {
						return
					}
					defer c.Close()
					io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
					io.Copy(io.Discard, buffers)
				default:
					io.Copy(io.Discard, r.Body)
				}
			}).answer}
			s, plain, _ := serve(t, Config{Clients: 100}, nil,
				VirtualHost{Name: "a", Hosts: []string{"a.test"}, Site: site}, VirtualHost{Name: "b", Hosts: []string{"b.test"}, Site: examplePages()})
			honest := dialFrom(t, "127.0.3.1", plain)
			io.WriteString(honest, "POST /upload HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000\r\n\r\n")
			slower := strings.Contains(begins, "large")
			for i := range 300 {
				io.WriteString(dialFrom(t, fmt.Sprintf("127.0.2.%d", 1+i%15), plain), begins)
				if _, err := honest.Write(make([]byte, 2000)); err != nil && !slower {
					t.Fatalf("an upload that goes on was closed: %v", err)
				}
				if i%10 == 9 {
					visitor := dialFrom(t, "127.0.3.2", plain)
					fmt.Fprintf(visitor, "GET / HTTP/1.1\r\nHost: b.test\r\nUser-Agent: %s\r\n\r\n", strings.Repeat("x", 80))
					visitor.SetDeadline(time.Now().Add(patience))
					if answer, err := io.ReadAll(io.LimitReader(visitor, 5000)); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") {
						t.Fatalf("a visitor after %d got %d octets, %v", i+1, len(answer), err)
					}
					visitor.Close()
				}
			}
			io.WriteString(honest, strings.Repeat("x", 400_000))
			honest.SetDeadline(time.Now().Add(patience))
			if answer, err := io.ReadAll(io.LimitReader(honest, 12)); !slower && (err != nil || string(answer) != "HTTP/1.1 200") {
				t.Errorf("an upload that went on got %q, %v", answer, err)
			}
			if c := s.conns.Counts(); c.Shed < 200 || c.Open > 100 {
				t.Errorf("got %+v", c)
			}
		})
	}
}
