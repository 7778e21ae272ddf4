package webserver

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/quic-go/testutils/simnet"
)

// quicBubble has a client do something over a network in memory, where a minute takes no time. In the end nothing of it may be left.
func quicBubble(t *testing.T, window uint64, do func(t *testing.T, c *quic.Conn)) {
	pages := examplePages() // here, for what packs them is everybody's
	synctest.Test(t, func(t *testing.T) {
		current, roots := certified(t, time.Now().Add(time.Hour))
		s := Listen(Config{HTTP3: true}, current, slog.New(slog.DiscardHandler))
		defer s.Close()
		s.Publish([]VirtualHost{whole(pages)})
		router := &simnet.PerfectRouter{}
		here, there := &net.UDPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 7}, &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}
		clientSocket, serverSocket := simnet.NewBlockingSimConn(here, router), simnet.NewBlockingSimConn(there, router)
		router.AddNode(here, clientSocket)
		router.AddNode(there, serverSocket)
		q := s.newQUIC(serverSocket)
		if _, err := q.listen(); err != nil {
			t.Fatal(err)
		}
		served := make(chan error)
		go func() { served <- q.serve() }()
		client := &quic.Transport{Conn: clientSocket}
		c, err := client.Dial(t.Context(), there, &tls.Config{RootCAs: roots, ServerName: "example.org", NextProtos: []string{"h3"}},
			&quic.Config{KeepAlivePeriod: 20 * time.Second, InitialStreamReceiveWindow: window, MaxStreamReceiveWindow: window, InitialConnectionReceiveWindow: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		do(t, c)
		synctest.Wait()
		if awaited, streams := s.awaited.count(), s.streams.count(); awaited != 0 || streams != 0 {
			t.Errorf("%d headers are awaited, and %d streams under way", awaited, streams)
		}
		c.CloseWithError(0, "")
		ctx, enough := context.WithTimeout(context.Background(), time.Second)
		q.shutdown(ctx)
		enough()
		<-served
		client.Close()
		clientSocket.Close()
	})
}

// endOf waits until a connection ends, and says after which time and why.
func endOf(c *quic.Conn, begin time.Time) (after time.Duration, why error) {
	<-c.Context().Done()
	return time.Since(begin), context.Cause(c.Context())
}

// wantIdle wants a connection to end for want of streams.
func wantIdle(t *testing.T, c *quic.Conn, begin time.Time, most time.Duration) {
	t.Helper()
	after, why := endOf(c, begin)
	var closed *quic.ApplicationError
	if !errors.As(why, &closed) || closed.ErrorCode != quic.ApplicationErrorCode(http3.ErrCodeNoError) || after < most || after > most+time.Second {
		t.Errorf("it ends after %v with %v, want it after %v", after, why, most)
	}
}

func TestIdleConnectionsOverHTTP3End(t *testing.T) {
	t.Parallel()
	quicBubble(t, 1<<16, func(t *testing.T, c *quic.Conn) {
		begin := time.Now()
		wantIdle(t, c, begin, idleTime)
	})
	quicBubble(t, 1<<16, func(t *testing.T, c *quic.Conn) {
		time.Sleep(50 * time.Second)
		begin := time.Now()
		if got, err := answerTo(t, c, asking(t, ":path: /")); err != nil || len(got) < 100 {
			t.Errorf("got %q, %v", got, err)
		}
		wantIdle(t, c, begin, idleTime)
	})
}

// TestHeadersOverHTTP3HaveTenSeconds, however they come.
func TestHeadersOverHTTP3HaveTenSeconds(t *testing.T) {
	t.Parallel()
	frame := []byte{1, 0x60, 0, 0}
	for name, send := range map[string]func(*quic.Stream){
		"an octet":         func(s *quic.Stream) { s.Write(frame[:1]) },
		"half a header":    func(s *quic.Stream) { s.Write(frame) },
		"a header, slowly": func(s *quic.Stream) { s.Write(frame); go trickle(s) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quicBubble(t, 1<<16, func(t *testing.T, c *quic.Conn) {
				begin := time.Now()
				stream, err := c.OpenStream()
				if err != nil {
					t.Fatal(err)
				}
				send(stream)
				_, err = io.ReadAll(stream)
				if after := time.Since(begin); err == nil || after < headerTime || after > headerTime+time.Second {
					t.Errorf("it ends with %v after %v", err, after)
				}
				stream.CancelWrite(0)
				endOf(c, begin)
			})
		})
	}
}

// trickle sends an octet a second, as long as it can.
func trickle(s *quic.Stream) {
	for {
		time.Sleep(time.Second)
		if _, err := s.Write([]byte{0}); err != nil {
			return
		}
	}
}

// TestSlowReadersOverHTTP3HoldNothingForLong: who takes nothing of a page, or an octet a second, has the stream broken off after a minute.
func TestSlowReadersOverHTTP3HoldNothingForLong(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"a page": ":path: /", "a page of http3's": ":path: /large"} {
		for how, every := range map[string]time.Duration{"nothing": time.Hour, "an octet a second": time.Second} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				quicBubble(t, 8, func(t *testing.T, c *quic.Conn) {
					begin := time.Now()
					stream, err := c.OpenStream()
					if err != nil {
						t.Fatal(err)
					}
					stream.Write(asking(t, path))
					stream.Close()
					for err == nil && time.Since(begin) < 70*time.Second {
						stream.SetReadDeadline(time.Now().Add(70 * time.Second))
						time.Sleep(min(every, 70*time.Second))
						_, err = stream.Read(make([]byte, 1))
					}
					var reset *quic.StreamError
					if !errors.As(err, &reset) {
						t.Errorf("it ends with %v after %v", err, time.Since(begin))
					}
					wantIdle(t, c, begin, progress+idleTime)
				})
			})
		}
	}
}
