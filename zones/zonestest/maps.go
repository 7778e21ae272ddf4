package zonestest

import (
	"net/netip"
	"sync"
	"testing"

	"tinycdn/geoip"
	"tinycdn/zones/steer"
)

// Maps are "site", of one POP an answer and with any IPv6, "two", which gives two and no AAAA for the sake of one POP, and "six",
// whose POPs all have IPv6. They are made once, of the built-in table.
func Maps(t testing.TB) []*steer.Map {
	t.Helper()
	maps, err := builtInMaps()
	if err != nil {
		t.Fatal(err)
	}
	return maps
}

var builtInMaps = sync.OnceValues(func() ([]*steer.Map, error) {
	dbs, err := geoip.BuiltIn()
	if err != nil {
		return nil, err
	}
	defer dbs.Close()
	return steer.Compile(dbs, POPs, []steer.Rules{
		{Name: "site", Default: []string{"nyc"}, Nearest: true, Answers: 1, IPv6: "any"},
		{Name: "two", Default: []string{"syd"}, Nearest: true, Answers: 2},
		{Name: "six", Default: []string{"fra"}, POPs: []string{"nyc", "fra"}, Nearest: true, Answers: 1},
	})
})

// POPs are those of the maps: one with an address of each family, one with two of IPv4, one without IPv6.
var POPs = []steer.POP{
	{Name: "nyc", Addresses: addrs("192.0.2.1", "2001:db8:1::1"), Point: geoip.Point{Lat: 40.71, Lon: -74.01}},
	{Name: "fra", Addresses: addrs("192.0.2.2", "192.0.2.22", "2001:db8:2::1"), Point: geoip.Point{Lat: 50.11, Lon: 8.68}},
	{Name: "syd", Addresses: addrs("192.0.2.3"), Point: geoip.Point{Lat: -33.87, Lon: 151.21}},
}

func addrs(list ...string) (a []netip.Addr) {
	for _, s := range list {
		a = append(a, netip.MustParseAddr(s))
	}
	return a
}
