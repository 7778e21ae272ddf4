package records

import "sync"

// New returns a set of no records, with the bound in octets that this machine sets, and perhaps with the memory of one that was released:
// of a hundred thousand zones each needs little, and to make and collect that anew took half of their time.
func New() *Set {
	s, _ := released.Get().(*Set)
	if s == nil {
		s = &Set{slots: make([]ownerSlot, firstSlots)}
	}
	s.Most = mostMemory()
	return s
}

// released are sets of small zones, for the next.
var released sync.Pool

// Release gives the memory back: the set is not to be looked at again. What is made of the records must have none of it.
func (s *Set) Release() {
	if s.taken() > MostReleased {
		return
	}
	s.mem.reset()
	clear(s.slots)
	*s = Set{owners: s.owners[:0], slots: s.slots, mem: s.mem, files: s.files[:0], list: s.list[:0]}
	released.Put(s)
}

// MostReleased is so little that to clear it costs less than to make it anew.
const MostReleased = 64 << 10

// Full is an error where there is no room for more records.
func (s *Set) Full() error {
	// Answers take about what the records do.
	taken := s.taken()
	if taken > largeZone {
		s.Large()
	}
	if s.mem.full || 2*taken > s.Most {
		return TooLarge(s.Most)
	}
	return nil
}

// Large waits until no other zone that is large is loaded: of small ones many may be, side by side, but one of these takes up to a quarter of
// the machine.
func (s *Set) Large() {
	if s.InTurn && !s.large {
		largeZones.Lock()
		s.large = true
	}
}

// LeaveTurn lets the next large zone be loaded, if this is one.
func (s *Set) LeaveTurn() {
	if s.large {
		largeZones.Unlock()
		s.large = false
	}
}

// largeZones is held while a large zone is loaded.
var largeZones sync.Mutex

// largeZone is how many octets of records make a zone large.
const largeZone = 4 << 20
