package geoip

import (
	"iter"
	"slices"
)

// Derive gives the table of what f makes of this one's values. Neighbours that become equal are one run, so that scopes
// are the widest for the new values. Reserved stays what it is; f gives at most MaxValue. It is asked more than once for a value.
func (t *Table) Derive(f func(value uint16) uint16) *Table {
	d := new(Table)
	d.v4.derive(&t.v4, f, embedded)
	d.v4.prepare(nil)
	space := uint16(embedded)
	if len(d.v4.values) == 1 {
		space = d.v4.values[0] // as one answer, it merges with what is around it
	}
	d.v6.derive(&t.v6, f, space)
	d.v6.prepare(&d.v4)
	return d
}

// derive takes over the runs of from. space is the value of the runs that embed IPv4. Runs are counted first: to grow lists of
// hundreds of thousands would make several times their size of garbage, beside a server that answers.
func (h *half) derive(from *half, f func(uint16) uint16, space uint16) {
	changes := from.changes(f, space)
	runs := 0
	for range changes {
		runs++
	}
	h.starts, h.values = make([]uint64, 0, runs), make([]uint16, 0, runs)
	for i, value := range changes {
		h.add(from.start(i), value)
	}
	h.fine = slices.Clone(h.fine)
}

// changes gives the runs that do not become the same as the one before them, and what they become.
func (h *half) changes(f func(uint16) uint16, space uint16) iter.Seq2[int, uint16] {
	return func(yield func(int, uint16) bool) {
		last := -1
		for i, value := range h.values {
			if value == fineMark {
				value = h.value(i)
			}
			switch {
			case value == embedded:
				value = space
			case value != Reserved:
				value = checked(f(value))
			}
			if int(value) == last {
				continue
			}
			last = int(value)
			if !yield(i, value) {
				return
			}
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
