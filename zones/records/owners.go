package records

import (
	"bytes"
	"slices"

	"tinycdn/zones/rr"
)

// owner is a name that has records, or an empty non-terminal.
type owner struct {
	hash        uint64
	name        uint32 // in mem: a length octet, then the name
	first, last uint32 // in mem: its records; 0: none
}

// ownerSlot leads from a name's hash to its owner. With half of the hash in it, names that are not there cost one look into memory, and
// those that are there three: with a million of them, each is a cache miss. And a larger table is made of it in one stream.
type ownerSlot struct {
	tag  uint32 // lower half of the hash, of which the lowest bits choose the slot
	next uint32 // the owner's index, and one; 0: the slot is empty
}

// firstSlots is few: most zones are small.
const firstSlots = 64

// Find returns the owner of that name.
func (s *Set) Find(name []byte) (int, bool) {
	return s.FindHash(rr.HashName(name), name)
}

// FindHash is Find of a name whose hash is known.
func (s *Set) FindHash(hash uint64, name []byte) (int, bool) {
	mask := uint32(len(s.slots) - 1)
	for i := uint32(hash); ; i++ {
		slot := s.slots[i&mask]
		if slot.next == 0 {
			return 0, false
		}
		if slot.tag == uint32(hash) && bytes.Equal(s.Name(int(slot.next-1)), name) {
			return int(slot.next - 1), true
		}
	}
}

// FindStar returns the owner that is "*" below that name.
func (s *Set) FindStar(name []byte) (int, bool) {
	if s.stars == 0 {
		return 0, false
	}
	var star [rr.MaxName + 2]byte
	return s.Find(append(append(star[:0], 1, '*'), name...))
}

// ensure returns the owner of that name, a new one if need be.
func (s *Set) ensure(name []byte) int {
	if s.recent < len(s.owners) && bytes.Equal(s.Name(s.recent), name) {
		return s.recent
	}
	hash := rr.HashName(name)
	o, there := s.FindHash(hash, name)
	if !there {
		o = s.addOwner(hash, name)
	}
	s.recent = o
	return o
}

func (s *Set) addOwner(hash uint64, name []byte) int {
	if 2*len(s.owners) >= len(s.slots) {
		old := s.slots
		s.slots = make([]ownerSlot, 2*len(old))
		for _, slot := range old {
			if slot.next != 0 {
				s.insert(slot)
			}
		}
	}
	at, b := s.mem.alloc(1 + len(name))
	b[0] = byte(len(name))
	copy(b[1:], name)
	if name[0] == 1 && name[1] == '*' {
		s.stars++
	}
	if len(s.owners) == cap(s.owners) {
		s.owners = slices.Grow(s.owners, max(len(s.owners), firstSlots/2)) // append alone would copy a million of them twenty times
	}
	s.owners = append(s.owners, owner{hash: hash, name: at})
	s.insert(ownerSlot{uint32(hash), uint32(len(s.owners))})
	return len(s.owners) - 1
}

func (s *Set) insert(slot ownerSlot) {
	mask := uint32(len(s.slots) - 1)
	i := slot.tag
	for s.slots[i&mask].next != 0 {
		i++
	}
	s.slots[i&mask] = slot
}
