package zones

import (
	"slices"
	"strings"

	"tinycdn/geoip"
	"tinycdn/zones/rr"
)

// GeoName is a name whose addresses come from a map.
type GeoName struct {
	Name string // without the final dot; of a wildcard it begins with "*."
	Map  string
	TTL  uint32 // seconds
}

// GeoNames are those of all zones, by name.
func (s *Snapshot) GeoNames() (list []GeoName) {
	for apex, z := range s.zones {
		if z.zone == nil {
			continue
		}
		m := &z.zone.image
		for _, slot := range m.slots {
			if slot.at == 0 {
				continue
			}
			n := m.node(slot.at)
			if n.flags&isGeo == 0 {
				continue
			}
			name := slices.Concat(m.octets[slot.at+nodeHeader:][:m.octets[slot.at]], []byte(apex))
			list = append(list, GeoName{NameText(name), z.zone.maps[n.geoMap], n.geoTTL})
		}
	}
	slices.SortFunc(list, func(a, b GeoName) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Table is what a map's answers of a type, A or AAAA, come from while the POPs are as they are: where two values meet, so do two
// answers. nil: the names of the map have no such records.
func (s *Snapshot) Table(name string, typ uint16) *geoip.Table {
	if a := s.maps[name]; a != nil && (typ == rr.TypeA || typ == rr.TypeAAAA) {
		return a.family(typ).table
	}
	return nil
}
