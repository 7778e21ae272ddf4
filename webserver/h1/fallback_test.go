package h1

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestTheLastConnectionThatIsHandedOverIsInTheBooks: net/http knows of a connection a moment after it has accepted it, and has nothing to
// wait for before.
func TestTheLastConnectionThatIsHandedOverIsInTheBooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFallback()
		ours, theirs := net.Pipe()
		defer ours.Close()
		goOn := make(chan struct{})
		inBooks := false
		accepting := make(chan struct{})
		go func() {
			defer close(accepting)
			if conn, err := f.Accept(); conn != ours || err != nil {
				t.Error(conn, err)
			}
			<-goOn
			inBooks = true
			if _, err := f.Accept(); err != net.ErrClosed {
				t.Error(err)
			}
		}()
		f.take(ours)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			f.end(time.Second)
			if !inBooks {
				t.Error("it is over before the last connection is known")
			}
		}()
		synctest.Wait()
		close(goOn)
		<-ended
		<-accepting
		theirs.Close()
		newFallback().end(time.Second) // nobody accepts
	})
}

// TestARequestThatWasHandedOverIsAnswered: net/http drops a request that it has only read when it is told to stop.
func TestARequestThatWasHandedOverIsAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFallback()
		ours, theirs := net.Pipe()
		slow := make(chan struct{})
		full := &http.Server{
			Handler:     http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }),
			ConnContext: func(ctx context.Context, _ net.Conn) context.Context { <-slow; return ctx },
		}
		serving := make(chan error)
		go func() { serving <- full.Serve(f) }()
		f.take(f.replay(ours, []byte("GET / HTTP/1.0\r\n\r\n")))
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			f.end(time.Hour)
			full.Shutdown(t.Context())
		}()
		synctest.Wait()
		close(slow)
		answer, err := io.ReadAll(theirs)
		if err != nil || !bytes.HasSuffix(answer, []byte("\r\n\r\nhello")) {
			t.Errorf("got %q, %v", answer, err)
		}
		theirs.Close()
		<-stopped
		<-serving
	})
}
