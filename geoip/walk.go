package geoip

import (
	"iter"
	"math"
	"net/netip"
)

// Range is all addresses of a family from one to another.
type Range struct {
	first, last addr
	v4          bool
}

// RangeOf is all addresses of a prefix.
func RangeOf(p netip.Prefix) Range {
	first := addrOf(p.Addr()).first(p.Bits())
	return Range{first, first.last(p.Bits()), p.Addr().Is4()}
}

// Walk goes through the address space of a family once, through all tables side by side: it gives the ranges in which each of them has
// one value, and these, which are valid until it goes on. IPv6 addresses that hold IPv4 ones are left out: they go with those.
func Walk(v4 bool, tables ...*Packed) iter.Seq2[Range, []uint16] {
	return func(yield func(Range, []uint16) bool) {
		runs := make([]runCursor, len(tables))
		for i, t := range tables {
			half := &t.v6
			if v4 {
				half = &t.v4
			}
			runs[i].read(half)
		}
		values := make([]uint16, len(tables))
		for at := (addr{}); ; {
			end, holdsV4 := lastAddr, false
			for i := range runs {
				value, last := runs[i].find(at)
				values[i] = value
				holdsV4 = holdsV4 || value == embedded
				if last.less(end) {
					end = last
				}
			}
			if !holdsV4 && !yield(Range{at, end, v4}, values) || end == lastAddr {
				return
			}
			at = end.next()
		}
	}
}

// runCursor reads a table in step with others.
type runCursor struct {
	value uint16 // of the run that was read last,
	last  addr   // and where it ends
	next  unpacker
	more  bool // next is at the run behind it
}

func (c *runCursor) read(h *packedHalf) {
	c.next = h.unpack()
	c.more = c.next.next()
	c.advance()
}

// advance goes on to the run behind.
func (c *runCursor) advance() {
	c.value, c.last = c.next.value, lastAddr
	if c.more = c.more && c.next.next(); c.more {
		c.last = c.next.first.prev()
	}
}

// find gives the value at a, and the last address that has it. Each call must ask for a later address.
func (c *runCursor) find(a addr) (value uint16, last addr) {
	if c.last.less(a) {
		c.advance() // walks leave out no run
	}
	return c.value, c.last
}

// Addresses is how many there are in r.
func (r Range) Addresses() float64 {
	n := size(r.first, r.last)
	if r.v4 {
		n.hi >>= 32
		if n == (addr{}) {
			return 1 << 32
		}
		return float64(n.hi)
	}
	if n == (addr{}) {
		return math.Ldexp(1, 128)
	}
	return math.Ldexp(float64(n.hi), 64) + float64(n.lo)
}

// IPv4 says of which family r is.
func (r Range) IPv4() bool { return r.v4 }

// First is the first address of r.
func (r Range) First() netip.Addr { return r.first.netip(r.v4) }

// Last is the last address of r.
func (r Range) Last() netip.Addr {
	return r.last.netip(r.v4)
}

// Join makes r and the range behind it one, if nothing is between them.
func (r Range) Join(behind Range) (joined Range, ok bool) {
	return Range{r.first, behind.last, r.v4}, r.v4 == behind.v4 && r.last != lastAddr && r.last.next() == behind.first
}

// Prefixes are the fewest that r consists of, in their order.
func (r Range) Prefixes() iter.Seq[netip.Prefix] {
	return func(yield func(netip.Prefix) bool) {
		for at := r.first; ; {
			length := 0
			for at.first(length) != at || r.last.less(at.last(length)) {
				length++
			}
			if !yield(netip.PrefixFrom(at.netip(r.v4), length)) || at.last(length) == r.last {
				return
			}
			at = at.last(length).next()
		}
	}
}
