package geodns

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"
)

// soon is a time limit that passes within a test. The others are an hour away, so what ends ends by this one.
const soon = 10 * time.Millisecond

// expectTimeout expects that the time s has for reading ends soon.
func (m *manual) expectTimeout(s *stream) {
	m.t.Helper()
	late := time.AfterFunc(patience, func() { s.conn.Close() })
	defer late.Stop()
	if err := s.raw.Read(func(uintptr) bool { return false }); !errors.Is(err, os.ErrDeadlineExceeded) {
		m.t.Fatalf("got %v, want %v", err, os.ErrDeadlineExceeded)
	}
}

func TestIdleClientIsClosed(t *testing.T) {
	t.Parallel()
	n := start(t, Config{IdleTime: 10 * soon})
	asked, mute := dial(t, n.addr), dial(t, n.addr)
	asked.send(framed(query(1, 40)))
	if _, err := io.ReadAll(asked); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("who asked once is not closed")
	}
	mute.expectEnd()
	eventually(t, "no connection is left", func() bool { return n.clientCount() == 0 })
}

func TestEveryQueryBeginsTheIdleTimeAnew(t *testing.T) {
	t.Parallel()
	m := newManual(t, Config{})
	c, s := m.connect()
	for i, idle := range []time.Duration{time.Hour, time.Hour, soon} {
		m.config.IdleTime = idle
		s.touched = s.touched.Add(-time.Hour) // the one before it was long ago
		c.send(framed(query(i, 40)))
		m.read(s)
		c.expect(framed(response(i, 40)))
	}
	m.expectTimeout(s)
}

func TestQueryMustBeFinishedInTime(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, Config{QueryTime: 10 * soon}).addr)
	c.asks(1)
	c.send([]byte{0})
	c.expectEnd()
}

func TestOctetsOfAQueryGiveItNoMoreTime(t *testing.T) {
	t.Parallel()
	m := newManual(t, Config{QueryTime: soon})
	c, s := m.connect()
	c.send([]byte{0})
	m.read(s)
	m.config.QueryTime = time.Hour
	c.send([]byte{40, 1, 2, 3})
	s.raw.Read(s.onReadable) // or its time is already over
	m.expectTimeout(s)
}

func TestNextQueryHasATimeOfItsOwn(t *testing.T) {
	t.Parallel()
	m := newManual(t, Config{})
	c, s := m.connect()
	message := framed(query(1, 40))
	c.send(message[:10])
	m.read(s)
	m.config.QueryTime = soon
	c.send(append(message[10:], 0))
	m.read(s)
	c.expect(framed(response(1, 40)))
	m.expectTimeout(s)
}

func TestFinishedQueryFreesFromItsDeadline(t *testing.T) {
	t.Parallel()
	m := newManual(t, Config{IdleTime: soon})
	c, s := m.connect()
	message := framed(query(1, 40))
	c.send(message[:10])
	m.read(s)
	s.touched = time.Now().Add(time.Hour) // so that not the query itself begins the idle time
	c.send(message[10:])
	m.read(s)
	c.expect(framed(response(1, 40)))
	m.expectTimeout(s)
}

func TestClientThatNeverReadsIsCutOff(t *testing.T) {
	t.Parallel()
	const limit = 200 * time.Millisecond
	n := start(t, Config{WriteTime: limit})
	c := dial(t, n.addr)
	c.SetReadBuffer(4096)
	began := time.Now()
	var err error
	for message := framed(query(1, 60_000)); err == nil; {
		_, err = c.Write(message)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("not cut off")
	}
	if took := time.Since(began); took < limit {
		t.Errorf("cut off after %v, want at least %v", took, limit)
	}
	eventually(t, "it is gone and nothing is kept for it", func() bool { return n.clientCount() == 0 && n.budget.used.Load() == 0 })
}
