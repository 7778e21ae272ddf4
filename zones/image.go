package zones

import (
	"bytes"
	"encoding/binary"
)

// An image is a zone's names with their finished answers in one piece of memory without pointers: the
// garbage collector has nothing to follow in it, and a name stands beside its answers, so that a query
// for one of a million names costs two cache misses.
//
// A node:
//
//	octet    length of the name, without the zone's own name behind it
//	octet    flags
//	uint16   number of answers
//	...      the name in wire form, lower case
//	uint32   with hasWildcard: where the node of "*" below this name stands
//	uint16   with isGeo: the index of the map, in Zone.maps
//	uint32   with isGeo: the TTL
//	uint32   with isGeo: which of the zone's geo names it is, in denials.geo
//	...      the answers
//
// An answer:
//
//	uint16   type; 0: a referral; 65535: a referral with DS
//	uint16   octets of the body
//	uint16   number of relocations
//	uint16   records in Answer, Authority and Additional (three numbers)
//	...      the body: the records of those sections
//	uint16   each relocation: where in the body a compression pointer stands
//
// In a signed zone each answer but a referral is followed by one of type RRSIG, with the signatures of its records. Where names are hashed,
// two uint32 stand before a node: where the node of its NSEC3 is, and that of the NSEC3 of "*" below it or, where there is no "*", of the
// one that denies it; 0: there is none.
//
// Numbers are in little endian order, as the machines are. In a body, the owner of every record of
// Answer is the pointer 0xC00C, the name asked for. The other pointers are the relocations: they hold what
// is right when the name asked for is the one the body was packed for (see packed.appendTo).
type image struct {
	slots  []slot // a hash table with linear probing; its length is a power of two
	shift  uint8  // 64 minus the bits of its length
	octets []byte // the nodes, one behind the other
}

// A slot leads from a name's hash to its node. No node stands at offset 0: that is an empty slot.
type slot struct {
	tag uint32 // lower half of the hash; the upper bits chose the slot
	at  uint32
}

type nodeFlags uint8

const (
	isCut       nodeFlags = 1 << iota // a delegation
	isAlias                           // it has a CNAME
	isDNAME                           // it has a DNAME
	isGeo                             // A and AAAA come from a map
	hasWildcard                       // "*" stands below
	tellsWhere                        // of a geo name: TXT says whom the map gives the client
	deniesStar                        // its NSEC shows that there is no "*" below
)

const (
	typeReferral   = 0
	typeReferralDS = 0xffff

	nodeHeader   = 4
	answerHeader = 12
)

// node is a node of an image, taken apart.
type node struct {
	flags    nodeFlags
	answers  uint16
	extra    uint32 // where the fields behind the name begin
	wildcard uint32
	geoMap   uint16
	geoTTL   uint32
	at       uint32 // where it stands
}

// find returns where the node of a name stands, by the name's hash and the part of it that precedes the zone's name.
func (m *image) find(hash uint64, rel []byte) (at uint32, ok bool) {
	mask := uint64(len(m.slots) - 1)
	for i := hash >> (m.shift & 63); ; i++ {
		s := m.slots[i&mask]
		if s.at == 0 {
			return 0, false
		}
		if s.tag == uint32(hash) && m.isNamed(s.at, rel) {
			return s.at, true
		}
	}
}

func (m *image) isNamed(at uint32, rel []byte) bool {
	n := int(m.octets[at])
	return n == len(rel) && bytes.Equal(m.octets[at+nodeHeader:int(at)+nodeHeader+n], rel)
}

// closest returns the node of q's name or else of its closest encloser (RFC 4592, 3.3.1), and the label where
// that one's name begins. The zone's own name begins at label apex, and ends the climb: it is always there.
func (m *image) closest(q *Question, apex int) (n node, k int) {
	for {
		if at, ok := m.find(q.hash[k], q.suffix(k, apex)); ok {
			return m.node(at), k
		}
		k++
	}
}

// node reads the node at an offset.
func (m *image) node(at uint32) (n node) {
	a := m.octets[at:]
	_ = a[3]
	n.at, n.flags, n.answers = at, nodeFlags(a[1]), binary.LittleEndian.Uint16(a[2:])
	n.extra = at + nodeHeader + uint32(a[0])
	if n.flags&(hasWildcard|isGeo) != 0 {
		a = m.octets[n.extra:]
		if n.flags&hasWildcard != 0 {
			n.wildcard = binary.LittleEndian.Uint32(a)
			a = a[4:]
			n.extra += 4
		}
		if n.flags&isGeo != 0 {
			n.geoMap = binary.LittleEndian.Uint16(a)
			n.geoTTL = binary.LittleEndian.Uint32(a[2:])
			n.extra += 10
		}
	}
	return n
}

// geo is the number of a geo name.
func (m *image) geo(n *node) uint32 { return binary.LittleEndian.Uint32(m.octets[n.extra-4:]) }

// answer returns the node's answer for a type.
func (m *image) answer(n *node, typ uint16) (p packed, ok bool) {
	at := n.extra
	for k := n.answers; k > 0; k-- {
		a := m.octets[at:]
		size, relocations := uint32(binary.LittleEndian.Uint16(a[2:])), uint32(binary.LittleEndian.Uint16(a[4:]))
		if binary.LittleEndian.Uint16(a) == typ {
			p.counts = Counts{binary.LittleEndian.Uint16(a[6:]), binary.LittleEndian.Uint16(a[8:]), binary.LittleEndian.Uint16(a[10:])}
			p.body = a[answerHeader : answerHeader+size]
			p.relocations = a[answerHeader+size : answerHeader+size+2*relocations]
			p.end = at + answerHeader + size + 2*relocations
			return p, true
		}
		at += answerHeader + size + 2*relocations
	}
	return p, false
}
