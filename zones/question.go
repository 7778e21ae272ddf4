package zones

import (
	"encoding/binary"

	"tinycdn/geoip"
)

const (
	maxName   = 255 // octets of a name in wire form (RFC 1035, 3.1)
	maxLabels = 128 // of such a name, the root's included
)

// A Question is what a Snapshot is asked. Its owner uses one again and again: what an answer needs to
// work with stands in it too, so that nothing is allocated.
type Question struct {
	// Name is in wire form and lower case. Answering overwrites it where a CNAME leads on.
	Name    *[maxName + 9]byte
	NameLen int
	Type    uint16
	DO      bool // the client takes DNSSEC records
	Client  Client

	labels int               // without the root
	start  [maxLabels]uint8  // where each label begins in Name, the leftmost first, the root's last
	hash   [maxLabels]uint64 // of the name from that label on
}

// Client is who an answer is for.
type Client struct {
	Resolver  geoip.Block // the address that the query came from
	Subnet    geoip.Block // the EDNS client subnet,
	HasSubnet bool        // if there was one with a SOURCE above 0
}

// split finds the labels of the name and hashes every suffix of it.
func (q *Question) split() {
	n, at := 0, 0
	for q.Name[at] != 0 {
		q.start[n] = uint8(at)
		n++
		at += int(q.Name[at]) + 1
	}
	q.start[n] = uint8(at)
	q.labels = n
	h := rootHash
	q.hash[n] = h
	for k := n - 1; k >= 0; k-- {
		h = hashLabel(h, q.Name, int(q.start[k]))
		q.hash[k] = h
	}
}

// hashName hashes a name in wire form and lower case as split does.
func hashName(name []byte) uint64 {
	var padded [maxName + 9]byte
	copy(padded[:], name)
	return hashPadded(&padded)
}

func hashPadded(name *[maxName + 9]byte) uint64 {
	var starts [maxLabels]uint8
	n := 0
	for at := 0; name[at] != 0; at += int(name[at]) + 1 {
		starts[n] = uint8(at)
		n++
	}
	h := rootHash
	for n--; n >= 0; n-- {
		h = hashLabel(h, name, int(starts[n]))
	}
	return h
}

const rootHash = uint64(0x9e3779b97f4a7c15)

// hashLabel carries the hash h of a name on to the name with one more label before it, the one at
// name[at:]. Eight octets are taken at a time; what follows the label is masked away.
func hashLabel(h uint64, name *[maxName + 9]byte, at int) uint64 {
	n := int(name[at]) + 1
	for ; n > 8; n -= 8 {
		h = mix(h ^ binary.LittleEndian.Uint64(name[at:at+8]))
		at += 8
	}
	w := binary.LittleEndian.Uint64(name[at:at+8]) & (1<<(8*uint(n)) - 1)
	return mix(h ^ w)
}

func mix(h uint64) uint64 {
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

// suffix returns the name from label k on to label end.
func (q *Question) suffix(k, end int) []byte {
	return q.Name[q.start[k]:q.start[end]]
}
