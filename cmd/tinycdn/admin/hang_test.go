package admin

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections need no network, so that a test may have a clock of its own.
type pipes struct {
	waiting chan net.Conn
	closed  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.waiting:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipes) dial() net.Conn {
	here, there := net.Pipe()
	p.waiting <- there
	return here
}

// TestWhoHangsHoldsNothing: as many as may come ask nothing, or take no answer; then another is answered.
func TestWhoHangsHoldsNothing(t *testing.T) {
	t.Parallel()
	for what, hang := range map[string]string{
		"nothing is asked":               "",
		"a header has no end":            "GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n",
		"a body does not come":           "POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token + "\r\nContent-Length: 9\r\n\r\n",
		"the answer is not taken":        "GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token + "\r\n\r\n",
		"nothing is asked after a first": "HEAD /x HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token + "\r\n\r\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			l := &pipes{make(chan net.Conn, 2*mostConnections), make(chan struct{})}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			answer := strings.Repeat("x", 1<<20)
			go func() {
				defer close(ended)
				serve(ctx, l, func() { close(l.closed) }, Guard(token, http.NotFoundHandler(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodPost {
						io.Copy(io.Discard, r.Body)
					}
					io.WriteString(w, answer)
				})), slog.New(slog.DiscardHandler))
			}()
			for range mostConnections {
				conn := l.dial()
				defer conn.Close()
				go io.WriteString(conn, hang)
				if strings.HasPrefix(hang, "HEAD") {
					go io.Copy(io.Discard, conn)
				}
			}
			synctest.Wait()
			begin, next := time.Now(), l.dial()
			defer next.Close()
			go io.WriteString(next, "GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
			next.SetReadDeadline(time.Now().Add(requestTime + answerTime + time.Second))
			line, err := bufio.NewReader(next).ReadString('\n')
			if errors.Is(err, os.ErrDeadlineExceeded) || !strings.HasPrefix(line, "HTTP/1.1 401 ") {
				t.Errorf("%s: after %v the next one got %q, %v", what, time.Since(begin), line, err)
			}
			stop()
			<-ended
		})
	}
}
