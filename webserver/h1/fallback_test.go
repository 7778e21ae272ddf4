package h1

import (
	"net"
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
