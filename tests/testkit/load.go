package testkit

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Load asks without end, and counts what is not answered.
type Load struct {
	asked, answered atomic.Int64
	failures        chan error
	work            sync.WaitGroup
	ctx             context.Context
}

// NewLoad asks until ctx ends.
func NewLoad(ctx context.Context) *Load {
	return &Load{failures: make(chan error, 100), ctx: ctx}
}

// Asked is how many questions were asked by now.
func (l *Load) Asked() int64 { return l.asked.Load() }

// WantAllAnswered waits for the last answers once the context has ended. There must have been so many questions at least; the log is
// shown if one was lost.
func (l *Load) WantAllAnswered(t *testing.T, least int64, log fmt.Stringer) {
	t.Helper()
	l.work.Wait()
	close(l.failures)
	for err := range l.failures {
		t.Error(err)
	}
	if asked, answered := l.asked.Load(), l.answered.Load(); asked != answered || asked < least {
		t.Errorf("of %d questions and visits %d were answered\n%s", asked, answered, log)
	}
}

// mostWaiting answers have room in a socket for sure, while a busy machine gives the test no time to take them.
const mostWaiting = 128

// UDP asks so often a second over a socket, and does not wait for an answer before it asks again.
func (l *Load) UDP(conn net.Conn, query []byte, rate int) {
	asking, waiting := make(chan struct{}), make(chan struct{}, mostWaiting)
	l.work.Go(func() {
		defer close(asking)
		msg := append([]byte(nil), query...)
		begin := time.Now()
		for n := 0; l.ctx.Err() == nil; n++ {
			time.Sleep(time.Until(begin.Add(time.Duration(n) * time.Second / time.Duration(rate))))
			binary.BigEndian.PutUint16(msg, uint16(n))
			select {
			case waiting <- struct{}{}:
			case <-l.ctx.Done():
				return
			}
			if _, err := conn.Write(msg); err != nil {
				l.failures <- err
				return
			}
			l.asked.Add(1)
		}
	})
	l.work.Go(func() {
		buffer := make([]byte, 4096)
		for over := false; ; {
			select {
			case <-asking:
				over = true
			default:
			}
			wait := Pace
			if over {
				wait = 2 * time.Second // for the last answers
			}
			conn.SetReadDeadline(time.Now().Add(wait))
			if n, err := conn.Read(buffer); err == nil && n > 12 && buffer[3]&15 == 0 {
				l.answered.Add(1)
				<-waiting
			} else if over {
				return
			}
		}
	})
}

// Again does something again and again, each time from the beginning.
func (l *Load) Again(what string, do func() error) {
	l.work.Go(func() {
		for l.ctx.Err() == nil {
			if err := do(); err != nil {
				l.failures <- fmt.Errorf("%s: %w", what, err)
				return
			}
			l.asked.Add(1)
			l.answered.Add(1)
			time.Sleep(Pace)
		}
	})
}
