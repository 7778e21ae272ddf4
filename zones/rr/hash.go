package rr

import "encoding/binary"

// HashName hashes a name in wire form and lower case as Question.split does.
func HashName(wire []byte) uint64 {
	var name [MaxName + 9]byte
	copy(name[:], wire)
	var starts [MaxLabels]uint8
	n := 0
	for at := 0; name[at] != 0; at += int(name[at]) + 1 {
		starts[n] = uint8(at)
		n++
	}
	h := RootHash
	for n--; n >= 0; n-- {
		h = HashLabel(h, &name, int(starts[n]))
	}
	return h
}

const RootHash = uint64(0x9e3779b97f4a7c15)

// HashLabel carries the hash h of a name on to the name with one more label before it, the one at
// name[at:]. Eight octets are taken at a time; what follows the label is masked away.
func HashLabel(h uint64, name *[MaxName + 9]byte, at int) uint64 {
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
