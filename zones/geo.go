package zones

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"tinycdn/geoip"
	"tinycdn/zones/steer"
)

// addresses are the finished A and AAAA answers of one map. Names that use a map share them: only the TTL is a name's own.
type addresses struct {
	steer    *steer.Map
	families [2]family // A, AAAA
}

// family is one type's half: for each order of POPs, the records of the first that have any.
type family struct {
	of       []uint16 // by order: the index in variants
	variants []variant
}

// variant is the Answer section that some orders share. The owners point to the question, the TTLs are to be filled in.
type variant struct {
	body    []byte
	records uint16
}

// newAddresses packs the answers of m. A POP without an address of a type hands over to the next in the
// order, so that whether a name has that type never depends on who asks.
func newAddresses(m *steer.Map) *addresses {
	a := &addresses{steer: m}
	for f, is := range []func(netip.Addr) bool{netip.Addr.Is4, netip.Addr.Is6} {
		seen := map[string]uint16{}
		fam := family{of: make([]uint16, len(m.Orders))}
		for o, order := range m.Orders {
			v := newVariant(m, order, is)
			i, ok := seen[string(v.body)]
			if !ok {
				i = uint16(len(fam.variants))
				seen[string(v.body)] = i
				fam.variants = append(fam.variants, v)
			}
			fam.of[o] = i
		}
		a.families[f] = fam
	}
	return a
}

// newVariant packs the addresses of a family of the first POPs in order that have any. An order may have been cut short:
// the map's other POPs follow, so that none is missed that alone has IPv6.
func newVariant(m *steer.Map, order []uint8, is func(netip.Addr) bool) (v variant) {
	for i := range m.POPs {
		if !slices.Contains(order, uint8(i)) {
			order = append(slices.Clip(order), uint8(i))
		}
	}
	pops := 0
	for _, pop := range order {
		if v.add(m.POPs[pop].Addresses, is) > 0 {
			if pops++; pops == m.Answers {
				break
			}
		}
	}
	return v
}

// add packs those of addrs that are of a family, and says how many were.
func (v *variant) add(addrs []netip.Addr, is func(netip.Addr) bool) (n int) {
	for _, addr := range addrs {
		if !is(addr) {
			continue
		}
		typ := byte(typeAAAA)
		if addr.Is4() {
			typ = typeA
		}
		data := addr.AsSlice()
		v.body = append(v.body, 0xc0, nameAt, 0, typ, 0, 1, 0, 0, 0, 0, 0, byte(len(data)))
		v.body = append(v.body, data...)
		n++
	}
	v.records += uint16(n)
	return n
}

func (a *addresses) family(typ uint16) *family {
	if typ == typeAAAA {
		return &a.families[1]
	}
	return &a.families[0]
}

// has says whether any POP of the map has an address of that type. What one order has, all have.
func (a *addresses) has(typ uint16) bool {
	f := a.family(typ)
	return len(f.variants) > 0 && f.variants[0].records > 0
}

// appendTo appends the records that the client of q gets.
func (a *addresses) appendTo(reply []byte, q *Question, ttl uint32, out *Outcome) []byte {
	order, scope := a.find(&q.Client)
	f := a.family(q.Type)
	v := &f.variants[f.of[order]]
	base := len(reply)
	reply = append(reply, v.body...)
	for at := base; at < len(reply); at += 12 + int(reply[at+11]) {
		binary.BigEndian.PutUint32(reply[at+6:], ttl)
	}
	out.Answer += v.records
	out.Scope = scope
	return reply
}

// find returns the order of POPs for a client, and the scope in which it holds (RFC 7871, 7.2.1).
func (a *addresses) find(c *Client) (order uint16, scope uint8) {
	if c.HasSubnet {
		order, scope = a.steer.Table.Find(c.Subnet)
		if order != geoip.Reserved {
			return order, scope
		}
		// A private address says nothing of a place: the resolver's must do, for this subnet as it was sent.
		scope = c.Subnet.Bits
	}
	order, _ = a.steer.Table.Find(c.Resolver)
	if order == geoip.Reserved {
		order = a.steer.Default
	}
	return order, scope
}
