package zones

import (
	"bytes"
	"encoding/binary"
	"math"
	"net/netip"
	"slices"

	"tinycdn/geoip"
	"tinycdn/zones/records"
	"tinycdn/zones/rr"
	"tinycdn/zones/steer"
)

// Families says which addresses maps have, by their names.
type Families = records.Families

// FamiliesOf says which addresses these maps have while all POPs are up.
func FamiliesOf(list []*steer.Map) Families {
	families := Families{}
	for _, m := range list {
		families[m.Name] = familiesOf(m)
	}
	return families
}

func familiesOf(m *steer.Map) (f records.Family) {
	for _, pop := range m.POPs {
		f.A = f.A || slices.ContainsFunc(pop.Addresses, inFamily[0])
		f.AAAA = f.AAAA || len(m.NoIPv6) == 0 && slices.ContainsFunc(pop.Addresses, inFamily[1])
	}
	return f
}

// addresses are the finished A and AAAA answers of one map. Names that use a map share them: only the TTL is a name's own.
type addresses struct {
	steer    *steer.Map
	families [2]family  // A, AAAA
	whole    *addresses // the same as long as all POPs are up; it may be this
}

// family is one type's half: the records that every address gets. What the map orders differently but answers alike
// is one here, so that shares and scopes are those of the answers.
type family struct {
	table    *geoip.Table // of indexes into variants; nil: there are no such answers
	of       []uint16     // the variant of each of the map's orders
	variants []variant
	fallback uint16 // the variant of resolvers in reserved space
	passed   []bool // the POPs that are passed over; nil: none are
}

// variant is an Answer section. The owners point to the question, the TTLs are to be filled in.
type variant struct {
	body    []byte
	records uint16
	most    uint32 // of a TTL
}

// inFamily tells the addresses of each family.
var inFamily = [2]func(netip.Addr) bool{netip.Addr.Is4, netip.Addr.Is6}

// newAddresses packs the answers of m while all POPs are up. A POP without an address of a type hands over to the next in the
// order, so that whether a name has that type never depends on who asks. AAAA may be left out for everybody.
func newAddresses(m *steer.Map, made *tables) *addresses {
	a := &addresses{steer: m}
	a.whole = a
	for i := range a.families {
		if i == 1 && len(m.NoIPv6) > 0 {
			continue
		}
		a.families[i] = newFamily(m, i, nil, made)
	}
	return a
}

// newFamily packs the answers of a family, and finds a table for them.
func newFamily(m *steer.Map, number int, passed []bool, made *tables) family {
	f := family{passed: passed}
	f.pack(m, inFamily[number])
	if f.variants[0].records == 0 {
		return family{} // no POP has such an address
	}
	f.fallback = f.of[m.Default]
	f.table = made.derive(m.Table, f.of)
	return f
}

// pack makes the variants, and notes the one of each order.
func (f *family) pack(m *steer.Map, is func(netip.Addr) bool) {
	seen := map[string]uint16{}
	for _, order := range m.Orders {
		v := newVariant(m, order, f.passed, is)
		i, ok := seen[string(v.body)]
		if !ok {
			i = uint16(len(f.variants))
			seen[string(v.body)] = i
			f.variants = append(f.variants, v)
		}
		f.of = append(f.of, i)
	}
}

// newVariant packs the addresses of a family of the first POPs in order that have any and are not passed over. An order may have
// been cut short: the map's other POPs follow, so that none is missed that alone has IPv6, or alone is up.
func newVariant(m *steer.Map, order []uint8, passed []bool, is func(netip.Addr) bool) variant {
	for i := range m.POPs {
		if !slices.Contains(order, uint8(i)) {
			order = append(slices.Clip(order), uint8(i))
		}
	}
	v := variant{most: math.MaxUint32}
	pops := 0
	for _, pop := range order {
		if passed != nil && passed[pop] {
			continue
		}
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
		typ := byte(rr.TypeAAAA)
		if addr.Is4() {
			typ = rr.TypeA
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
	if typ == rr.TypeAAAA {
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
	ttl = min(ttl, v.most)
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
