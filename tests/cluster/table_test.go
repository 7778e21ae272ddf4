package cluster

import (
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// A table says by hand whom visitors are sent to: it goes through all networks there are for each of them.
type table struct {
	pops     []spot
	segments map[bool][]segment // of IPv4 (true) and IPv6, by address; each ends where the next one begins
}

// spot is a POP.
type spot struct {
	name     string
	lat, lon float64
	a, aaaa  string
}

// segment is a part of all addresses in which everybody is sent to the same POPs.
type segment struct {
	first netip.Addr
	order string // names, the nearest first; "": their resolvers decide
}

// place is a network of the database, or one that a rule sends to a POP.
type place struct {
	prefix   netip.Prefix
	lat, lon float64
	rule     string // the POP; "": distance decides
}

// nowhere is who is placed by his resolver, and who is placed by an address of IPv4 within his own.
var nowhere = []string{
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
	"::/127", "::ffff:0:0/96", "64:ff9b::/96", "2002::/16", "fc00::/7", "fe80::/9", "ff00::/8",
}

// newTable is one of POPs, the first of which is the default.
func newTable(pops []spot, places []place) *table {
	tb := &table{pops, map[bool][]segment{}}
	var reserved, all []netip.Prefix
	for _, text := range nowhere {
		reserved = append(reserved, netip.MustParsePrefix(text))
	}
	for _, p := range places {
		all = append(all, p.prefix)
	}
	for _, first := range []string{"0.0.0.0", "::"} {
		a := netip.MustParseAddr(first)
		edges := []netip.Addr{a}
		for _, p := range append(all, reserved...) {
			if p.Addr().Is4() != a.Is4() {
				continue
			}
			if edges = append(edges, p.Addr()); last(p).Next().IsValid() {
				edges = append(edges, last(p).Next())
			}
		}
		slices.SortFunc(edges, netip.Addr.Compare)
		for _, edge := range slices.Compact(edges) {
			tb.segments[a.Is4()] = append(tb.segments[a.Is4()], segment{edge, tb.orderOf(edge, places, reserved)})
		}
	}
	return tb
}

// orderOf is the order for an address: rules come before what is nowhere, and that before the database.
func (tb *table) orderOf(a netip.Addr, places []place, reserved []netip.Prefix) string {
	holds := func(p netip.Prefix) bool { return p.Contains(a) }
	i := slices.IndexFunc(places, func(p place) bool { return holds(p.prefix) })
	switch {
	case i >= 0 && places[i].rule != "":
		return tb.nearest(tb.spot(places[i].rule))
	case slices.ContainsFunc(reserved, holds):
		return ""
	case i >= 0:
		return tb.nearest(spot{lat: places[i].lat, lon: places[i].lon})
	}
	return tb.nearest(tb.pops[0])
}

func (tb *table) spot(name string) spot {
	return tb.pops[slices.IndexFunc(tb.pops, func(s spot) bool { return s.name == name })]
}

// nearest are the POPs by their distance from a place.
func (tb *table) nearest(to spot) string {
	pops := slices.Clone(tb.pops)
	slices.SortStableFunc(pops, func(x, y spot) int {
		if far(x, to) < far(y, to) {
			return -1
		}
		return 1
	})
	var order []string
	for _, s := range pops {
		order = append(order, s.name)
	}
	return strings.Join(order, " ")
}

// far grows with the distance of two places on a sphere.
func far(x, y spot) float64 {
	const rad = math.Pi / 180
	return -(math.Sin(x.lat*rad)*math.Sin(y.lat*rad) + math.Cos(x.lat*rad)*math.Cos(y.lat*rad)*math.Cos((x.lon-y.lon)*rad))
}

// answer is what a visitor gets while the POPs of mask are out, and for how many bits of his address.
func (tb *table) answer(client netip.Addr, typ uint16, mask []string) (address string, scope int) {
	segments := tb.segments[client.Is4()]
	i := 0
	for i+1 < len(segments) && segments[i+1].first.Compare(client) <= 0 {
		i++
	}
	address = tb.given(segments[i].order, typ, mask)
	if tb.isForAll(address, typ, mask) {
		return address, 0
	}
	for scope = client.BitLen(); scope > 0; scope-- {
		wider, _ := client.Prefix(scope - 1)
		for j, s := range segments {
			within := wider.Contains(s.first) || s.first.Compare(wider.Addr()) < 0 && (j+1 == len(segments) || segments[j+1].first.Compare(wider.Addr()) > 0)
			if within && tb.given(s.order, typ, mask) != address {
				return address, scope
			}
		}
	}
	return address, 0
}

// isForAll says whether nobody gets anything else: then nobody's resolver decides anything, either.
func (tb *table) isForAll(address string, typ uint16, mask []string) bool {
	for _, s := range slices.Concat(tb.segments[true], tb.segments[false]) {
		if s.order != "" && tb.given(s.order, typ, mask) != address {
			return false
		}
	}
	return true
}

// given is the address of the first POP of an order that is not out; all are as good as up if none is left.
func (tb *table) given(order string, typ uint16, mask []string) string {
	for _, name := range strings.Fields(order) {
		if slices.Contains(mask, name) && len(mask) < len(tb.pops) {
			continue
		}
		if s := tb.spot(name); typ == dns.TypeA {
			return s.a
		} else {
			return s.aaaa
		}
	}
	return "his resolver's"
}

// clients are visitors on both sides of each border.
func (tb *table) clients() (list []netip.Addr) {
	for _, is4 := range []bool{true, false} {
		segments := tb.segments[is4]
		for i, s := range segments {
			if s.order == "" {
				continue
			}
			list = append(list, s.first)
			if i+1 < len(segments) {
				list = append(list, segments[i+1].first.Prev())
			}
		}
	}
	return list
}

// last is the last address of a prefix.
func last(p netip.Prefix) netip.Addr {
	octets := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < p.Addr().BitLen(); bit++ {
		octets[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(octets)
	return a
}

// TestTheTableOfTheTestsIsRight by a world that is small enough to be seen at once.
func TestTheTableOfTheTestsIsRight(t *testing.T) {
	t.Parallel()
	tb := newTable([]spot{{"nyc", 40, -74, "192.0.2.1", "2001:db8::1"}, {"fra", 50, 8, "192.0.2.2", "2001:db8::2"}}, []place{
		{prefix: netip.MustParsePrefix("81.0.0.0/8"), lat: 51, lon: 0}, {prefix: netip.MustParsePrefix("2a00::/12"), lat: 51, lon: 0},
		{prefix: netip.MustParsePrefix("203.0.113.0/24"), rule: "fra"},
	})
	for _, test := range []struct {
		client, mask, want string
		typ                uint16
		scope              int
	}{
		{"81.0.0.0", "", "192.0.2.2", dns.TypeA, 8}, {"81.255.255.255", "", "2001:db8::2", dns.TypeAAAA, 8},
		{"80.255.255.255", "", "192.0.2.1", dns.TypeA, 8}, {"81.2.3.4", "fra", "192.0.2.1", dns.TypeA, 0},
		{"203.0.113.9", "", "192.0.2.2", dns.TypeA, 24}, {"203.0.112.255", "", "192.0.2.1", dns.TypeA, 24},
		{"2a00::1", "", "2001:db8::2", dns.TypeAAAA, 12}, {"2b00::1", "", "2001:db8::1", dns.TypeAAAA, 8}, {"81.2.3.4", "nyc fra", "192.0.2.2", dns.TypeA, 8},
	} {
		got, scope := tb.answer(netip.MustParseAddr(test.client), test.typ, strings.Fields(test.mask))
		if got != test.want || scope != test.scope {
			t.Errorf("%s without %q: got %s /%d, want %s /%d", test.client, test.mask, got, scope, test.want, test.scope)
		}
	}
}
