package querylog

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dnstap "github.com/dnstap/golang-dnstap"
	"google.golang.org/protobuf/proto"

	"tinycdn/geodns/geodnstest"
)

// patience is what a test waits before it fails: far longer than anything takes, even on a busy machine.
const patience = time.Minute

// A reader of another make at a real socket gets all, in its order, until the end is told to it.
func TestAReaderIsToldAllQueriesAndAnswers(t *testing.T) {
	t.Parallel()
	tap := geodnstest.ListenTap(t)
	c := aConfig()
	c.Socket = tap.Path
	l := New(c, slog.New(slog.DiscardHandler))
	r := l.NewRing()
	ctx, stop := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { l.Run(ctx) })
	t.Cleanup(func() { stop(); run.Wait() })
	came := tap.Accept(t, patience)
	for deadline := time.Now().Add(patience); !l.tap.ready.Load(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the reader is not seen")
		}
	}
	query, reply := pack(t, "www.example.org.", 1, "81.2.69.0/24", 0, "192.0.2.1", 20)
	var want []*dnstap.Dnstap
	for i := range 100 {
		r.Begin()
		r.Sent()
		r.Add(client4, local4, i%2 == 1, query, reply)
		to := uint8(0)
		if i%2 == 1 {
			to = overTCP
		}
		want = append(want, twin(&record{to: to, client: client4, local: local4, begin: r.begin, sent: r.sent, query: query, reply: reply}, &c)...)
	}
	r.Wake()
	for i := range want {
		got := new(dnstap.Dnstap)
		if err := proto.Unmarshal(<-came, got); err != nil || !proto.Equal(got, want[i]) {
			t.Fatalf("%d: got\n%v\nwant\n%v, %v", i, got, want[i], err)
		}
	}
	r.Add(client4, local4, false, query, nil) // nobody is told of it but at the end
	stop()
	run.Wait() // which waits for FINISH
	last := 0
	for range came {
		last++
	}
	if last != 1 || l.Dropped() != (Dropped{}) {
		t.Errorf("at the end came %d messages; dropped %+v", last, l.Dropped())
	}
}

// pipe makes connections to a tap, each handed to a reader; nil: there is none.
func pipe(tap *tap, reader func(n int, conn net.Conn)) *int {
	n := new(int)
	tap.dial = func(context.Context) (net.Conn, error) {
		if *n++; reader == nil {
			return nil, errors.New("nobody is there")
		}
		ours, theirs := net.Pipe()
		go reader(*n, theirs)
		return ours, nil
	}
	return n
}

// greet is a reader's part of a beginning.
func greet(conn net.Conn) {
	readControl(conn, contentType)
	conn.Write(appendControl(nil, accept, contentType))
	readControl(conn, contentType)
}

func TestAReaderThatIsNotThereIsLookedForMoreAndMoreSeldomAndToldOnceAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var events strings.Builder
		tap := newTap("x.sock", slog.New(slog.NewTextHandler(&events, nil)))
		dials := pipe(tap, nil)
		ctx, stop := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() { tap.run(ctx) })
		time.Sleep(59 * time.Second)
		synctest.Wait()
		if *dials != 12 { // after 0, 0.1, 0.3, ... 12.7, 22.7, 32.7, 42.7 and 52.7 seconds
			t.Errorf("%d dials in a minute", *dials)
		}
		if got := events.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "queries are not told: nobody is there") {
			t.Errorf("got %s", got)
		}
		stop()
		run.Wait()
	})
}

