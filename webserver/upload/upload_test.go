package upload

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

// begin takes in what is sent on the other end of a pipe.
func begin(r *Room, length int64) (u *Upload, sender net.Conn) {
	ours, theirs := net.Pipe()
	source := Source{Body: ours, Length: length, SetReadDeadline: ours.SetReadDeadline}
	return New(source, r.Share("site", netip.MustParseAddr("192.0.2.1"))), theirs
}

// TestMemoryComesWithTheOctets, and goes with them.
func TestMemoryComesWithTheOctets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		send       int
		held, then int64 // bytes, while more is awaited, and when the application is asked
	}{
		{1, 1 << 10, 1 << 10},
		{1 << 10, 4 << 10, 4 << 10},
		{1<<10 + 1, 4 << 10, 4 << 10},
		{5 << 10, 16 << 10, 16 << 10},
		{17 << 10, 64 << 10, 64 << 10},
		{64 << 10, 64<<10 + Window, 64<<10 + Window},
	} {
		synctest.Test(t, func(t *testing.T) {
			var r Room
			u, sender := begin(&r, -1)
			kept := make(chan error)
			go func() { kept <- u.Keep(t.Context()) }()
			want := bytes.Repeat([]byte("0123456789abcdef"), c.send/16+1)[:c.send]
			if _, err := sender.Write(want); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if got := r.Held(); got != c.held {
				t.Errorf("%d octets hold %d, want %d", c.send, got, c.held)
			}
			sender.Close()
			if err := <-kept; err != nil || r.Held() != c.then {
				t.Errorf("%d octets: %v, and hold %d, want %d", c.send, err, r.Held(), c.then)
			}
			if length, whole := u.Whole(); whole != (c.send < KeptBytes) || int(length) != c.send {
				t.Errorf("%d octets are %d, whole: %v", c.send, length, whole)
			}
			if got, err := io.ReadAll(u.Reader()); !bytes.Equal(got, want) || err != nil {
				t.Errorf("%d octets: the application got %d, %v", c.send, len(got), err)
			}
			if c.send == KeptBytes && r.Held() != Window {
				t.Errorf("what was passed on is held still: %d", r.Held())
			}
			u.End()
			if r.Held() != 0 {
				t.Errorf("%d octets: %d are held in the end", c.send, r.Held())
			}
		})
	}
}

// TestLengthEndsWhatIsKept: of an upload that says its length nothing more is held for its end.
func TestLengthEndsWhatIsKept(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 1 << 10, KeptBytes, KeptBytes + 1} {
		synctest.Test(t, func(t *testing.T) {
			var r Room
			u, sender := begin(&r, int64(size))
			go func() {
				sender.Write(make([]byte, size))
				sender.Close()
			}()
			err := u.Keep(t.Context())
			if _, whole := u.Whole(); err != nil || whole != (size <= KeptBytes) {
				t.Errorf("%d octets: whole: %v, %v", size, whole, err)
			}
			if size <= KeptBytes && r.Held() > max(1<<10, int64(size)) {
				t.Errorf("%d octets hold %d", size, r.Held())
			}
			if got, err := io.ReadAll(u.Reader()); len(got) != size || err != nil {
				t.Errorf("%d octets: the application got %d, %v", size, len(got), err)
			}
			u.End()
		})
	}
}

func TestKeepingEndsWithItsReason(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[error]func(sender net.Conn, stop context.CancelFunc){
		ErrSlow:     func(net.Conn, context.CancelFunc) {},
		ErrStopping: func(_ net.Conn, stop context.CancelFunc) { time.Sleep(time.Second); stop() },
		errLength:   func(sender net.Conn, _ context.CancelFunc) { sender.Write(make([]byte, 100)) },
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var r Room
			u, sender := begin(&r, 50)
			go spoil(sender, stop)
			if err := u.Keep(ctx); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
			u.End()
			sender.Close()
			if r.Held() != 0 {
				t.Errorf("%v: %d are held", want, r.Held())
			}
		})
	}
}
