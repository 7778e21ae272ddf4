package geodns

import (
	"log/slog"
	"testing"

	"tinycdn/geodns/wire"
)

// crowded are connections that a test turns by hand, so that it may look at what each of them holds.
type crowded struct {
	*Server
	t       *testing.T
	streams []*stream
	clients []*client
}

func newCrowded(t *testing.T, limit int64) *crowded {
	t.Helper()
	s, err := Listen(Config{Listen: []string{"127.0.0.1:0"}}, newEcho, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.held.limit = limit
	c := &crowded{Server: s, t: t}
	t.Cleanup(func() {
		for _, stream := range c.streams {
			stream.leave()
		}
		s.Close()
		if left := s.held.taken.Load(); left != 0 {
			t.Errorf("%d octets are counted when nobody is left", left)
		}
	})
	return c
}

// admit connects one more client.
func (c *crowded) admit() (*client, *stream) {
	c.t.Helper()
	client := dial(c.t, c.Addrs()[0].String())
	conn, err := c.tcp[0].AcceptTCP()
	if err != nil {
		c.t.Fatal(err)
	}
	stream, err := newStream(c.Server, conn)
	if err != nil {
		c.t.Fatal(err)
	}
	c.clients, c.streams = append(c.clients, client), append(c.streams, stream)
	return client, stream
}

// take reads until so many octets wait to be completed, or the stream has finished.
func (c *crowded) take(s *stream, unread int) {
	c.t.Helper()
	for len(s.unread) != unread && !s.finished {
		c.turn(s)
	}
}

func (c *crowded) turn(s *stream) {
	c.t.Helper()
	if err := s.raw.Read(s.turn); err != nil {
		c.t.Fatal(err)
	}
}

// expectWithin expects that the memory held is what is counted, and no more than the limit.
func (c *crowded) expectWithin() {
	c.t.Helper()
	room := 0
	for _, s := range c.streams {
		room += cap(s.unread) + cap(s.unsent)
	}
	if counted := c.held.taken.Load(); int64(room) != counted || counted > c.held.limit {
		c.t.Fatalf("%d clients hold %d octets and %d are counted, want the same, and at most %d", len(c.streams), room, counted, c.held.limit)
	}
}

// Each client sends a long message, and with its end and with each short one the beginning of the next: the room of the
// long one must not stay.
func TestRoomOfALongMessageIsGivenBack(t *testing.T) {
	t.Parallel()
	c := newCrowded(t, 1<<20)
	long := framed(silent(1, 60_000))
	begin := []byte{0, 40}
	for range 100 {
		client, s := c.admit()
		client.send(long[:59_500])
		c.take(s, 59_500)
		c.expectWithin()
		client.send(append(long[59_500:len(long):len(long)], begin...))
		c.take(s, len(begin))
		c.expectWithin()
	}
	for i := range 3 {
		for j, client := range c.clients {
			client.send(append(query(i, 40), begin...)) // its length has come before
			c.turn(c.streams[j])
			client.expect(framed(response(i, 40)))
		}
		c.expectWithin()
	}
	for i, s := range c.streams {
		if room := cap(s.unread); s.finished || len(s.unread) != len(begin) || room > spareHeld {
			t.Fatalf("client %d: finished: %v; it holds %d octets in %d, want %d in little more", i, s.finished, len(s.unread), room, len(begin))
		}
	}
}

// Long messages that are not completed: the budget has room for some, and the others are finished.
func TestClientsBeyondTheBudgetAreFinished(t *testing.T) {
	t.Parallel()
	c := newCrowded(t, 1<<20)
	long := framed(query(1, 60_000))
	stayed := 0
	for range 100 {
		client, s := c.admit()
		client.send(long[:59_500])
		c.take(s, 59_500)
		c.expectWithin()
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
	c := newCrowded(t, 1<<20)
	_, s := c.admit()
	steps, message := 0, make([]byte, wire.MaxTCP)
	for n := range message {
		room := cap(s.unread)
		if s.hold(&s.unread, message[:n]); cap(s.unread) != room {
			steps++
		}
	}
	c.expectWithin()
	if steps > 100 {
		t.Errorf("new memory %d times, want at most 100", steps)
	}
}
