package geodns

import (
	"container/list"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// clients is the list of TCP clients, and keeps it within the limits.
type clients struct {
	max, maxPerAddress int

	mu         sync.Mutex
	byIdleness list.List // of *stream, the idlest first
	perAddress map[netip.Addr]int
	stopped    atomic.Bool
}

func newClients(max, maxPerAddress int) *clients {
	return &clients{max: max, maxPerAddress: maxPerAddress, perAddress: map[netip.Addr]int{}}
}

// admit puts c on the list, unless its address has too many there already. Where all places are taken, it gets
// that of the idlest.
func (t *clients) admit(c *stream) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped.Load() || t.perAddress[c.household] >= t.maxPerAddress {
		return false
	}
	if t.byIdleness.Len() >= t.max {
		t.shed()
	}
	c.place = t.byIdleness.PushBack(c)
	t.perAddress[c.household]++
	return true
}

// asked notes that c was of use just now.
func (t *clients) asked(c *stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.place != nil {
		t.byIdleness.MoveToBack(c.place)
	}
}

// remove takes c off the list, if it is still there.
func (t *clients) remove(c *stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop(c)
}

func (t *clients) shedIdlest() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shed()
}

// shed closes the idlest connection. Its goroutine finds out and ends.
func (t *clients) shed() {
	if idlest := t.byIdleness.Front(); idlest != nil {
		c := idlest.Value.(*stream)
		t.drop(c)
		c.conn.Close()
	}
}

func (t *clients) drop(c *stream) {
	if c.place == nil {
		return
	}
	t.byIdleness.Remove(c.place)
	c.place = nil
	if t.perAddress[c.household]--; t.perAddress[c.household] == 0 {
		delete(t.perAddress, c.household)
	}
}

// stop admits nobody any more, and wakes those who wait for a query so that they leave.
func (t *clients) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped.Store(true)
	for e := t.byIdleness.Front(); e != nil; e = e.Next() {
		e.Value.(*stream).conn.SetReadDeadline(time.Unix(1, 0))
	}
}

func (t *clients) closeAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.byIdleness.Len() > 0 {
		t.shed()
	}
}

// household is what counts as one client: an IPv4 address, or the /64 that an IPv6 network has at least.
func household(a netip.Addr) netip.Addr {
	if a.Is4() {
		return a
	}
	return netip.PrefixFrom(a, 64).Masked().Addr()
}

// budget is a number of octets that many share.
type budget struct {
	limit int64
	taken atomic.Int64
}

const (
	// maxHeld is room for five hundred of the longest messages.
	maxHeld = 32 << 20
	// freeHeld is room for a query with the longest name and some options.
	freeHeld = 512
	// spareHeld is how much room beyond twice what is needed is not worth a new allocation.
	spareHeld = 512
)

// change takes n octets more, or gives -n back. It reports whether no more than the limit are taken then.
func (b *budget) change(n int) bool { return b.taken.Add(int64(n)) <= b.limit }