// Once the reader stops, what fits is kept, the rest costs nothing but a number; another reader gets what comes then.
func TestAReaderThatStopsCostsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := aConfig()
		c.Socket = "x.sock"
		l := New(c, slog.New(slog.DiscardHandler))
		r := l.NewRing()
		var took int64
		second := make(chan struct{})
		pipe(l.tap, func(n int, conn net.Conn) {
			greet(conn)
			if n == 1 {
				return // and reads no more
			}
			close(second)
			took, _ = io.Copy(io.Discard, conn)
		})
		ctx, stop := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() { l.Run(ctx) })
		synctest.Wait()
		long := make([]byte, 60_000)
		for range 200 {
			r.Add(client4, local4, true, long, nil)
			r.Wake()
			time.Sleep(2 * gather)
			synctest.Wait()
		}
		l.tap.mu.Lock()
		waiting := cap(l.tap.frames)
		l.tap.mu.Unlock()
		if l.tap.ready.Load() || waiting > 3*mostFrames {
			t.Errorf("%d octets wait, ready %v", waiting, l.tap.ready.Load())
		}
		if r.written.Load() > 3*mostFrames {
			t.Errorf("%d octets were copied for nobody", r.written.Load())
		}
		<-second // after writeTime, and some
		synctest.Wait()
		if got := l.Dropped(); got != (Dropped{DNSTap: 200}) {
			t.Errorf("dropped %+v, want all", got)
		}
		for range 10 {
			r.Add(client4, local4, true, long, nil)
			r.Wake()
			time.Sleep(2 * gather)
		}
		synctest.Wait()
		if got := l.Dropped(); got != (Dropped{DNSTap: 200}) || !l.tap.ready.Load() {
			t.Errorf("dropped %+v with a reader that reads", got)
		}
		stop()
		run.Wait() // its FINISH never comes
		if synctest.Wait(); took < 10*60_000 {
			t.Errorf("the second reader got %d octets", took)
		}
	})
}

// Wherever a reader has stopped, the end waits for it no longer than for two steps.
func TestAReaderThatStopsKeepsNoEndWaiting(t *testing.T) {
	t.Parallel()
	for what, reads := range map[string]func(conn net.Conn){
		"before READY":  func(net.Conn) {},
		"before ACCEPT": func(conn net.Conn) { readControl(conn, contentType) },
		"before START": func(conn net.Conn) {
			readControl(conn, contentType)
			conn.Write(appendControl(nil, accept, contentType))
		},
		"in the midst": greet,
	} {
		synctest.Test(t, func(t *testing.T) {
			c := aConfig()
			c.Socket = "x.sock"
			l := New(c, slog.New(slog.DiscardHandler))
			r := l.NewRing()
			pipe(l.tap, func(_ int, conn net.Conn) { reads(conn) })
			ctx, stop := context.WithCancel(t.Context())
			var run sync.WaitGroup
			run.Go(func() { l.Run(ctx) })
			synctest.Wait()
			r.Add(client4, local4, false, make([]byte, 100), nil)
			r.Wake()
			time.Sleep(2 * gather)
			synctest.Wait()
			began := time.Now()
			stop()
			run.Wait()
			if took := time.Since(began); took > 2*endTime {
				t.Errorf("%s: the end took %v", what, took)
			}
		})
	}
}

func TestAReaderThatDoesNotSpeakIsNone(t *testing.T) {
	t.Parallel()
	for what, says := range map[string][]byte{
		"it does not take protobuf:dnstap.Dnstap":       appendControl(nil, accept, "protobuf:something.Else"),
		"it answered READY with 5 in place of ACCEPT":   appendControl(nil, finish, ""),
		"what it says is no Frame Streams":              []byte("HTTP/1.1 400 Bad Request\r\n\r\n"),
		"a field of its control frame is cut off":       []byte("\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x00\x01\x00\x00\x00\x01\xff"),
		"queries are not told: no answer":               nil,
		"queries are not told: EOF\" socket=x.sock":     {},
		"queries are not told: unexpected EOF\" socket": {0},
	} {
		synctest.Test(t, func(t *testing.T) {
			var events strings.Builder
			tap := newTap("x.sock", slog.New(slog.NewTextHandler(&events, nil)))
			pipe(tap, func(_ int, conn net.Conn) {
				readControl(conn, contentType)
				if conn.Write(says); says != nil {
					conn.Close()
				}
			})
			if tap.connect(t.Context()) || tap.ready.Load() || !strings.Contains(events.String(), what) {
				t.Errorf("want %s: got %s", what, events.String())
			}
		})
	}
}
