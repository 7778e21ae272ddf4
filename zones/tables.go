package zones

import (
	"slices"

	"tinycdn/geoip"
)

// tables are derived tables: maps that make the same of the same share one.
type tables struct{ list []derived }

type derived struct {
	from  *geoip.Packed
	of    []uint16 // what became of its values
	table *geoip.Table
}

// tablesOf are those that are in use.
func tablesOf(maps map[string]*addresses) *tables {
	t := &tables{}
	for _, a := range maps {
		for _, of := range []*addresses{a, a.whole} {
			for _, f := range of.families {
				if f.table != nil {
					t.list = append(t.list, derived{a.steer.Table, f.of, f.table})
				}
			}
		}
	}
	return t
}

// derive makes what becomes of a table's values by of, unless it is there.
func (t *tables) derive(from *geoip.Packed, of []uint16) *geoip.Table {
	for _, d := range t.list {
		if d.from == from && slices.Equal(d.of, of) {
			return d.table
		}
	}
	table := from.Derive(func(value uint16) uint16 { return of[value] })
	for _, d := range t.list {
		if d.table.Equal(table) {
			table = d.table
			break
		}
	}
	t.list = append(t.list, derived{from, of, table})
	return table
}
