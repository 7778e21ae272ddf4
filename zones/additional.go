package zones

import (
	"slices"

	"tinycdn/zones/rr"
)

// addTargets adds the addresses of the names that the records of a set lead to, as far as they fit the smallest
// reply: nobody asked for them.
func (c *compiler) addTargets(set []record) {
	c.added = c.added[:0]
	for _, r := range set {
		switch r.typ {
		case rr.TypeNS:
			c.addAddresses(r.data, roomyBody)
		case rr.TypeMX:
			c.addAddresses(r.data[2:], roomyBody)
		case rr.TypeSRV:
			c.addAddresses(r.data[6:], roomyBody)
		}
	}
}

// addAddresses adds the A and AAAA records of a name of this zone to the additional section, each set whole
// and only while the body stays within limit octets; 0 is no limit. A geo name's are never added: they depend on
// who asks.
func (c *compiler) addAddresses(target []byte, limit int) {
	var lower [rr.MaxName]byte
	name := append(lower[:0], target...)
	rr.Lower(name)
	o, ok := c.find(name)
	if !ok || slices.Contains(c.added, o) {
		return
	}
	c.added = append(c.added, o)
	for _, typ := range [2]uint16{rr.TypeA, rr.TypeAAAA} {
		before := c.pack.mark()
		set := takeAll(c.ofType(o, typ))
		for _, r := range set {
			c.pack.additional(target, typ, set[0].ttl, r.data)
		}
		if limit > 0 && len(c.pack.body) > limit {
			c.pack.backTo(before)
			return
		}
	}
}

// ofType gives the records of a type that an owner has, until it is asked again.
func (c *compiler) ofType(o int, typ uint16) []record {
	c.some = c.some[:0]
	for at := c.owners[o].first; at != 0; {
		r := c.record(at)
		if at = r.next; r.typ == typ {
			c.some = append(c.some, r)
		}
	}
	return c.some
}
