package steer

import (
	"net/netip"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"tinycdn/geoip"
	"tinycdn/geoip/geoiptest"
)

// place is a network of the test database.
type place struct {
	network, country, region string
	lat, lon                 float64 // 0,0: not known
	asn                      uint32
}

var places = []place{
	{"192.0.2.0/26", "US", "NY", 40.7, -74.0, 1},
	{"192.0.2.64/26", "US", "HI", 21.3, -157.8, 1},
	{"192.0.2.128/26", "FR", "IDF", 48.85, 2.35, 2},
	{"192.0.2.192/26", "NZ", "AUK", -36.85, 174.76, 3},
	{"198.51.100.0/26", "ZA", "", -33.9, 18.4, 4},
	{"198.51.100.64/26", "JP", "", 35.7, 139.7, 4804},
	{"198.51.100.128/26", "", "", 0, 0, 5},   // only its AS is known
	{"198.51.100.192/26", "DE", "", 0, 0, 6}, // only its country is known
	{"203.0.113.0/24", "GB", "", 51.5, -0.1, 7},
	{"2001:db8::/48", "FR", "IDF", 48.85, 2.35, 2},
	{"2001:db8:1::/48", "AU", "NSW", -33.87, 151.2, 8},
}

func testDatabases(t testing.TB) *geoip.Databases {
	t.Helper()
	return databasesOf(t, places)
}

func databasesOf(t testing.TB, places []place) *geoip.Databases {
	t.Helper()
	path := geoiptest.Write(t, mmdbwriter.Options{}, func(insert func(string, mmdbtype.DataType)) {
		for _, p := range places {
			record := mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(p.asn)}
			if p.country != "" {
				record["country_code"] = mmdbtype.String(p.country)
			}
			if p.region != "" {
				record["region_code"] = mmdbtype.String(p.region)
			}
			if p.lat != 0 {
				record["latitude"], record["longitude"] = mmdbtype.Float64(p.lat), mmdbtype.Float64(p.lon)
			}
			insert(p.network, record)
		}
	})
	d, err := geoip.Open([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// world has a POP on each of four continents.
var world = []POP{
	{Name: "nyc", Point: geoip.Point{Lat: 40.71, Lon: -74.01}, Addresses: addresses("192.0.2.1", "2001:db8:1::1")},
	{Name: "fra", Point: geoip.Point{Lat: 50.11, Lon: 8.68}, Addresses: addresses("192.0.2.2", "2001:db8:2::1")},
	{Name: "syd", Point: geoip.Point{Lat: -33.87, Lon: 151.21}, Addresses: addresses("192.0.2.3")},
	{Name: "sao", Point: geoip.Point{Lat: -23.55, Lon: -46.63}, Addresses: addresses("192.0.2.4", "2001:db8:4::1")},
}

func addresses(all ...string) (list []netip.Addr) {
	for _, a := range all {
		list = append(list, netip.MustParseAddr(a))
	}
	return list
}
