package geodns

import (
	"testing"

	"tinycdn/geodns/wire"
)

// expectWithin expects that the memory of all buffers is what is counted, and no more than the limit.
func (m *manual) expectWithin() {
	m.t.Helper()
	room := 0
	for _, s := range m.streams {
		room += cap(s.unanswered) + cap(s.unsent)
	}
	if counted := m.budget.used.Load(); int64(room) != counted || counted > m.budget.limit {
		m.t.Fatalf("%d clients have %d octets and %d are counted, want the same, and at most %d", len(m.streams), room, counted, m.budget.limit)
	}
}

// Each client sends a long message, and with its end and with each short one the beginning of the next: the room of the
// long one must not stay.
func TestRoomOfALongMessageIsGivenBack(t *testing.T) {
	t.Parallel()
	m := newManual(t, Config{})
	m.budget.limit = 1 << 20
	long := framed(silent(1, 60_000))
	begin := []byte{0, 40}
	for range 100 {
		client, s := m.connect()
		client.send(long[:59_500])
		m.readUntil(s, 59_500)
		m.expectWithin()
		client.send(append(long[59_500:len(long):len(long)], begin...))
		m.readUntil(s, len(begin))
		m.expectWithin()
	}
	for i := range 3 {
		for j, client := range m.clients {
			client.send(append(query(i, 40), begin...)) // its length has come before
			m.read(m.streams[j])
			client.expect(framed(response(i, 40)))
		}
		m.expectWithin()
	}
	for i, s := range m.streams {
		if room := cap(s.unanswered); s.finished || len(s.unanswered) != len(begin) || room > maxSlack {
			t.Fatalf("client %d: finished: %v; it has %d octets in %d, want %d in little more", i, s.finished, len(s.unanswered), room, len(begin))
		}
	}
}

// Long messages that are not completed: the budget has room for some, and the others are finished.
func TestClientsBeyondTheBudgetAreFinished(t *testing.T) {
	t.Parallel()
	m := newManual(t, Config{})
	m.budget.limit = 1 << 20
	long := framed(query(1, 60_000))
	stayed := 0
	for range 100 {
		client, s := m.connect()
		client.send(long[:59_500])
		m.readUntil(s, 59_500)
		m.expectWithin()
		if !s.finished {
			stayed++
		}
	}
	if stayed != 16 { // 64 KB each
		t.Errorf("%d clients stayed, want 16", stayed)
	}
}

// One octet at a time, a message must not be copied to new memory at each of them.
func TestRoomGrowsInSteps(t *testing.T) {
	t.Parallel()
	m := newManual(t, Config{})
	_, s := m.connect()
	steps, message := 0, make([]byte, wire.MaxTCP)
	for n := range message {
		room := cap(s.unanswered)
		if s.buffer(&s.unanswered, message[:n]); cap(s.unanswered) != room {
			steps++
		}
	}
	m.expectWithin()
	if steps > 100 {
		t.Errorf("new memory %d times, want at most 100", steps)
	}
}

func TestBufferedOctetsAreLimited(t *testing.T) {
	t.Parallel()
	n := start(t, Config{})
	n.budget.limit = 1000 // before the first client
	modest, greedy := dial(t, n.addr), dial(t, n.addr)
	modest.send(framed(query(1, 500))[:400])
	eventually(t, "the beginning is buffered", func() bool { return n.budget.used.Load() >= 400 })
	begun := n.budget.used.Load()
	greedy.send(framed(query(1, 2000))[:900])
	greedy.expectEnd()
	modest.send(framed(query(1, 500))[400:])
	modest.expect(framed(response(1, 500)))
	eventually(t, "it is given back", func() bool { return n.budget.used.Load() == 0 })
	n.budget.used.Add(1000) // as if others had used up all there is
	modest.send(framed(query(2, 500))[:400])
	eventually(t, "a beginning is buffered all the same", func() bool { return n.budget.used.Load() == 1000+begun })
	modest.send(framed(query(2, 500))[400:])
	modest.expect(framed(response(2, 500)))
	n.budget.used.Add(-1000)
	eventually(t, "all is given back", func() bool { return n.budget.used.Load() == 0 })
}

// However a client goes, what was buffered for it is given back.
func TestWhoeverGoesGivesBackWhatWasBuffered(t *testing.T) {
	t.Parallel()
	n := start(t, Config{})
	begun := framed(query(1, 9000))[:4000]
	for what, leave := range map[string]func(*client){
		"closed":        func(c *client) { c.send(begun); c.Close() },
		"closed half":   func(c *client) { c.send(begun); c.CloseWrite(); c.expectEnd() },
		"reset":         func(c *client) { c.send(begun); c.SetLinger(0); c.Close() },
		"no DNS":        func(c *client) { c.send(framed(query(1, 9000), []byte{1})); c.Close() },
		"reads nothing": func(c *client) { c.Close(); c = dialStuck(t, n.addr); c.SetLinger(0); c.Close() },
		"made way": func(c *client) {
			c.send(begun)
			eventually(t, "idlest", func() bool { n.clients.closeIdlest(); return n.clientCount() == 0 })
		},
	} {
		c := dial(t, n.addr)
		eventually(t, "admitted", func() bool { return n.clientCount() == 1 })
		leave(c)
		c.Close()
		eventually(t, what, func() bool { return n.budget.used.Load() == 0 && n.clientCount() == 0 })
	}
	c := dial(t, n.addr)
	c.send(begun)
	eventually(t, "buffered", func() bool { return n.budget.used.Load() > 0 })
	n.stop()
	if n.budget.used.Load() != 0 {
		t.Errorf("stopped with %d octets counted", n.budget.used.Load())
	}
}
