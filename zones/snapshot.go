package zones

import (
	"bytes"

	"tinycdn/zones/rr"
)

// A Snapshot is everything that can be answered at one moment. It never changes.
type Snapshot struct {
	zones map[string]*zoneEntry // by apex, for those who change or explain; questions use index
	maps  map[string]*addresses
	down  *downs

	index []zoneSlot // a hash table with linear probing; its length is a power of two
}

// zoneEntry is a zone as a snapshot holds it.
type zoneEntry struct {
	apex   []byte
	zone   *Zone            // nil: it could not be loaded, and gets SERVFAIL
	maps   []*addresses     // the zone's maps, by the numbers that its nodes know them by
	signed *[]geoSignatures // of a zone that is signed here: those of its geo names, by their numbers; nil: there are none
	parent *zoneEntry       // the zone of ours that encloses this one, if any

	own     *Zone    // as its files have it
	overlay *overlay // what lies over that; nil: nothing
	number  uint8    // by which questions for it are counted
}

type zoneSlot struct {
	hash uint64
	zone *zoneEntry
}

// newSnapshot makes the index over zones and ties each to the maps that it names.
func newSnapshot(zones map[string]*zoneEntry, maps map[string]*addresses, down *downs) *Snapshot {
	s := &Snapshot{zones: zones, maps: maps, down: down}
	size := 4
	for size < 2*len(zones) {
		size *= 2
	}
	s.index = make([]zoneSlot, size)
	for _, z := range zones {
		h := rr.HashName(z.apex)
		i := h
		for s.index[i&uint64(size-1)].zone != nil {
			i++
		}
		s.index[i&uint64(size-1)] = zoneSlot{h, z}
	}
	for _, z := range zones {
		for rest := z.apex; len(rest) > 1 && z.parent == nil; {
			rest = rest[rest[0]+1:]
			z.parent = zones[string(rest)]
		}
	}
	return s
}

// lookup returns the zone with that very name.
func (s *Snapshot) lookup(hash uint64, apex []byte) *zoneEntry {
	mask := uint64(len(s.index) - 1)
	for i := hash; ; i++ {
		e := &s.index[i&mask]
		if e.zone == nil {
			return nil
		}
		if e.hash == hash && bytes.Equal(e.zone.apex, apex) {
			return e.zone
		}
	}
}

// enclosing returns the zone of ours that q's name is in, the innermost, and the label where the zone's
// own name begins.
func (s *Snapshot) enclosing(q *Question) (*zoneEntry, int) {
	for k := 0; k <= q.labels; k++ {
		name := q.Name[q.start[k]:q.NameLen]
		if z := s.lookup(q.hash[k], name); z != nil {
			return z, k
		}
	}
	return nil, 0
}

// Zones calls yield for every zone, with nil for one that could not be loaded.
func (s *Snapshot) Zones(yield func(apex []byte, z *Zone) bool) {
	for _, z := range s.zones {
		if !yield(z.apex, z.zone) {
			return
		}
	}
}
