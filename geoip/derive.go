package geoip

// Derive gives the table of what f makes of this one's values. Neighbours that become equal are one run, so that scopes
// are the widest for the new values. Reserved stays what it is; f gives at most MaxValue.
func (t *Table) Derive(f func(value uint16) uint16) *Table {
	d := new(Table)
	d.v4.derive(&t.v4, f, embedded)
	d.v4.finish(nil)
	space := uint16(embedded)
	if len(d.v4.values) == 1 {
		space = d.v4.values[0] // as one answer, it merges with what is around it
	}
	d.v6.derive(&t.v6, f, space)
	d.v6.finish(&d.v4)
	return d
}

// derive takes over the runs of from. space is the value of the runs that embed IPv4.
func (h *half) derive(from *half, f func(uint16) uint16, space uint16) {
	for i := range from.starts {
		value := from.value(i)
		switch {
		case value == embedded:
			value = space
		case value != Reserved:
			value = checked(f(value))
		}
		h.add(from.start(i), value)
	}
}
