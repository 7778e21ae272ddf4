package geoip

// memo remembers what was decided of the records last seen. It is exact but forgetful: records whose hash is the
// same push one another out, so that it never grows.
type memo struct {
	shift  uint
	keys   []uint32 // for each slot, one record of each source
	values []uint16 // for each slot, one value of each spec
	width  int      // sources
	depth  int      // specs
}

// The most slots: enough for every record of the largest city databases, which have about 500,000.
const maxMemoBits = 20

func newMemo(sources []source, specs int) memo {
	records := 0
	for _, s := range sources {
		records += s.records()
	}
	bits := 1
	for bits < maxMemoBits && 1<<bits < records {
		bits++
	}
	return memo{
		shift:  uint(64 - bits),
		keys:   make([]uint32, len(sources)<<bits),
		values: make([]uint16, specs<<bits),
		width:  len(sources),
		depth:  specs,
	}
}

// find gives the values of records, or where they belong.
func (m *memo) find(records []uint32) (values []uint16, found bool) {
	hash := uint64(0)
	for _, r := range records {
		hash = (hash ^ uint64(r)) * 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio spreads its factor well
	}
	slot := int(hash >> m.shift)
	key := m.keys[slot*m.width:][:m.width]
	values = m.values[slot*m.depth:][:m.depth]
	found = true
	for i, r := range records {
		if key[i] != r {
			key[i], found = r, false
		}
	}
	return values, found
}
