package querylog

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/zones/diag"
)

const (
	// mostFrames is how many octets wait for the reader. Beyond them no more is copied.
	mostFrames = 1 << 20
	// keepFrames is the room for frames that is kept when they are sent.
	keepFrames = 256 << 10
	// writeTime is how long a reader may take what it is given in one piece. Then it has stopped, and the connection is given up.
	writeTime = 10 * time.Second
	// endTime is how long it may take the last of it.
	endTime = time.Second
	// firstRetry and lastRetry are how soon a reader that is not there is looked for again: each time half as often.
	firstRetry, lastRetry = 100 * time.Millisecond, 10 * time.Second
	// tellEvery is how often it is told that there is no reader.
	tellEvery = time.Minute
)

// tap sends frames to the reader at a Unix socket, whenever there is one.
type tap struct {
	path string
	log  *slog.Logger
	dial func(ctx context.Context) (net.Conn, error)
	told time.Time // when it was told that there is no reader; run's

	ready atomic.Bool   // there is a reader, and room: set by add and run, under mu
	lost  atomic.Uint64 // queries that were copied, but not sent

	mu        sync.Mutex
	connected bool
	frames    []byte
	queries   uint64 // in frames
	scratch   []byte
	more      chan struct{} // there are frames
}

func newTap(path string, log *slog.Logger) *tap {
	return &tap{path: path, log: log, more: make(chan struct{}, 1), dial: func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{Timeout: handshakeTime}).DialContext(ctx, "unix", path)
	}}
}

// add has a query and its answer be sent, if there is a reader and room.
func (t *tap) add(r *record, c *Config) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ready.Load() {
		t.lost.Add(1)
		return
	}
	t.frames, t.scratch = appendFrames(t.frames, t.scratch, r, c)
	t.queries++
	t.ready.Store(len(t.frames) < mostFrames)
	select {
	case t.more <- struct{}{}:
	default:
	}
}

// run looks for a reader, and sends it what there is, until ctx ends.
func (t *tap) run(ctx context.Context) {
	for wait := firstRetry; ctx.Err() == nil; wait = min(2*wait, lastRetry) {
		began := time.Now()
		if t.connect(ctx) && time.Since(began) > lastRetry {
			wait = firstRetry
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// connect sends to a reader until it leaves or ctx ends, and says whether there was one.
func (t *tap) connect(ctx context.Context) bool {
	conn, err := t.dial(ctx)
	if err == nil {
		defer conn.Close()
		defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now().Add(endTime)) })() // whatever it is that waits
		err = shakeHands(ctx, conn)
	}
	if err != nil {
		t.tell(ctx, err)
		return false
	}
	t.log.Info("dnstap: queries are told", "socket", t.path)
	t.connection(true)
	err = t.send(ctx, conn)
	t.connection(false)
	if err != nil {
		t.tell(ctx, err)
	} else {
		sayGoodbye(ctx, conn)
	}
	return true
}

// connection notes that there is a reader, or no more. What waits for one that has gone is lost.
func (t *tap) connection(is bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lost.Add(t.queries)
	t.frames, t.queries = t.frames[:0], 0
	t.connected = is
	t.ready.Store(is)
}

// tell tells that there is no reader, but not each time.
func (t *tap) tell(ctx context.Context, err error) {
	if ctx.Err() != nil || !t.told.IsZero() && time.Since(t.told) < tellEvery {
		return
	}
	t.told = time.Now()
	t.log.Warn("dnstap: queries are not told: "+diag.Network(err), "socket", t.path, "effect", "they are answered and counted; the reader is looked for again and again")
}

// send sends frames until ctx ends, and then the last.
func (t *tap) send(ctx context.Context, conn net.Conn) error {
	var spare []byte
	for {
		select {
		case <-t.more:
		case <-ctx.Done():
		}
		frames, queries := t.take(spare)
		if len(frames) > 0 {
			limit(ctx, conn, writeTime)
			if _, err := conn.Write(frames); err != nil {
				t.lost.Add(queries)
				return err
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if spare = frames; cap(spare) > keepFrames {
			spare = nil
		}
	}
}

// limit says how long a connection may wait: until ctx has ended for a time, and then for endTime.
func limit(ctx context.Context, conn net.Conn, d time.Duration) {
	conn.SetDeadline(time.Now().Add(d))
	if ctx.Err() != nil { // if it ends only now, there is who tells the connection after us
		conn.SetDeadline(time.Now().Add(endTime))
	}
}

// take gives the frames there are, while others are added to the spare buffer.
func (t *tap) take(spare []byte) (frames []byte, queries uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	frames, queries = t.frames, t.queries
	t.frames, t.queries = spare[:0], 0
	t.ready.Store(t.connected)
	return frames, queries
}
