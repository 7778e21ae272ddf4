package zones

import (
	"net/netip"
	"testing"

	"tinycdn/geoip"
	"tinycdn/zones/steer"
)

// Where all POPs have addresses of both types, one table serves for the answers of both.
func TestATableServesForAllThatItCan(t *testing.T) {
	t.Parallel()
	dbs, err := geoip.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	defer dbs.Close()
	pops := threePOPs()
	for used := 1; used <= 3; used++ {
		maps, err := steer.Compile(dbs, pops[:used], []steer.Rules{{Name: "site", Default: []string{"nyc"}, Nearest: true, Answers: 1}})
		if err != nil {
			t.Fatal(err)
		}
		a := newAddresses(maps[0], &tables{})
		if a.families[0].table != a.families[1].table {
			t.Errorf("%d POPs: AAAA has a table of its own", used)
		}
		for _, address := range []string{"134.157.0.1", "129.78.0.1", "18.26.0.1", "10.0.0.1", "2a02:8100::1", "2001:388::1"} {
			block := geoip.BlockOfAddr(netip.MustParseAddr(address))
			order, _ := maps[0].Table.Find(block)
			if order == geoip.Reserved {
				order = maps[0].Default
			}
			number, _ := a.families[0].find(&Client{Resolver: block})
			want := newVariant(maps[0], maps[0].Orders[order], nil, netip.Addr.Is4)
			if got := a.families[0].variants[number]; string(got.body) != string(want.body) {
				t.Errorf("%d POPs, %s: got %x, want %x", used, address, got.body, want.body)
			}
		}
	}
}
