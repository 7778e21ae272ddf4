package geoip

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// Block is an address block: a client subnet, or one whole address (Bits 32 or 128).
// An IPv4 address stands in the top 32 bits of Hi. Bits beyond Bits are zero.
type Block struct {
	Hi, Lo uint64
	Bits   uint8
	V4     bool
}

// BlockOf gives p as a Block. IPv4 inside IPv6 stays IPv6: Table.Find sees through it.
func BlockOf(p netip.Prefix) Block {
	a := addrOf(p.Addr()).first(p.Bits())
	return Block{Hi: a.hi, Lo: a.lo, Bits: uint8(p.Bits()), V4: p.Addr().Is4()}
}

// BlockOfAddr gives the block that is a alone.
func BlockOfAddr(a netip.Addr) Block {
	whole := addrOf(a)
	return Block{Hi: whole.hi, Lo: whole.lo, Bits: uint8(a.BitLen()), V4: a.Is4()}
}

// Addr is the first address of the block.
func (b Block) Addr() netip.Addr { return addr{b.Hi, b.Lo}.netip(b.V4) }

// addr is an address of either family as a 128-bit number. An IPv4 address stands in the top 32 bits, and
// stands for everything that begins with it: so prefixes, distances and edges work alike for both families.
type addr struct{ hi, lo uint64 }

var lastAddr = addr{^uint64(0), ^uint64(0)}

func addrOf(a netip.Addr) addr {
	if a.Is4() {
		b := a.As4()
		return addr{hi: uint64(binary.BigEndian.Uint32(b[:])) << 32}
	}
	b := a.As16()
	return addr{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

func (a addr) netip(v4 bool) netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], a.hi)
	binary.BigEndian.PutUint64(b[8:], a.lo)
	if v4 {
		return netip.AddrFrom4([4]byte(b[:4]))
	}
	return netip.AddrFrom16(b)
}

func (a addr) less(b addr) bool {
	return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo
}

func (a addr) compare(b addr) int { return cmp.Or(cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo)) }

// next is a+1; prev is a-1. Both wrap.
func (a addr) next() addr {
	lo, carry := bits.Add64(a.lo, 1, 0)
	return addr{a.hi + carry, lo}
}

func (a addr) prev() addr {
	lo, borrow := bits.Sub64(a.lo, 1, 0)
	return addr{a.hi - borrow, lo}
}

// first and last are the ends of the prefix of a that has the given length.
func (a addr) first(length int) addr {
	m := mask(length)
	return addr{a.hi &^ m.hi, a.lo &^ m.lo}
}

func (a addr) last(length int) addr {
	m := mask(length)
	return addr{a.hi | m.hi, a.lo | m.lo}
}

// mask has the bits set that a prefix of that length leaves open.
func mask(length int) addr {
	if length < 64 {
		return addr{^uint64(0) >> length, ^uint64(0)}
	}
	return addr{0, ^uint64(0) >> (length - 64)} // a shift by 64 gives 0
}

// common is the number of leading bits that a and b share.
func common(a, b addr) int {
	if a.hi != b.hi {
		return bits.LeadingZeros64(a.hi ^ b.hi)
	}
	return 64 + bits.LeadingZeros64(a.lo^b.lo)
}

// shift moves the bits of a to the right.
func (a addr) shift(n int) addr {
	if n < 64 {
		return addr{a.hi >> n, a.lo>>n | a.hi<<(64-n)}
	}
	return addr{0, a.hi >> (n - 64)}
}

// around is the length of the widest prefix of a between first and last, both included and a between them: it must
// leave out the address before them and the one behind (RFC 7871, 7.2.1).
func around(a, first, last addr) uint8 {
	same := 0
	if first != (addr{}) {
		same = 1 + common(a, first.prev())
	}
	if last != lastAddr {
		same = max(same, 1+common(a, last.next()))
	}
	return uint8(same)
}
