package geoip

import (
	"errors"
	"fmt"
	"net/netip"
)

// tree is the search tree of an MMDB file. To go through all of it takes a few nanoseconds a network here; with the library, which
// makes an address, a prefix and a result of each, it took as long as all else that is done with them.
type tree struct {
	data  []byte // of the file
	nodes uint32
	size  int    // octets of a node
	v4    uint32 // where IPv4 begins, or what is known of all of it
	depth int    // bits above v4
	six   bool   // it holds IPv6 addresses, of which IPv4 ones are those in ::/96
}

// newTree is the tree of a file that the library has opened, and thereby found to be as long as its nodes are many.
func newTree(data []byte, nodes, recordBits, ipVersion uint) *tree {
	t := &tree{data: data, nodes: uint32(nodes), size: int(recordBits) / 4, six: ipVersion == 6}
	for t.six && t.depth < 96 && t.v4 < t.nodes {
		t.v4, _ = t.pair(t.v4)
		t.depth++
	}
	return t
}

// pair gives what a node leads to: a node, t.nodes where nothing is known, or a record behind that.
func (t *tree) pair(node uint32) (left, right uint32) {
	b := t.data[int(node)*t.size:][:t.size]
	switch t.size {
	case 6:
		return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]), uint32(b[3])<<16 | uint32(b[4])<<8 | uint32(b[5])
	case 7:
		return uint32(b[3]&0xf0)<<20 | uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]),
			uint32(b[3]&0x0f)<<24 | uint32(b[4])<<16 | uint32(b[5])<<8 | uint32(b[6])
	}
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]), uint32(b[4])<<24 | uint32(b[5])<<16 | uint32(b[6])<<8 | uint32(b[7])
}

// dataSeparator is how many octets there are between the nodes and the records.
const dataSeparator = 16

// record is the number of the record that a leaf leads to, its offset counted from 1; 0: nothing is known.
func (t *tree) record(leaf uint32) (record uint32, err error) {
	switch behind := leaf - t.nodes; {
	case behind == 0:
		return 0, nil
	case behind < dataSeparator:
		return 0, errors.New("the search tree leads to no record")
	default:
		return behind - dataSeparator + 1, nil
	}
}

// offset is where a record begins in the file.
func (t *tree) offset(record uint32) int {
	return int(t.nodes)*t.size + dataSeparator + int(record) - 1
}

// branch is a part of the tree that is still to be walked.
type branch struct {
	at   addr
	node uint32
	bits int // of at that lead there
}

// walk goes through the leaves of a family in address order, until yield says no: at first begins a network with so many bits, and leaf
// is t.nodes where nothing is known of it. Of IPv6, it passes over what leads to IPv4: ::/96, and other names of that. It tells reading
// which octets it is about to read.
func (t *tree) walk(v4 bool, reading func(offset int), yield func(first addr, bits int, leaf uint32) bool) error {
	if v4 && t.depth < 96 && t.six { // one network is wider than IPv4
		yield(addr{}, 0, t.v4)
		return nil
	}
	most, begin := 128, branch{}
	if v4 {
		most, begin.node = 32, t.v4
	}
	var room [129]branch
	for left := append(room[:0], begin); len(left) > 0; {
		b := left[len(left)-1]
		left = left[:len(left)-1]
		for b.node < t.nodes {
			if !v4 && b.node == t.v4 {
				break
			}
			if b.bits == most {
				return fmt.Errorf("invalid search tree at %s", netip.PrefixFrom(b.at.netip(v4), most))
			}
			reading(int(b.node) * t.size)
			lower, upper := t.pair(b.node)
			b.bits++
			left = append(left, branch{addr{b.at.hi | bit(b.bits).hi, b.at.lo | bit(b.bits).lo}, upper, b.bits})
			b.node = lower
		}
		if b.node >= t.nodes && !yield(b.at, b.bits, b.node) {
			return nil
		}
	}
	return nil
}

// bit is the bit of that number, counted from 1.
func bit(n int) addr {
	if n <= 64 {
		return addr{hi: 1 << (64 - n)}
	}
	return addr{lo: 1 << (128 - n)}
}
