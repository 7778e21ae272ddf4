package conns

import (
	"net/netip"

	"tinycdn/geoip/inet"
)

// Entry is a connection that has a place. While it has no request, it may lose its place to a new one.
type Entry struct {
	table *Table
	close func() error // does not wait, and may come back to Leave

	// Under the table's mutex:
	requests     int
	bucket       *bucket // nil: not counted by address
	left         bool
	idle         link // in the table's queue
	idleInBucket link // in that of its bucket
}

// bucket is what counts as one client: an IPv4 address, or the /64 that an IPv6 network has at least.
type bucket struct {
	prefix  netip.Addr
	entries int
	idle    queue
}

// Admit gives a connection from an address a place, or returns nil where none is free. Close is called when the
// place is needed. This is the door of connections that do not come through Listener, such as QUIC's.
func (t *Table) Admit(from netip.Addr, close func() error) *Entry {
	entry := new(Entry)
	if !t.admit(entry, inet.Plain(from), close) {
		return nil
	}
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

func (t *Table) admit(entry *Entry, from netip.Addr, close func() error) bool {
	entry.table, entry.close = t, close
	entry.idle.entry, entry.idleInBucket.entry = entry, entry
	return t.replace(func() (*Entry, bool) {
		b, shed, ok := t.bucketFor(from)
		if ok && shed == nil && t.counts.Open >= t.config.Clients {
			shed, ok = t.idle.first()
		}
		if !ok {
			t.counts.Refused++
			return nil, false
		}
		t.counts.Admitted++
		t.counts.Open++
		t.enter(entry, b)
		t.markIdle(entry)
		return shed, true
	})
}

// move takes an entry, whose proxy has now said from where it comes, to its bucket. It reports whether there is room.
func (t *Table) move(entry *Entry, to netip.Addr) bool {
	return t.replace(func() (*Entry, bool) {
		b, shed, ok := t.bucketFor(to)
		if entry.left || !ok {
			t.counts.Refused++
			return nil, false
		}
		// It is idle: before it asks for anything, its proxy says for whom.
		t.markBusy(entry)
		t.enter(entry, b)
		t.markIdle(entry)
		return shed, true
	})
}

func (t *Table) enter(entry *Entry, b *bucket) {
	if entry.bucket = b; b != nil {
		b.entries++
		t.buckets[b.prefix] = b
	}
}

// replace runs a change of the books, and closes the connection that it costs once nobody waits for the books.
func (t *Table) replace(change func() (shed *Entry, ok bool)) bool {
	t.mu.Lock()
	shed, ok := change()
	if shed != nil {
		t.counts.Shed++
		t.remove(shed)
	}
	t.mu.Unlock()
	if shed != nil {
		shed.close()
	}
	return ok
}

// bucketFor gives the bucket of an address, and who must leave it before one more may enter. Proxies have none.
func (t *Table) bucketFor(a netip.Addr) (b *bucket, shed *Entry, ok bool) {
	if !a.IsValid() || inet.Contains(t.config.Trusted, a) {
		return nil, nil, true
	}
	prefix := inet.Subscriber(a)
	b = t.buckets[prefix]
	if b == nil {
		b = &bucket{prefix: prefix}
		b.idle.init()
	}
	if b.entries >= t.config.PerAddress {
		shed, ok = b.idle.first()
		return b, shed, ok
	}
	return b, nil, true
}

// shedIdlest closes the idlest connection, which gives a file descriptor back.
func (t *Table) shedIdlest() {
	t.replace(t.idle.first)
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
	}
}

// markIdle notes that an entry is idle from now on.
func (t *Table) markIdle(entry *Entry) {
	t.counts.Idle++
	t.idle.push(&entry.idle)
	if entry.bucket != nil {
		entry.bucket.idle.push(&entry.idleInBucket)
	}
}

// markBusy is the end of markIdle.
func (t *Table) markBusy(entry *Entry) {
	t.counts.Idle--
	entry.idle.cut()
	if entry.bucket != nil {
		entry.idleInBucket.cut()
	}
}

func (t *Table) remove(entry *Entry) {
	if entry.left {
		return
	}
	entry.left = true
	t.counts.Open--
	if entry.requests == 0 {
		t.markBusy(entry)
	}
	if b := entry.bucket; b != nil {
		if b.entries--; b.entries == 0 {
			delete(t.buckets, b.prefix)
		}
	}
}
