package zones

import (
	"math/bits"
	"slices"
	"sort"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
	"tinycdn/zones/sign"
)

// denials is what shows that a name does not exist: all names that do, in order, each with the record that says which is the next.
type denials struct {
	signed  packed // the SOA of negative answers, with its signature
	expires uint32 // of a zone that was signed elsewhere: when the first signatures end, in seconds since 1970; 0: never

	// Of a zone that is signed here:
	signer   *sign.Signer     // nil: it was signed elsewhere
	families records.Families // of its maps, as they were when it was signed
	geo      []signedGeo      // its geo names, by their numbers in the image

	// Where names have NSEC: those that have one, in canonical order. The zone's own name is the first.
	keys  []uint64 // the beginnings of their canonical forms
	nodes []uint32 // where they stand in the image

	// Where they have NSEC3: the records, in the order of hashes. keys are the hashes' first octets, and nodes stand for the records, which
	// are no names that anybody finds.
	hashing *rr.HashParams
	starts  []uint32 // by the first bits of a hash, where to begin looking
	shift   uint8
}

// covering returns the node of the last name that does not come after rel, a name without the zone's own. That one's NSEC shows
// that there is nothing between it and the next.
func (d *denials) covering(m *image, rel []byte) uint32 {
	key := rr.CanonicalKey(rel)
	low, high := 0, len(d.keys)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if d.keys[middle] <= key {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if d.keys[low-1] == key && rr.Compare(m.name(d.nodes[low-1]), rel) > 0 {
		low = d.before(m, rel, low-1)
	}
	return d.nodes[low-1]
}

// before returns how many of the first n names, the last of which begin alike, come before rel.
func (d *denials) before(m *image, rel []byte, n int) int {
	key := d.keys[n]
	first := sort.Search(n, func(i int) bool { return d.keys[i] >= key })
	return first + sort.Search(n-first, func(i int) bool { return rr.Compare(m.name(d.nodes[first+i]), rel) > 0 })
}

// coveringHash returns the node of the NSEC3 record with the last hash that is not above sum; before the first that is the last
// of all. That two hashes begin with the same eight octets does not happen.
func (d *denials) coveringHash(sum *[rr.HashLen]byte) uint32 {
	key := hashKey(sum)
	i := int(d.starts[key>>(d.shift&63)])
	for i < len(d.keys) && d.keys[i] <= key {
		i++
	}
	if i == 0 {
		i = len(d.keys)
	}
	return d.nodes[i-1]
}

func hashKey(sum *[rr.HashLen]byte) (key uint64) {
	for _, c := range sum[:8] {
		key = key<<8 | uint64(c)
	}
	return key
}

// name returns the name of a node, without the zone's own.
func (m *image) name(at uint32) []byte {
	return m.octets[at+nodeHeader:][:m.octets[at]]
}

// setNames puts the nodes that have NSEC in order.
func (d *denials) setNames(m *image, nodes []uint32) {
	slices.SortFunc(nodes, func(a, b uint32) int { return rr.Compare(m.name(a), m.name(b)) })
	d.nodes, d.keys = nodes, make([]uint64, len(nodes))
	for i, at := range nodes {
		d.keys[i] = rr.CanonicalKey(m.name(at))
	}
}

// setHashes makes the index of NSEC3 records, which are in order.
func (d *denials) setHashes(hashes [][rr.HashLen]byte, nodes []uint32) {
	d.nodes, d.keys = nodes, make([]uint64, len(nodes))
	for i := range hashes {
		d.keys[i] = hashKey(&hashes[i])
	}
	size := bits.Len(uint(len(hashes))) // of the bits that are looked at first: about one record for each
	d.shift = uint8(64 - size)
	d.starts = make([]uint32, 1<<size)
	at := 0
	for i := range d.starts {
		for at < len(d.keys) && d.keys[at]>>d.shift < uint64(i) {
			at++
		}
		d.starts[i] = uint32(at)
	}
}

// hashed is an NSEC3 record's owner.
type hashed struct {
	sum   [rr.HashLen]byte
	owner int
}

// hashesOf are the owners of NSEC3 records, in the order of hashes.
func hashesOf(s *records.Set) (list []hashed) {
	for o := range s.Len() {
		if s.IsHashed(o) {
			sum, _ := rr.HashOf(s.Name(o))
			list = append(list, hashed{sum, o})
		}
	}
	slices.SortFunc(list, func(a, b hashed) int { return slices.Compare(a.sum[:], b.sum[:]) })
	return list
}
