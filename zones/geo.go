package zones

import (
	"bytes"
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

// family is one type's half: the records that every address gets. What the map orders differently but answers alike
// is one here, so that shares and scopes are those of the answers.
type family struct {
	table    *geoip.Table // of indexes into variants
	variants []variant
	fallback uint16 // the variant of resolvers in reserved space
}

// variant is an Answer section. The owners point to the question, the TTLs are to be filled in.
type variant struct {
	body    []byte
	records uint16
}

// newAddresses packs the answers of m. A POP without an address of a type hands over to the next in the
// order, so that whether a name has that type never depends on who asks. AAAA may be left out for everybody.
func newAddresses(m *steer.Map) *addresses {
	a := &addresses{steer: m}
	var last []uint16
	for i, is := range []func(netip.Addr) bool{netip.Addr.Is4, netip.Addr.Is6} {
		if i == 1 && len(m.NoIPv6) > 0 {
			continue
		}
		f := &a.families[i]
		of := f.pack(m, is)
		if f.variants[0].records == 0 {
			continue // no POP has such an address
		}
		f.fallback = of[m.Default]
		if len(f.variants) == len(m.Orders) { // each order has an answer of its own, with its number
			f.table = m.Table
			continue
		}
		if slices.Equal(of, last) { // where every POP has both, the table of A serves for AAAA
			f.table = a.families[0].table
			continue
		}
		f.table = m.Table.Derive(func(order uint16) uint16 { return of[order] })
		last = of
	}
	return a
}

// pack makes the variants, and gives the one of each order.
func (f *family) pack(m *steer.Map, is func(netip.Addr) bool) (of []uint16) {
	seen := map[string]uint16{}
	for _, order := range m.Orders {
		v := newVariant(m, order, is)
		i, ok := seen[string(v.body)]
		if !ok {
			i = uint16(len(f.variants))
			seen[string(v.body)] = i
			f.variants = append(f.variants, v)
		}
		of = append(of, i)
	}
	return of
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

// add packs those of addrs that are of a family, and says how many were. What another POP has given already (anycast)
// is not packed again (RFC 2181, 5).
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
		n++
		if v.has(data) {
			continue
		}
		v.body = append(v.body, 0xc0, nameAt, 0, typ, 0, 1, 0, 0, 0, 0, 0, byte(len(data)))
		v.body = append(v.body, data...)
		v.records++
	}
	return n
}

// has says whether that address is packed.
func (v *variant) has(data []byte) bool {
	for at := 0; at < len(v.body); at += 12 + len(data) {
		if bytes.Equal(v.body[at+12:at+12+len(data)], data) {
			return true
		}
	}
	return false
}

func (a *addresses) family(typ uint16) *family {
	if typ == typeAAAA {
		return &a.families[1]
	}
	return &a.families[0]
}

// has says whether the names of the map have that type. What one order has, all have.
func (a *addresses) has(typ uint16) bool {
	return a.family(typ).table != nil
}

// appendTo appends the records that the client of q gets.
func (a *addresses) appendTo(reply []byte, q *Question, ttl uint32, out *Outcome) []byte {
	f := a.family(q.Type)
	number, scope := f.find(&q.Client)
	v := &f.variants[number]
	base := len(reply)
	reply = append(reply, v.body...)
	for at := base; at < len(reply); at += 12 + int(reply[at+11]) {
		binary.BigEndian.PutUint32(reply[at+6:], ttl)
	}
	out.Answer += v.records
	out.Scope = scope
	return reply
}

// find returns the variant for a client, and the scope in which it holds (RFC 7871, 7.2.1).
func (f *family) find(c *Client) (number uint16, scope uint8) {
	if c.HasSubnet {
		number, scope = f.table.Find(c.Subnet)
		if number != geoip.Reserved {
			if len(f.variants) == 1 {
				scope = 0 // the whole table is one answer
			}
			return number, scope
		}
		// A private address says nothing of a place: the resolver's must do, for this subnet as it was sent.
		scope = c.Subnet.Bits
	}
	number, _ = f.table.Find(c.Resolver)
	if number == geoip.Reserved {
		number = f.fallback
	}
	return number, scope
}
