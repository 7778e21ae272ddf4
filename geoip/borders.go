package geoip

import "net/netip"

// Runs is how many runs of addresses with one value there are.
func (t *Table) Runs() (v4, v6 int) { return len(t.v4.starts), len(t.v6.starts) }

// Border is the first address of the run that follows a border between two, by its number: there is one border fewer than Runs. The
// address before it has another value.
func (t *Table) Border(v4 bool, number int) netip.Addr {
	if v4 {
		return t.v4.start(number + 1).netip(true)
	}
	return t.v6.start(number + 1).netip(false)
}
