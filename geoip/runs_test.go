package geoip

import "net/netip"

// Run gives the run that a is in. That of an IPv4 address inside an IPv6 one is a run of IPv4 addresses.
func (t *Table) Run(a netip.Addr) (first, last netip.Addr, value uint16) {
	a = Inner(a.WithZone(""))
	h := &t.v6
	if a.Is4() {
		h = &t.v4
	}
	i := h.exact(addrOf(a))
	return h.start(i).netip(a.Is4()), h.end(i).netip(a.Is4()), h.value(i)
}

// Bytes is the memory that the table holds.
func (t *Table) Bytes() int { return t.v4.bytes() + t.v6.bytes() }

// Bytes is the memory that a packed table holds.
func (p *Packed) Bytes() int { return cap(p.v4.octets) + cap(p.v6.octets) }

func (h *half) bytes() int {
	return 8*cap(h.starts) + 2*cap(h.values) + 16*cap(h.fine) + h.index.bytes() + 24*cap(h.wide)
}

func (x *index) bytes() int {
	return 4*cap(x.top) + 8*cap(x.nodes) + 4*cap(x.entries)
}
