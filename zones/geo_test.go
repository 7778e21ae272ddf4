package zones_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/steer"
	"tinycdn/zones/zonestest"
)

// given are the addresses of a reply.
func given(m *dns.Msg) (list []netip.Addr) {
	for _, rr := range m.Answer {
		switch rr := rr.(type) {
		case *dns.A:
			a, _ := netip.AddrFromSlice(rr.A.To4())
			list = append(list, a)
		case *dns.AAAA:
			a, _ := netip.AddrFromSlice(rr.AAAA)
			list = append(list, a)
		}
	}
	return list
}

// Clients from all over the world get what the map's own table has for them, by their subnet or by their resolver's address.
func TestGeoNamesAreAnsweredByWhereTheClientIs(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, map[string]string{
		"example.org": "$TTL 60\n@ SOA ns.test. h.test. 1 2 3 4 30\n@ NS ns.test.\none 30 GEO\ntwo 40 GEO two\nsix 50 GEO six\n*.w 60 GEO two\n",
	})
	pops := map[uint8]bool{}
	for i, name := range []string{"one", "two", "six", "a.w"} {
		m := zonestest.Maps(t)[[]int{0, 1, 2, 1}[i]]
		for _, client := range []string{
			"134.157.0.1", "129.78.0.1", "18.26.0.1", "133.11.0.1", "196.21.0.1", "200.144.0.1", "8.8.8.8", "81.2.69.1",
			"2a02:8100::1", "2001:4860:4860::8888", "2001:388::1", "127.0.0.1", "10.0.0.1", "::1", "fd00::1",
		} {
			block := geoip.BlockOfAddr(netip.MustParseAddr(client))
			order, _ := m.Table.Find(block)
			if order == geoip.Reserved {
				order = m.Default
			}
			pops[m.Orders[order][0]] = true
			for _, typ := range []uint16{dns.TypeA, dns.TypeAAAA} {
				want := zonestest.Addresses(m, order, typ)
				for how, c := range map[string]zones.Client{
					"resolver": {Resolver: block},
					"subnet":   {Resolver: nowhere, Subnet: block, HasSubnet: true},
				} {
					got, out := ask(t, f.Store.Current(), asked{name: name + ".example.org.", typ: typ, client: c})
					if !slices.Equal(given(got), want) || len(want) > 0 && got.Answer[0].Header().Ttl != 30+10*uint32(i) || !out.Authoritative {
						t.Errorf("%s %s for the %s %s: got %v, want %v", name, dns.Type(typ), how, client, got.Answer, want)
					}
					if (!c.HasSubnet || len(want) == 0) && out.Scope != 0 {
						t.Errorf("%s %s for the resolver %s: scope %d without a subnet or an address", name, dns.Type(typ), client, out.Scope)
					}
				}
			}
		}
	}
	if len(pops) != len(zonestest.POPs) {
		t.Errorf("only the POPs %v were met", pops)
	}
}

// RFC 7871, 7.2.1: whoever is within the scope of an answer gets the same.
func TestAnAnswerHoldsWithinItsScope(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	at := func(addr netip.Addr, bits int) ([]netip.Addr, uint8) {
		p, _ := addr.Prefix(bits)
		c := zones.Client{Resolver: nowhere, Subnet: geoip.BlockOf(p), HasSubnet: true}
		got, out := ask(t, f.Store.Current(), asked{name: "www.example.org.", typ: dns.TypeA, client: c})
		return given(got), out.Scope
	}
	for _, s := range []string{"134.157.0.0", "129.78.0.0", "18.26.0.0", "133.11.0.0", "81.2.69.0", "10.1.0.0"} {
		addr := netip.MustParseAddr(s)
		want, scope := at(addr, 24)
		if scope == 0 || scope > 32 {
			t.Errorf("%s: scope %d", s, scope)
			continue
		}
		within, _ := addr.Prefix(int(scope))
		first := within.Addr().As4()
		span := uint64(1) << (32 - scope)
		for step := range uint64(64) {
			n := uint64(first[0])<<24 | uint64(first[1])<<16 | uint64(first[2])<<8 | uint64(first[3])
			n += step * span / 64
			other := netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
			if got, _ := at(other, 32); !slices.Equal(got, want) {
				t.Errorf("%s is given %v with scope %d, but %s is given %v", s, want, scope, other, got)
			}
		}
	}
}

// A map that gives everybody the same needs no scope: its answer is everybody's.
func TestOneAnswerForAllHasScopeZero(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, map[string]string{
		"example.org": "$TTL 60\n@ SOA ns.test. h.test. 1 2 3 4 30\n@ NS ns.test.\nwww 30 GEO\n",
	})
	dbs, err := geoip.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	defer dbs.Close()
	one, err := steer.Compile(dbs, zonestest.POPs[:1], []steer.Rules{{Name: "site", Default: []string{"nyc"}, Nearest: true, Answers: 1}})
	if err != nil {
		t.Fatal(err)
	}
	f.SetMaps(t, one)
	c := zones.Client{Resolver: nowhere, Subnet: geoip.BlockOf(netip.MustParsePrefix("134.157.0.0/24")), HasSubnet: true}
	if _, out := ask(t, f.Store.Current(), asked{name: "www.example.org.", typ: dns.TypeA, client: c}); out.Scope != 0 || out.Answer != 1 {
		t.Errorf("got %+v", out)
	}
}

// A CNAME to a geo name stands alone: what it leads to depends on the client, and the CNAME does not.
func TestAnAliasOfAGeoNameStandsAlone(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	for _, name := range []string{"old", "older"} {
		got, out := ask(t, f.Store.Current(), asked{name: name + ".example.org.", typ: dns.TypeA})
		if len(given(got)) != 0 || out.Scope != 0 || len(got.Answer) == 0 {
			t.Errorf("%s: got %v, scope %d", name, got.Answer, out.Scope)
		}
	}
}
