package told

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/steer"
)

// What explain says of Paris, in a map by distance and one with a rule, by what is said of the POPs.
func TestExplainSaysWhatHealthChanged(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 15, 0, 0, 0, time.Local)
	since := time.Date(2026, 11, 29, 14, 2, 31, 0, time.Local)
	yesterday := since.AddDate(0, 0, -1)
	const why = "nyc and syd: TLS handshake timed out"
	for name, c := range map[string]struct {
		of   string
		down []zones.Down
		want string
	}{
		"all are up":  {"site", nil, "fra: "},
		"the nearest": {"site", []zones.Down{{POP: "fra", A: true, AAAA: true, Since: since, Why: why}}, "nyc: fra is nearest, out since 14:02:31 (" + why + "); gets nyc"},
		"two of three": {"site", []zones.Down{{POP: "nyc", A: true, AAAA: true, Since: since}, {POP: "fra", A: true, AAAA: true, Since: yesterday}},
			"syd: fra is nearest, out since 2026-11-28 14:02:31; nyc is next, out since 14:02:31; gets syd"},
		"another one":        {"site", []zones.Down{{POP: "syd", A: true, AAAA: true, Since: since}}, "fra: "},
		"IPv6 alone":         {"site", []zones.Down{{POP: "fra", AAAA: true, Since: since}}, "fra: fra is nearest, out for IPv6 since 14:02:31; gets A of fra, AAAA of nyc"},
		"IPv4 alone":         {"site", []zones.Down{{POP: "fra", A: true, Since: since}}, "nyc: fra is nearest, out for IPv4 since 14:02:31; gets A of nyc, AAAA of fra"},
		"IPv4, without AAAA": {"old", []zones.Down{{POP: "fra", A: true, Since: since}}, "nyc: fra is first, out since 14:02:31; gets nyc"},
		"drained":            {"site", []zones.Down{{POP: "fra", Drained: true, Since: since, Why: "by ops"}}, "nyc: fra is nearest, drained since 14:02:31 (by ops); gets nyc"},
		"drained, the others are down": {"site", []zones.Down{{POP: "fra", Drained: true, Since: since}, {POP: "nyc", A: true, AAAA: true}, {POP: "syd", A: true, AAAA: true}},
			"fra: fra is nearest, drained since 14:02:31, but no other one is left: gets fra"},
		"all are down": {"site", []zones.Down{{POP: "fra", A: true, AAAA: true, Since: since, Why: why}, {POP: "nyc", A: true, AAAA: true}, {POP: "syd", A: true, AAAA: true}},
			"fra: fra is nearest, out since 14:02:31 (" + why + "), but no other one is left: gets fra"},
		"in doubt": {"site", []zones.Down{{POP: "fra", Doubt: true, Why: "nyc: refused"}}, "fra: fra may be down (nyc: refused): its addresses are given for 20 s at most"},
		"down, and the next in doubt": {"site", []zones.Down{{POP: "fra", A: true, AAAA: true, Since: since}, {POP: "nyc", Doubt: true}},
			"nyc: fra is nearest, out since 14:02:31; gets nyc\nnyc may be down: its addresses are given for 20 s at most"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := explainParis(t, c.of, c.down)
			if got := e.POP + ": " + strings.Join(healthTexts(e, now), "\n"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func explainParis(t *testing.T, of string, down []zones.Down) *zones.Explanation {
	t.Helper()
	dbs, err := geoip.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	defer dbs.Close()
	addrs := func(four, six string) []netip.Addr {
		return []netip.Addr{netip.MustParseAddr(four), netip.MustParseAddr(six)}
	}
	pops := []steer.POP{
		{Name: "nyc", Addresses: addrs("192.0.2.1", "2001:db8::1"), Point: geoip.Point{Lat: 40.71, Lon: -74.01}},
		{Name: "fra", Addresses: addrs("192.0.2.2", "2001:db8::2"), Point: geoip.Point{Lat: 50.11, Lon: 8.68}},
		{Name: "syd", Addresses: addrs("192.0.2.3", "2001:db8::3"), Point: geoip.Point{Lat: -33.87, Lon: 151.21}},
	}
	rules := steer.Rules{Name: of, Default: []string{"nyc"}, Nearest: true, Answers: 1}
	if of == "old" {
		for i := range pops {
			pops[i].Addresses = pops[i].Addresses[:1]
		}
		rules.Countries = []steer.Rule{{For: "FR", POPs: []string{"fra"}}}
	}
	maps, err := steer.Compile(dbs, pops, []steer.Rules{rules})
	if err != nil {
		t.Fatal(err)
	}
	store := zones.NewStore()
	if err := store.Update(func(d *zones.Draft) error { d.SetMaps(maps); d.SetDown(down, 20); return nil }); err != nil {
		t.Fatal(err)
	}
	paris := netip.MustParsePrefix("134.157.0.0/24")
	loc, _, err := dbs.Lookup(paris.Addr())
	if err != nil {
		t.Fatal(err)
	}
	e := &zones.Explanation{Map: of}
	if err := store.Current().Explain(e, paris, loc); err != nil {
		t.Fatal(err)
	}
	return e
}
