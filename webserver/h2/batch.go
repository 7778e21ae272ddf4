package h2

import (
	"sync"
	"sync/atomic"
)

// batch is what goes to a socket together.
type batch struct {
	octets []byte
	enough int // octets from which on nothing more should be added
	large  bool
}

const (
	// largeBatch is how many octets go out together where all is well: ten pages of 13 KB.
	largeBatch = 144 << 10
	// mostLarge is how many large batches there are at a time, 11 MB in all. Whoever does not take what he is sent holds one;
	// where that are many, the others have batches of a frame.
	mostLarge = 64
	// beyond is by how much a batch may be longer than enough: a frame and the small records of a new connection.
	beyond = 20 << 10
)

// batches are those at rest.
type batches struct {
	large, small sync.Pool    // of *batch
	held         atomic.Int64 // large ones in use
}

func (all *batches) get() *batch {
	if all.held.Add(1) <= mostLarge {
		if b, ok := all.large.Get().(*batch); ok {
			return b
		}
		return &batch{make([]byte, 0, largeBatch+beyond), largeBatch, true}
	}
	all.held.Add(-1)
	if b, ok := all.small.Get().(*batch); ok {
		return b
	}
	return &batch{make([]byte, 0, beyond), 1, false}
}

func (all *batches) put(b *batch) {
	b.octets = b.octets[:0]
	switch {
	case !b.large:
		if cap(b.octets) == beyond { // else it had to grow for more answers than usual
			all.small.Put(b)
		}
	default:
		all.held.Add(-1)
		all.large.Put(b)
	}
}
