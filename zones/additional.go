package zones

import (
	"slices"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
)

// addTargets adds the addresses of the names that the records of a set lead to, as far as they fit the smallest
// reply: nobody asked for them.
func (c *compiler) addTargets(set []records.Record) {
	c.added = c.added[:0]
	for _, r := range set {
		switch r.Type {
		case rr.TypeNS:
			c.addAddresses(r.Data, roomyBody)
		case rr.TypeMX:
			c.addAddresses(r.Data[2:], roomyBody)
		case rr.TypeSRV:
			c.addAddresses(r.Data[6:], roomyBody)
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
	o, ok := c.Find(name)
	if !ok || slices.Contains(c.added, o) {
		return
	}
	c.added = append(c.added, o)
	for _, typ := range [2]uint16{rr.TypeA, rr.TypeAAAA} {
		before := c.pack.mark()
		c.some = c.OfType(c.some[:0], o, typ)
		set := records.TakeAll(c.some)
		for _, r := range set {
			c.pack.additional(target, typ, set[0].TTL, r.Data)
		}
		if limit > 0 && len(c.pack.body) > limit {
			c.pack.backTo(before)
			return
		}
	}
}
