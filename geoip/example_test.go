package geoip_test

import (
	"fmt"
	"net/netip"

	"tinycdn/geoip"
)

// Where is this address? The built-in table knows countries, and places to a degree.
func Example() {
	dbs, err := geoip.BuiltIn()
	if err != nil {
		panic(err)
	}
	defer dbs.Close()
	loc, around, err := dbs.Lookup(netip.MustParseAddr("129.78.1.2"))
	if err != nil {
		panic(err)
	}
	fmt.Println(loc.Country, loc.Continent, loc.Located)
	fmt.Println(around.Contains(netip.MustParseAddr("129.78.1.2")))
	// Output:
	// AU OC true
	// true
}

// A table answers for client subnets (RFC 7871): a value, and how much of the address it holds for.
func ExampleBuild() {
	dbs, err := geoip.BuiltIn()
	if err != nil {
		panic(err)
	}
	defer dbs.Close()
	const elsewhere, oceania, office = 0, 1, 2
	tables, err := geoip.Build(dbs, []geoip.Spec{{
		Unlocated: elsewhere,
		Decide: func(loc *geoip.Location) uint16 {
			if loc.Continent == "OC" {
				return oceania
			}
			return elsewhere
		},
		Networks: []geoip.Override{{
			Prefix: netip.MustParsePrefix("129.78.64.0/20"),
			Decide: func(*geoip.Location) uint16 { return office },
		}},
	}})
	if err != nil {
		panic(err)
	}
	for _, subnet := range []string{"129.78.65.0/24", "129.78.80.0/24", "10.0.0.0/8"} {
		value, scope := tables[0].Find(geoip.BlockOf(netip.MustParsePrefix(subnet)))
		fmt.Println(subnet, value, scope, value == geoip.Reserved)
	}
	// Output:
	// 129.78.65.0/24 2 20 false
	// 129.78.80.0/24 1 20 false
	// 10.0.0.0/8 65535 8 true
}
