package geoip

import (
	"math/bits"
	"slices"
	"sort"
)

// Table gives every address a value, and the widest prefix around it that has this value throughout.
// It never changes, and anyone may read it.
type Table struct {
	v4, v6 half
}

// Find gives the value of block b and its ECS scope, in bits of b's family. It allocates nothing.
//
// Where b has one value, the scope is the shortest prefix of b's first address that has no other value in it: the
// widest exact one. Where b has several, the value is that of the plurality of its addresses (the
// lowest of equals), and the scope the shortest that any address in b with that value has.
func (t *Table) Find(b Block) (value uint16, scope uint8) {
	if b.V4 {
		return t.v4.find(addr{b.Hi, b.Lo}, int(b.Bits))
	}
	value, scope = t.v6.find(addr{b.Hi, b.Lo}, int(b.Bits))
	if value == embedded {
		return t.findEmbedded(b)
	}
	return value, scope
}

// Touch reads what Find reads first for a block, and gives the value of the run that it begins in: whoever is about to ask for many
// blocks may touch all of them before, so that what no cache holds is fetched for many at once.
func (t *Table) Touch(b Block) uint16 {
	h := &t.v6
	if b.V4 {
		h = &t.v4
	}
	return h.values[h.index.find(h.starts, b.Hi)]
}

// findEmbedded decides a block in IPv6 space that holds IPv4 addresses as the IPv4 block it holds.
func (t *Table) findEmbedded(b Block) (value uint16, scope uint8) {
	a := addr{b.Hi, b.Lo}
	offset := embeddingBits(a)
	value, scope = t.v4.find(embeddedAddr(a), min(int(b.Bits)-offset, 32))
	return value, uint8(offset) + scope
}

// half is the table of one family: sorted runs, each with a value other than its neighbours'.
type half struct {
	// Run i begins at starts[i], the top half of its first address, and ends where the next begins.
	starts []uint64
	values []uint16

	// The few runs that begin inside a /64 have fineMark for a value, and the rest of the truth here.
	fine []fineRun

	index index

	// Answers for the prefixes that hold too many runs to be added up in a query, sorted by first address, then length.
	wide []wideAnswer
}

type fineRun struct {
	lo    uint64 // the bottom half of the run's first address
	run   uint32
	value uint16
}

// add appends a run that begins at first, unless the one before it has the same value.
func (h *half) add(first addr, value uint16) {
	if n := len(h.values); n > 0 && h.value(n-1) == value {
		return
	}
	h.starts = append(h.starts, first.hi)
	if first.lo != 0 {
		h.fine = append(h.fine, fineRun{lo: first.lo, run: uint32(len(h.values)), value: value})
		value = fineMark
	}
	h.values = append(h.values, value)
}

// prepare makes the indexes. v4 is the finished table of the addresses that h embeds.
func (h *half) prepare(v4 *half) {
	h.index = newIndex(h.starts)
	h.summarize(v4)
}

// find is Table.Find within a family.
func (h *half) find(first addr, length int) (value uint16, scope uint8) {
	i := h.index.find(h.starts, first.hi)
	value = h.values[i]
	if value == fineMark {
		return h.findFine(first, length)
	}
	// The run begins at a /64 at the latest, and the next one in a later /64. So the top halves decide.
	same := 0
	if i > 0 {
		same = 1 + bits.LeadingZeros64(first.hi^(h.starts[i]-1))
	}
	if i+1 < len(h.starts) {
		next := h.starts[i+1]
		if first.hi|mask(length).hi >= next {
			return h.findPlurality(i, first, length)
		}
		same = max(same, 1+bits.LeadingZeros64(first.hi^next))
	}
	return value, uint8(same)
}

// findFine is find for runs that begin inside a /64.
func (h *half) findFine(first addr, length int) (value uint16, scope uint8) {
	i := h.exact(first)
	if i+1 < len(h.starts) && !first.last(length).less(h.start(i+1)) {
		return h.findPlurality(i, first, length)
	}
	return h.value(i), around(first, h.start(i), h.end(i))
}

// exact gives the run that a is in.
func (h *half) exact(a addr) int {
	i := h.index.find(h.starts, a.hi)
	if h.starts[i] < a.hi {
		return i
	}
	return h.lastRun(a, 0, i) // of those that begin in the /64 of a, some may begin behind it
}

// lastRun gives the last of the runs i to j that does not begin behind a; i does not.
func (h *half) lastRun(a addr, i, j int) int {
	return i + sort.Search(j-i, func(k int) bool { return a.less(h.start(i + k + 1)) })
}

func (h *half) start(i int) addr {
	if h.values[i] == fineMark {
		return addr{h.starts[i], h.fineRun(i).lo}
	}
	return addr{hi: h.starts[i]}
}

// end is the last address of run i.
func (h *half) end(i int) addr {
	if i+1 == len(h.starts) {
		return lastAddr
	}
	return h.start(i + 1).prev()
}

func (h *half) value(i int) uint16 {
	if h.values[i] == fineMark {
		return h.fineRun(i).value
	}
	return h.values[i]
}

func (h *half) fineRun(i int) *fineRun {
	k, _ := slices.BinarySearchFunc(h.fine, uint32(i), func(f fineRun, run uint32) int { return int(f.run) - int(run) })
	return &h.fine[k]
}
