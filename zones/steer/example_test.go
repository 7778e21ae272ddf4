package steer_test

import (
	"fmt"
	"net/netip"

	"tinycdn/geoip"
	"tinycdn/zones/steer"
)

// Visitors go to the POP that is nearest, those of one country to another one.
func ExampleCompile() {
	pops := []steer.POP{
		{Name: "nyc", Point: geoip.Point{Lat: 40.71, Lon: -74.01}},
		{Name: "fra", Point: geoip.Point{Lat: 50.11, Lon: 8.68}},
		{Name: "syd", Point: geoip.Point{Lat: -33.87, Lon: 151.21}},
	}
	rules := []steer.Rules{{
		Name: "site", Default: []string{"nyc"}, Nearest: true, Answers: 1,
		Countries: []steer.Rule{{For: "JP", POPs: []string{"nyc"}}},
	}}
	dbs, err := geoip.BuiltIn()
	if err != nil {
		panic(err)
	}
	defer dbs.Close()
	maps, err := steer.Compile(dbs, pops, rules)
	if err != nil {
		panic(err)
	}
	site := maps[0]
	for _, s := range []string{"134.157.0.1", "129.78.0.1", "133.11.0.1"} {
		addr := netip.MustParseAddr(s)
		loc, _, err := dbs.Lookup(addr)
		if err != nil {
			panic(err)
		}
		why := site.Explain(loc, addr)
		fmt.Print(loc.Country, ", by ", why.Rule, ":")
		for _, choice := range why.POPs {
			fmt.Printf(" %s", choice.POP.Name)
		}
		fmt.Println()
	}
	// Output:
	// FR, by nearest: fra nyc syd
	// AU, by nearest: syd nyc fra
	// JP, by country: nyc syd fra
}
