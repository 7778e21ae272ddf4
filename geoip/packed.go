package geoip

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"sync"
)

// Packed is a table at rest: its runs in some four octets each, where a Table takes thirty. It is walked, and made into Tables. It never
// changes, and anyone may read it.
type Packed struct {
	v4, v6 packedHalf
}

// packedHalf is the runs of one family, which follow one another from the first address to the last: of each, how far it begins
// behind the one before, and its value.
//
// The distance of the top halves of two first addresses is a number m, shifted by s times four bits: one octet has s, the lowest three
// bits of m, and in between whether more of m follows, as a varint. Where a run begins inside a /64, s is insideMark, and a varint with
// the distance and the bottom half follow. The value is a varint, counted from embedded, so that the marks are the shortest.
type packedHalf struct {
	octets []byte
	runs   int

	once   sync.Once
	points []point // made when the first address is looked for
}

// point is where reading may begin.
type point struct {
	before unpacker // which has read the run before
	first  addr     // of the run that comes
}

// pointEvery is so many runs that a look-up reads some microseconds long.
const pointEvery = 256

const (
	insideMark = 15
	longMark   = 1 << 3
)

// packer appends runs to a half. They are joined in the end: a list that grows leaves four times its size of garbage.
type packer struct {
	*packedHalf
	full  [][]byte // the octets before those of the half, in lists of chunkOctets
	last  addr     // where the last run begins
	value uint16
}

const (
	chunkOctets = 64 << 10
	mostOctets  = 1 + 2*binary.MaxVarintLen64 + 8 // of a run
)

// add appends a run that begins at first, unless the one before it has the same value.
func (p *packer) add(first addr, value uint16) {
	if p.runs > 0 && p.value == value {
		return
	}
	if cap(p.octets)-len(p.octets) < mostOctets {
		p.full, p.octets = append(p.full, p.octets), make([]byte, 0, chunkOctets)
	}
	distance := first.hi - p.last.hi
	if first.lo != 0 {
		p.octets = binary.AppendUvarint(append(p.octets, insideMark<<4), distance)
		p.octets = binary.BigEndian.AppendUint64(p.octets, first.lo)
	} else {
		shift := min(bits.TrailingZeros64(distance)/4, insideMark-1)
		m := distance >> (4 * shift)
		head := byte(shift<<4) | byte(m&7)
		if m >>= 3; m > 0 {
			p.octets = binary.AppendUvarint(append(p.octets, head|longMark), m)
		} else {
			p.octets = append(p.octets, head)
		}
	}
	p.octets = binary.AppendUvarint(p.octets, uint64(value-embedded))
	p.runs++
	p.last, p.value = first, value
}

// finish makes the half one list.
func (p *packer) finish() { p.octets, p.full = bytes.Join(append(p.full, p.octets), nil), nil }

// unpacker reads a half, run by run. It counts where it is, as a slice of what is left would be told to the collector at each octet.
type unpacker struct {
	octets []byte
	at     int
	first  addr // of the run read last
	value  uint16
	err    error
}

func (h *packedHalf) unpack() unpacker { return unpacker{octets: h.octets} }

var errPacked = errors.New("no packed table")

// next reads the next run; false: there is none, or what there is is none.
func (u *unpacker) next() bool {
	if u.at >= len(u.octets) || u.err != nil {
		return false
	}
	head := u.octets[u.at]
	u.at++
	distance, lo := uint64(head&7), uint64(0)
	switch shift := head >> 4; {
	case shift == insideMark:
		distance = u.varint()
		if len(u.octets)-u.at < 8 {
			u.err = errPacked
			return false
		}
		lo = binary.BigEndian.Uint64(u.octets[u.at:])
		u.at += 8
	case head&longMark != 0:
		distance |= u.varint() << 3
		fallthrough
	default:
		distance <<= 4 * shift
	}
	u.first = addr{u.first.hi + distance, lo}
	u.value = uint16(u.varint()) + embedded
	return u.err == nil
}

// varint reads a number; those of one octet and two are nearly all.
func (u *unpacker) varint() uint64 {
	if at := u.at; at+1 < len(u.octets) {
		a, b := u.octets[at], u.octets[at+1]
		switch {
		case a < 0x80:
			u.at = at + 1
			return uint64(a)
		case b < 0x80:
			u.at = at + 2
			return uint64(a&0x7f) | uint64(b)<<7
		}
	}
	n, size := binary.Uvarint(u.octets[u.at:])
	if size <= 0 {
		u.err, size = errPacked, len(u.octets)-u.at
	}
	u.at += size
	return n
}

// Equal says whether both give every address the same value.
func (p *Packed) Equal(other *Packed) bool {
	return p == other || bytes.Equal(p.v4.octets, other.v4.octets) && bytes.Equal(p.v6.octets, other.v6.octets)
}

// Table is for questions.
func (p *Packed) Table() *Table { return p.Derive(func(value uint16) uint16 { return value }) }

// Find gives what the Table finds. It is meant for people: it takes some microseconds, and goes through all runs the first time.
func (p *Packed) Find(b Block) (value uint16, scope uint8) {
	a, length := addr{b.Hi, b.Lo}, int(b.Bits)
	if b.V4 {
		near, _ := p.v4.around(a, a.last(length))
		return near.find(a, length)
	}
	near, embeds := p.v6.around(a, a.last(length))
	if embeds {
		return p.Table().Find(b) // it adds up all of IPv4
	}
	if value, scope = near.find(a, length); value != embedded {
		return value, scope
	}
	offset := embeddingBits(a)
	value, scope = p.Find(Block{Hi: embeddedAddr(a).hi, Bits: uint8(min(length-offset, 32)), V4: true})
	return value, uint8(offset) + scope
}

// around gives the runs between two addresses and their neighbours, of which the first seems to begin at 0. It says whether there are
// several between them, one of which embeds IPv4.
func (h *packedHalf) around(first, last addr) (near *half, embeds bool) {
	near = new(half)
	before, inside := h.before(first), 0
	u := before
	if before.octets == nil {
		u = h.unpack()
	}
	for ; u.next(); inside++ {
		if !first.less(u.first) { // all that are in near end before first
			near.starts, near.values, near.fine = near.starts[:0], near.values[:0], near.fine[:0]
			if before.octets != nil {
				near.add(addr{}, before.value)
			}
			before, inside, embeds = u, 0, false
		}
		near.add(u.first, u.value)
		if last.less(u.first) {
			break
		}
		embeds = embeds || u.value == embedded
	}
	near.index = unindexed()
	return near, embeds && inside > 1
}

// before gives the last point that is not behind an address, or the zero one.
func (h *packedHalf) before(a addr) unpacker {
	h.once.Do(func() {
		u := h.unpack()
		for k, before := 0, u; u.next(); k, before = k+1, u {
			if k > 0 && k%pointEvery == 0 {
				h.points = append(h.points, point{before, u.first})
			}
		}
	})
	n, _ := slices.BinarySearchFunc(h.points, a, func(p point, a addr) int {
		if a.less(p.first) {
			return 1
		}
		return -1
	})
	if n == 0 {
		return unpacker{}
	}
	return h.points[n-1].before
}
