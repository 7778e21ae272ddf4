package conns

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

var page12 = make([]byte, 12<<10)

func sendPage(w http.ResponseWriter, _ *http.Request) { w.Write(page12) }

// BenchmarkRequest compares what a request for a page of 12 KB costs with and without a table, over one connection.
func BenchmarkRequest(b *testing.B) {
	for _, way := range []string{"bare", "table"} {
		b.Run(way, func(b *testing.B) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			server := &http.Server{Handler: http.HandlerFunc(sendPage)}
			addr := l.Addr().String()
			if way == "table" {
				g := New(Config{})
				l, server.ConnState = g.Listener(l), g.ConnState
			}
			go server.Serve(l)
			defer server.Close()
			client, err := net.Dial("tcp", addr)
			if err != nil {
				b.Fatal(err)
			}
			defer client.Close()
			in := bufio.NewReaderSize(client, 64<<10)
			request := []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
			b.ReportAllocs()
			for b.Loop() {
				client.Write(request)
				for size := 0; size != 2; { // the end of the header
					line, err := in.ReadSlice('\n')
					if err != nil {
						b.Fatal(err)
					}
					size = len(line)
				}
				if _, err := in.Discard(len(page12)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// nowhere is a connection that costs nothing.
type nowhere struct{ net.Conn }

func (nowhere) Read(p []byte) (int, error)       { return len(p), nil }
func (nowhere) Write(p []byte) (int, error)      { return len(p), nil }
func (nowhere) SetWriteDeadline(time.Time) error { return nil }
func (nowhere) RemoteAddr() net.Addr             { return someClient }
func (nowhere) Close() error                     { return nil }

// BenchmarkConn is what a table adds to each act of a connection.
func BenchmarkConn(b *testing.B) {
	g := New(Config{})
	c := g.accept(nowhere{})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			c.Read(page12)
		}
	})
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			c.Write(page12)
		}
	})
	b.Run("deadline", func(b *testing.B) {
		later := time.Now().Add(time.Hour)
		for b.Loop() {
			c.SetWriteDeadline(later)
			c.SetWriteDeadline(time.Time{})
		}
	})
	b.Run("state", func(b *testing.B) {
		for b.Loop() {
			g.ConnState(c, http.StateActive)
			g.ConnState(c, http.StateIdle)
		}
	})
}

func TestConnectionAllocatesNothing(t *testing.T) {
	g := New(Config{})
	c := g.accept(nowhere{})
	if n := testing.AllocsPerRun(1000, func() {
		g.ConnState(c, http.StateActive)
		c.Read(page12)
		c.Write(page12)
		g.ConnState(c, http.StateIdle)
	}); n != 0 {
		t.Errorf("%v allocations for a request", n)
	}
}

var _ io.ReaderFrom = (*conn)(nil) // so that http.Server lets the kernel copy files

// BenchmarkChoose is what it costs to find whom a new connection replaces while ten thousand are busy.
func BenchmarkChoose(b *testing.B) {
	g := New(Config{Clients: 10_000})
	for i := range 10_000 {
		g.accept(nowhere{}).(*conn).entry.moved.Add(int64(i))
	}
	for l := g.places.idle.first(); l != nil; l = g.places.idle.first() {
		l.Begin()
	}
	b.ReportAllocs()
	for b.Loop() {
		g.accept(nowhere{}).(*conn).entry.Begin()
	}
}
