package geodns

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"syscall"
	"testing"
	"time"

	"tinycdn/geodns/wire"
	"tinycdn/geoip"
)

// Whatever comes, in whatever pieces: the answers are those of the oracle.
func FuzzStreamAnswersAsTheOracle(f *testing.F) {
	f.Add([]byte{}, uint16(1))
	f.Add([]byte{0}, uint16(1))
	f.Add([]byte{0, 0}, uint16(1))
	f.Add(framed(query(1, 12), query(2, 300), query(3, 12)), uint16(1))
	f.Add(framed(query(1, 12), silent(2, 20), query(3, 30), []byte("short"), query(4, 30)), uint16(7))
	f.Add(framed(query(1, 40_000), query(2, 40_000)), uint16(1000))
	f.Add(framed(query(1, 400), query(2, 400))[:700], uint16(100))
	f.Add([]byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), uint16(5))

	s, err := Listen(patient(Config{}), newEcho, slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() {
		s.Serve(ctx)
		close(served)
	}()
	f.Cleanup(func() {
		cancel()
		<-served
	})
	f.Fuzz(func(t *testing.T, data []byte, piece uint16) {
		conn, err := net.Dial("tcp", s.Addrs()[0].String())
		if err != nil {
			t.Fatal(err)
		}
		defer reset(conn.(*net.TCPConn)) // leaves no port in TIME_WAIT
		conn.SetDeadline(time.Now().Add(patience))
		go func() {
			for rest := data; len(rest) > 0; {
				n := min(max(int(piece), 1), len(rest))
				conn.Write(rest[:n])
				rest = rest[n:]
			}
			conn.(*net.TCPConn).CloseWrite()
		}()
		got, err := io.ReadAll(conn)
		want, ends := oracle(data)
		if ends && errors.Is(err, syscall.ECONNRESET) {
			want, err = want[:min(len(got), len(want))], nil // what was on its way may be lost
		}
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("got %d octets, %v; want %d\n%.100x\n%.100x", len(got), err, len(want), got, want)
		}
	})
}

// oracle answers data as a whole. It tells whether there is something in it that ends the connection.
func oracle(data []byte) (answers []byte, ends bool) {
	for len(data) >= 2 {
		size := int(data[0])<<8 | int(data[1])
		if len(data) < 2+size {
			break
		}
		if size < wire.HeaderLen {
			return answers, true
		}
		if reply := (echo{}).Respond(nil, data[2:2+size], geoip.Block{}, true); len(reply) > 0 {
			answers = append(answers, framed(reply)...)
		}
		data = data[2+size:]
	}
	return answers, false
}
