package conns

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

// crowded is a table of which all places are taken, in a bubble of time.
type crowded struct {
	*Table
	closed map[string]int // by name
	count  int
}

func newCrowded(places int) *crowded {
	return &crowded{Table: New(Config{Clients: places, PerAddress: places}), closed: map[string]int{}}
}

// enters is a connection from an address of its own.
func (c *crowded) enters(name string) *Entry {
	c.count++
	address := netip.AddrFrom4([4]byte{10, byte(c.count >> 16), byte(c.count >> 8), byte(c.count)})
	return c.Admit(address, func(bool) { c.closed[name]++ }, nil)
}

// asks begins a request of so many octets.
func (entry *Entry) asks(octets int64) *Entry {
	entry.moved.Add(octets)
	entry.Begin()
	return entry
}

func TestWhoMakesTheLeastProgressMakesWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowded(6)
		c.enters("silent WebSocket").asks(2000)
		time.Sleep(20 * time.Minute)
		c.enters("header, an octet a second").asks(60)
		c.enters("upload, 200 octets a second").asks(12_000)
		c.enters("download").asks(1 << 20)
		waits := c.enters("waits for an application").asks(500)
		time.Sleep(time.Minute)
		waits.moved.Add(3000)
		c.enters("idle")
		time.Sleep(time.Second)
		if c.closed["idle"] != 0 || c.Counts().Open != 6 {
			t.Fatalf("closed %v", c.closed)
		}
		time.Sleep(2 * time.Second)
		for _, want := range []string{"idle", "header, an octet a second", "silent WebSocket", "waits for an application", "upload, 200 octets a second", "download"} {
			c.enters("new").asks(1 << 30)
			if c.closed[want] != 1 || c.closed["new"] != 0 {
				t.Errorf("closed %v, want %s too", c.closed, want)
			}
		}
	})
}

// TestFloodOfBeginningsKeepsNobodyOut: a thousand places, three thousand tries of one octet, or of the beginning of an upload,
// within half a second or half a minute. Who moves stays, and who comes is served.
func TestFloodOfBeginningsKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	for _, octets := range []int64{0, 1, 66} { // 0: nothing at all
		for _, every := range []time.Duration{200 * time.Microsecond, time.Millisecond, 10 * time.Millisecond} {
			t.Run(fmt.Sprintf("%d octets every %v", octets, every), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { flood(t, octets, every) })
			})
		}
	}
}

func flood(t *testing.T, octets int64, every time.Duration) {
	c := newCrowded(1000)
	time.Sleep(time.Minute)
	download := c.enters("download").asks(400)
	c.enters("waits for an application").asks(400)
	time.Sleep(3 * time.Second)
	var visitor *Entry
	for i := range 3000 {
		if entry := c.enters("attacker"); octets > 0 {
			entry.asks(octets)
		}
		time.Sleep(every)
		download.moved.Add(100)
		if i%100 == 0 { // his request is a moment behind
			visitor = c.enters("visitor")
		}
		if i%100 == 50 {
			visitor.asks(50).moved.Add(1000)
			visitor.End()
			visitor.Leave()
		}
	}
	for range 20 {
		time.Sleep(time.Second)
		visitor = c.enters("visitor")
		time.Sleep(200 * time.Millisecond)
		visitor.asks(50).moved.Add(1000)
		visitor.End()
		visitor.Leave()
		download.moved.Add(1000)
	}
	if c.closed["attacker"] < 2000 || c.closed["visitor"]+c.closed["download"]+c.closed["waits for an application"] > 0 {
		t.Errorf("closed %v", c.closed)
	}
}

// TestOneClientLosesItsOwnSlowest whatever others do.
func TestOneClientLosesItsOwnSlowest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, closed := New(Config{PerAddress: 3}), ""
		enters := func(name, address string) *Entry {
			return g.Admit(netip.MustParseAddr(address), func(bool) { closed += name + " " }, nil)
		}
		enters("slower", "192.0.2.2").asks(1)
		enters("a", "192.0.2.1").asks(1000)
		enters("b", "192.0.2.1").asks(10)
		enters("c", "192.0.2.1").asks(100)
		time.Sleep(time.Minute)
		enters("d", "192.0.2.1").asks(500)
		enters("e", "192.0.2.1")
		if closed != "b c " {
			t.Errorf("closed %q, want b and c", closed)
		}
	})
}

// TestSlowestAreFoundAsByLookingAtAll holds that who is remembered as slow is hardly quicker than the slowest of all.
func TestSlowestAreFoundAsByLookingAtAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, random := New(Config{Clients: 500, PerAddress: 500}), rand.New(rand.NewPCG(1, 2))
		var all []*Entry
		var closed *Entry
		for range 500 {
			var entry *Entry
			entry = g.Admit(netip.MustParseAddr("192.0.2.1"), func(bool) { closed = entry }, nil).asks(random.Int64N(10_000))
			all = append(all, entry)
			time.Sleep(time.Duration(random.Int64N(int64(100 * time.Millisecond))))
		}
		time.Sleep(time.Minute)
		for range 400 {
			now, least := g.clock(), math.Inf(1)
			for _, entry := range all {
				if !entry.left {
					least = min(least, entry.progress(now))
				}
			}
			g.Admit(netip.MustParseAddr("192.0.2.2"), func(bool) {}, nil).asks(1 << 40)
			if got := closed.progress(now); got > least*1.02 {
				t.Fatalf("one of %v octets a second went, and one of %v stayed", got, least)
			}
			all[random.IntN(len(all))].moved.Add(100_000) // it moves on
			time.Sleep(time.Duration(random.Int64N(int64(50 * time.Millisecond))))
		}
	})
}
