package zones

import (
	"slices"
	"sync/atomic"
)

// Numbers by which questions are counted. Zones have the others, in the order in which they came.
const (
	NoZone     = 0   // of ours has the name
	OtherZones = 1   // than those that have a number of their own
	MostZones  = 200 // that have one at most: so much is counted, whatever there is and whoever asks
	firstZone  = 2
	// Numbered is how many numbers there are.
	Numbered = firstZone + MostZones
)

// numbering is which zones have a number of their own. They keep it for as long as the process lasts, as a counter never goes back.
type numbering struct {
	names   atomic.Pointer[[]string] // in wire form, by number from firstZone on; read by anyone
	numbers map[string]uint8         // the same; under Store.writer
}

// number gives the zones of a snapshot their numbers, before anybody sees it.
func (c *numbering) number(s *Snapshot) {
	var fresh []string
	for apex, z := range s.zones {
		var known bool
		if z.number, known = c.numbers[apex]; !known {
			z.number = OtherZones
			if len(c.numbers) < MostZones {
				fresh = append(fresh, apex)
			}
		}
	}
	if len(fresh) == 0 {
		return
	}
	slices.Sort(fresh) // else it would be by chance
	fresh = fresh[:min(len(fresh), MostZones-len(c.numbers))]
	var names []string
	if before := c.names.Load(); before != nil {
		names = slices.Clone(*before)
	} else {
		c.numbers = map[string]uint8{}
	}
	for _, apex := range fresh {
		n := uint8(firstZone + len(names))
		names = append(names, apex)
		c.numbers[apex], s.zones[apex].number = n, n
	}
	c.names.Store(&names)
}

// Counted names what each number stands for that questions are counted by: zones in presentation format, "other" and "none".
func (s *Store) Counted() []string {
	names := []string{NoZone: "none", OtherZones: "other"}
	if zones := s.numbering.names.Load(); zones != nil {
		for _, apex := range *zones {
			names = append(names, NameText([]byte(apex)))
		}
	}
	return names
}
