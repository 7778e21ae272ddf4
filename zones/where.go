package zones

import (
	"encoding/binary"
	"net/netip"

	"tinycdn/geoip"
	"tinycdn/zones/rr"
)

// appendWhere appends a TXT record that says whom the map gives the client of q, and by what that was decided. All in its scope get this
// very record, as they do with the addresses; but it names the resolver, so it may not be kept: its TTL is 0.
func (a *addresses) appendWhere(reply []byte, q *Question, out *Outcome) []byte {
	f := &a.families[0]
	if f.table == nil {
		f = &a.families[1]
	}
	reply = append(reply, 0xc0, nameAt, 0, rr.TypeTXT, 0, 1, 0, 0, 0, 0, 0, 0)
	data := len(reply)
	say := func(what, value string) {
		reply = append(reply, byte(len(what)+len(value)))
		reply = append(append(reply, what...), value...)
	}
	say("resolver ", q.Client.Resolver.Addr().String())
	if f.table == nil {
		say("map ", a.steer.Name)
	} else {
		number, scope := f.find(&q.Client)
		say(a.subnetText(f, &q.Client, scope))
		say("map ", a.steer.Name)
		for _, pop := range f.variants[number].pops(a) {
			say("pop ", pop)
		}
		out.Scope = scope
	}
	binary.BigEndian.PutUint16(reply[data-2:], uint16(len(reply)-data))
	out.Answer++
	return reply
}

// subnetText says which subnet decided: no more of it than all in the scope have in common.
func (a *addresses) subnetText(f *family, c *Client, scope uint8) (what, value string) {
	if !c.HasSubnet {
		return "no subnet: ", "the resolver's place decides"
	}
	prefix, _ := c.Subnet.Addr().Prefix(int(scope))
	if number, _ := f.table.Find(c.Subnet); number == geoip.Reserved {
		return "subnet ", prefix.String() + " is nowhere: the resolver's place decides"
	}
	return "subnet ", prefix.String()
}

// pops are those whose addresses a variant has.
func (v *variant) pops(a *addresses) (names []string) {
	for body := v.body; len(body) > 0; {
		n := int(body[11])
		addr, _ := netip.AddrFromSlice(body[12 : 12+n])
		if pop := a.owner(addr); len(names) == 0 || names[len(names)-1] != pop {
			names = append(names, pop)
		}
		body = body[12+n:]
	}
	return names
}
