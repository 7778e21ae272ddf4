package geodns

import (
	"container/list"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// clientTable is the table of TCP connections. It keeps them within the limits.
type clientTable struct {
	max, maxPerAddress int

	mu         sync.Mutex
	byIdleness list.List          // of *stream, the idlest first
	perAddress map[netip.Addr]int // connections, by inet.Subscriber
	stopped    atomic.Bool
	leaving    atomic.Bool
}

func newClientTable(max, maxPerAddress int) *clientTable {
	return &clientTable{max: max, maxPerAddress: maxPerAddress, perAddress: map[netip.Addr]int{}}
}

// admit enters c, unless its subscriber has too many connections already. Where the table is full, the idlest makes way.
func (t *clientTable) admit(c *stream) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped.Load() || t.perAddress[c.subscriber] >= t.maxPerAddress {
		return false
	}
	if t.byIdleness.Len() >= t.max {
		t.closeIdlestLocked()
	}
	c.element = t.byIdleness.PushBack(c)
	t.perAddress[c.subscriber]++
	return true
}

// touch notes that c has asked just now: it is the least idle.
func (t *clientTable) touch(c *stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.element != nil {
		t.byIdleness.MoveToBack(c.element)
	}
}

// remove takes c out, if it is still there.
func (t *clientTable) remove(c *stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.removeLocked(c)
}

// closeIdlest closes the idlest connection, which gives a file descriptor back. Its goroutine finds out and ends.
func (t *clientTable) closeIdlest() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closeIdlestLocked()
}

func (t *clientTable) closeIdlestLocked() {
	if idlest := t.byIdleness.Front(); idlest != nil {
		c := idlest.Value.(*stream)
		t.removeLocked(c)
		c.conn.Close()
	}
}

func (t *clientTable) removeLocked(c *stream) {
	if c.element == nil {
		return
	}
	t.byIdleness.Remove(c.element)
	c.element = nil
	if t.perAddress[c.subscriber]--; t.perAddress[c.subscriber] == 0 {
		delete(t.perAddress, c.subscriber)
	}
}

// stop admits nobody any more, and wakes those who wait for a query so that they leave.
func (t *clientTable) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped.Store(true)
	for e := t.byIdleness.Front(); e != nil; e = e.Next() {
		e.Value.(*stream).conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// closeAll closes every connection, whatever it is doing.
func (t *clientTable) closeAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.byIdleness.Len() > 0 {
		t.closeIdlestLocked()
	}
}
