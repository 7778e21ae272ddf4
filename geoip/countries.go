package geoip

import (
	"maps"
	"slices"
	"sync"
)

// MostCountries is above every number of a country, whatever a database says.
const MostCountries = 256

// CountryCodes are those of all countries, by number. The first is "" and stands for all else.
var CountryCodes = sync.OnceValue(func() []string {
	codes := append([]string{""}, slices.Sorted(maps.Keys(countries()))...)
	if len(codes) > MostCountries {
		panic("geoip: internal error: there are too many countries for a number of eight bits")
	}
	return codes
})

// Countries is the spec of a table of countries, by their numbers.
func Countries() Spec {
	numbers := map[string]uint16{}
	for i, code := range CountryCodes() {
		numbers[code] = uint16(i)
	}
	return Spec{Decide: func(loc *Location) uint16 { return numbers[loc.Country] }, Regionless: true}
}

// CountryTable is a table of countries for statistics: a third as large as one that answers are by, and by a search slower.
type CountryTable struct {
	v4, v6 countryRuns
}

// countryRuns are sorted runs, each with another country than its neighbours.
type countryRuns struct {
	starts4 []uint32 // of IPv4,
	starts6 []uint64 // or the top half of each first address
	numbers []uint8
}

// NewCountryTable makes one of the table of Countries. Space that nobody knows between two networks of a country is taken for its.
func NewCountryTable(t *Packed) *CountryTable {
	c := &CountryTable{v4: runsOf(&t.v4), v6: runsOf(&t.v6)}
	c.v4.starts4 = make([]uint32, len(c.v4.starts6))
	for i, start := range c.v4.starts6 {
		c.v4.starts4[i] = uint32(start >> 32)
	}
	c.v4.starts6 = nil
	return c
}

func runsOf(h *packedHalf) (r countryRuns) {
	r = countryRuns{starts6: make([]uint64, 0, h.runs), numbers: make([]uint8, 0, h.runs)} // to grow would make several times as much garbage
	before := uint16(0)                                                                    // the value of the run before
	for u := h.unpack(); u.next(); before = u.value {
		number := uint8(u.value)
		if u.value >= MostCountries { // nobody's, or what embeds IPv4
			number = 0
		}
		n := len(r.numbers)
		switch {
		case n > 0 && r.numbers[n-1] == number:
			continue
		case n > 1 && u.value > 0 && r.numbers[n-1] == 0 && r.numbers[n-2] == number && before == 0:
			r.starts6, r.numbers = r.starts6[:n-1], r.numbers[:n-1]
			continue
		case n > 0 && r.starts6[n-1] == u.first.hi: // within a /64, which is somebody's as a whole
			r.numbers[n-1] = number
			continue
		}
		r.starts6, r.numbers = append(r.starts6, u.first.hi), append(r.numbers, number)
	}
	r.starts6, r.numbers = slices.Clone(r.starts6), slices.Clone(r.numbers)
	return r
}

// Find gives the number of the country that the first address of a block is in. It allocates nothing.
func (c *CountryTable) Find(b Block) uint8 {
	if b.V4 {
		i, found := slices.BinarySearch(c.v4.starts4, uint32(b.Hi>>32))
		return c.v4.at(i, found)
	}
	i, found := slices.BinarySearch(c.v6.starts6, b.Hi)
	return c.v6.at(i, found)
}

func (r *countryRuns) at(i int, found bool) uint8 {
	if !found {
		i--
	}
	if i < 0 {
		return 0
	}
	return r.numbers[i]
}
