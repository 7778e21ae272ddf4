package conns

import (
	"net/netip"
	"sync/atomic"
	"time"

	"tinycdn/geoip/inet"
)

// Entry is a connection that has a place. It may lose it to a new one: see choose.
type Entry struct {
	table *Table
	close func(busy bool) // does not wait, and may come back to Leave
	moved atomic.Int64    // octets, up and down
	stats func() int64    // tells the same; nil: moved is counted
	wrote atomic.Int64    // by the table's clock: when something was written last; 0: not known

	// Under the table's mutex:
	requests int
	busy     bool          // it has requests, or had when it left
	since    time.Duration // by the table's clock: it has been idle, or busy, from then on
	before   int64         // octets that had moved when it was idle last
	bucket   *bucket       // nil: not counted by address
	left     bool
	peer     bool // it has no place, but is counted as a peer's

	// In the queues of the table, and in those of the bucket:
	inTable, idleInTable, inBucket, idleInBucket link
}

// bucket is what counts as one client: an IPv4 address, or the /64 that an IPv6 network has at least.
type bucket struct {
	prefix  netip.Addr
	entries int
	places  places
}

// Admit gives a connection from an address a place. Close is called when the place is needed, and told whether a request is
// under way. Moved counts the octets that have passed, up and down; it does not wait. This is the door of connections that
// do not come through Listener, such as QUIC's.
func (t *Table) Admit(from netip.Addr, close func(busy bool), moved func() int64) *Entry {
	entry := &Entry{stats: moved}
	t.admit(entry, inet.Plain(from), close)
	return entry
}

// Begin and End tell of a request that the connection carries.
func (entry *Entry) Begin() { entry.add(+1) }

// End is the other half of Begin.
func (entry *Entry) End() { entry.add(-1) }

func (entry *Entry) add(more int) {
	entry.table.mu.Lock()
	defer entry.table.mu.Unlock()
	entry.table.setRequests(entry, entry.requests+more)
}

// Leave gives the place back. It may be called more than once.
func (entry *Entry) Leave() {
	entry.table.mu.Lock()
	defer entry.table.mu.Unlock()
	entry.table.remove(entry)
}

func (t *Table) admit(entry *Entry, from netip.Addr, close func(busy bool)) {
	entry.table, entry.close = t, close
	for _, l := range []*link{&entry.inTable, &entry.idleInTable, &entry.inBucket, &entry.idleInBucket} {
		l.entry = entry
	}
	t.replace(func() *Entry {
		b, shed := t.bucketFor(from)
		if shed == nil && t.counts.Open >= t.config.Clients {
			shed = t.choose(&t.places)
		}
		t.counts.Admitted++
		t.counts.Open++
		t.places.all.push(&entry.inTable)
		t.enter(entry, b)
		t.markIdle(entry)
		return shed
	})
}

// move takes an entry, whose proxy has now said from where it comes, to its bucket. It reports whether it is still there.
func (t *Table) move(entry *Entry, to netip.Addr) (there bool) {
	t.replace(func() *Entry {
		if there = !entry.left; !there {
			return nil
		}
		b, shed := t.bucketFor(to)
		// It is idle: before it asks for anything, its proxy says for whom.
		t.cutIdle(entry)
		t.enter(entry, b)
		t.markIdle(entry)
		return shed
	})
	return there
}

func (t *Table) enter(entry *Entry, b *bucket) {
	if entry.bucket = b; b != nil {
		b.entries++
		b.places.all.push(&entry.inBucket)
		t.buckets[b.prefix] = b
	}
}

// replace runs a change of the books, and closes the connection that it costs once nobody waits for the books.
func (t *Table) replace(change func() (shed *Entry)) {
	t.mu.Lock()
	shed := change()
	if shed != nil {
		t.counts.Shed++
		t.remove(shed)
	}
	t.mu.Unlock()
	if shed != nil {
		shed.close(shed.busy) // who has left is marked no more
	}
}

// bucketFor gives the bucket of an address, and who must leave it before one more may enter. Proxies have none.
func (t *Table) bucketFor(a netip.Addr) (b *bucket, shed *Entry) {
	if !a.IsValid() || inet.Contains(t.config.Trusted, a) {
		return nil, nil
	}
	prefix := inet.Subscriber(a)
	b = t.buckets[prefix]
	if b == nil {
		b = &bucket{prefix: prefix}
		b.places.init()
	}
	if b.entries >= t.config.PerAddress {
		return b, t.choose(&b.places)
	}
	return b, nil
}

// shedOne closes a connection, which gives a file descriptor back.
func (t *Table) shedOne() {
	t.replace(func() *Entry { return t.choose(&t.places) })
}

// setRequests notes how many requests an entry has now.
func (t *Table) setRequests(entry *Entry, requests int) {
	was := entry.requests
	entry.requests = requests
	switch {
	case entry.left:
	case was == 0 && requests > 0:
		t.markBusy(entry)
	case was > 0 && requests == 0:
		t.markIdle(entry)
	case requests == 0:
		entry.before = entry.octets() // a handshake moves none for the request behind it
	}
}

// markIdle notes that an entry is idle from now on. That was when the last of the answer was written, as far as is known: to look
// at the clock takes as long as the rest of this.
func (t *Table) markIdle(entry *Entry) {
	entry.busy, entry.before = false, entry.octets()
	entry.since = time.Duration(entry.wrote.Load())
	if entry.since == 0 {
		entry.since = t.clock()
	}
	t.counts.Idle++
	t.places.idle.push(&entry.idleInTable)
	if entry.bucket != nil {
		entry.bucket.places.idle.push(&entry.idleInBucket)
	}
}

// markBusy is the end of markIdle.
func (t *Table) markBusy(entry *Entry) {
	entry.busy, entry.since = true, t.clock()
	t.cutIdle(entry)
}

func (t *Table) cutIdle(entry *Entry) {
	t.counts.Idle--
	entry.idleInTable.cut()
	if entry.bucket != nil {
		entry.idleInBucket.cut()
	}
}

func (t *Table) remove(entry *Entry) {
	if entry.peer {
		entry.peer = false
		t.peers--
	}
	if entry.left {
		return
	}
	entry.left = true
	t.counts.Open--
	entry.inTable.cut()
	if !entry.busy {
		t.cutIdle(entry)
	}
	if b := entry.bucket; b != nil {
		entry.inBucket.cut()
		if b.entries--; b.entries == 0 {
			delete(t.buckets, b.prefix)
		}
	}
}
