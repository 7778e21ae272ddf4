package geoip

import "slices"

// Derive gives the table of what f makes of this one's values. Neighbours that become equal are one run, so that scopes
// are the widest for the new values. Reserved stays what it is; f gives at most MaxValue. It is asked more than once for a value.
func (p *Packed) Derive(f func(value uint16) uint16) *Table {
	t := new(Table)
	t.v4.derive(&p.v4, f, embedded)
	t.v4.prepare(nil)
	space := uint16(embedded)
	if len(t.v4.values) == 1 {
		space = t.v4.values[0] // as one answer, it merges with what is around it
	}
	t.v6.derive(&p.v6, f, space)
	t.v6.prepare(&t.v4)
	return t
}

// derive takes over the runs of from. space is the value of the runs that embed IPv4. Runs are counted first: to grow lists of
// hundreds of thousands would make several times their size of garbage, beside a server that answers.
func (h *half) derive(from *packedHalf, f func(uint16) uint16, space uint16) {
	runs := 0
	from.changes(f, space, func(addr, uint16) { runs++ })
	h.starts, h.values = make([]uint64, 0, runs), make([]uint16, 0, runs)
	from.changes(f, space, h.add)
	h.fine = slices.Clone(h.fine)
}

// changes gives the runs that do not become the same as the one before them, and what they become.
func (h *packedHalf) changes(f func(uint16) uint16, space uint16, give func(first addr, value uint16)) {
	last := -1
	for u := h.unpack(); u.next(); {
		value := u.value
		switch {
		case value == embedded:
			value = space
		case value != Reserved:
			value = checked(f(value))
		}
		if int(value) != last {
			last = int(value)
			give(u.first, value)
		}
	}
}

// Equal says whether both give every address the same value.
func (t *Table) Equal(other *Table) bool {
	return t == other || t.v4.equal(&other.v4) && t.v6.equal(&other.v6)
}

func (h *half) equal(other *half) bool {
	return slices.Equal(h.starts, other.starts) && slices.Equal(h.values, other.values) && slices.Equal(h.fine, other.fine)
}
