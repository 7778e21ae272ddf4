package steer

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"tinycdn/geoip"
)

// mixed are POPs of which two have both families, one no IPv6 and one no IPv4.
var mixed = []POP{
	{Name: "nyc", Point: world[0].Point, Addresses: addresses("192.0.2.1", "2001:db8:1::1")},
	{Name: "fra", Point: world[1].Point, Addresses: addresses("192.0.2.2", "2001:db8:2::1")},
	{Name: "syd", Point: world[2].Point, Addresses: addresses("192.0.2.3")},
	{Name: "sao", Point: world[3].Point, Addresses: addresses("2001:db8:4::1")},
}

// TestFamilies holds which maps give AAAA, what their operator is told, and what is a mistake.
func TestFamilies(t *testing.T) {
	t.Parallel()
	const leftOut = `AAAA is left out, because syd has no IPv6: add an address; or write ipv6 = "any", and visitors with IPv6 `
	for _, c := range []struct {
		rules  Rules
		noIPv6 string
		want   string // mistakes and notes
	}{
		{Rules{POPs: head("nyc fra"), Default: head("nyc"), Nearest: true}, "", ""},
		{Rules{POPs: head("nyc syd"), Default: head("nyc"), Nearest: true}, "syd",
			leftOut + `near syd go to nyc, 15,990 km further; or ipv6 = "all" if this is meant`},
		{Rules{POPs: head("nyc syd"), Default: head("nyc"), Nearest: true, IPv6: "all"}, "syd", ""},
		{Rules{POPs: head("nyc syd fra"), Default: head("nyc"), Nearest: true, IPv6: "any"}, "",
			"ipv6: syd has no IPv6: visitors near it that have IPv6 go to nyc, 15,990 km further"},
		{Rules{POPs: head("nyc syd fra"), Default: head("nyc"), Nearest: true, IPv6: "any", Bias: map[string]float64{"nyc": 3}}, "",
			"ipv6: syd has no IPv6: visitors near it that have IPv6 go to fra, 16,480 km further"},
		{Rules{POPs: head("syd"), Default: head("syd"), Nearest: true}, "syd", ""}, // no POP has IPv6
		{Rules{POPs: head("nyc sao"), Default: head("nyc"), Nearest: true}, "",
			"sao has no IPv4: visitors near it that have no IPv6 go to nyc, 7,690 km further"},
		{Rules{Default: head("nyc"), Nearest: true}, "syd",
			`mistake: sao has no IPv4 and syd has no IPv6, so no kind of address is one that all its POPs have: add what is missing, or write ipv6 = "any"`},
		{Rules{Default: head("nyc"), Nearest: true, IPv6: "any"}, "", `sao has no IPv4: visitors near it that have no IPv6 go to nyc, 7,690 km further
ipv6: syd has no IPv6: visitors near it that have IPv6 go to sao, 13,360 km further`},
		{Rules{Default: head("nyc"), Nearest: true, IPv6: "some"}, "", `mistake: ipv6: "some" is neither "all" nor "any"`},

		// Without distance, the rules and the default say who is reached.
		{Rules{Default: head("nyc")}, "", ""},
		{Rules{Default: head("nyc fra"), Countries: []Rule{{"NZ", head("fra")}}}, "", ""},
		{Rules{Default: head("nyc"), POPs: head("nyc fra syd"), Continents: []Rule{{"OC", head("fra syd")}}}, "syd",
			leftOut + `sent to syd go to nyc, 15,990 km further; or ipv6 = "all" if this is meant`},
		{Rules{Default: head("nyc"), POPs: head("nyc syd"), Networks: []Rule{{"192.0.2.0/24", head("syd")}}, IPv6: "all"}, "syd", ""},
		{Rules{Default: head("nyc"), POPs: head("nyc syd"), ASNs: []Rule{{"AS1", head("syd")}}, IPv6: "all"}, "syd", ""},
		{Rules{Default: head("nyc"), POPs: head("nyc syd"), Regions: []Rule{{"US-HI", head("syd")}}, IPv6: "all"}, "syd", ""},
		{Rules{Default: head("nyc"), POPs: head("nyc fra syd"), Answers: 2}, "", ""}, // fra is the second
		{Rules{Default: head("nyc"), POPs: head("nyc syd"), Answers: 2, IPv6: "all"}, "syd", ""},
	} {
		c.rules.Answers = max(c.rules.Answers, 1)
		var told []string
		report := func(prefix string) func(keys []string, format string, args ...any) {
			return func(keys []string, format string, args ...any) {
				key := strings.Join(append(slices.Clone(keys), ""), ": ")
				told = append(told, prefix+key+fmt.Sprintf(format, args...))
			}
		}
		if c.rules.Check(mixed, report("mistake: ")); len(told) == 0 {
			p := newPolicy(&c.rules, mixed)
			if got := strings.Join(p.noIPv6(&c.rules), " "); got != c.noIPv6 {
				t.Errorf("%+v: no AAAA for the sake of %q, want %q", c.rules, got, c.noIPv6)
			}
			c.rules.familyNotes(mixed, report(""))
		}
		if got := strings.Join(told, "\n"); got != c.want {
			t.Errorf("%+v: got\n%s\nwant\n%s", c.rules, got, c.want)
		}
	}
}

// Where no distance counts, whoever asks gets a POP that is known to be reached: the tables say the same as reached.
func TestOnlyReachedPOPsAreGiven(t *testing.T) {
	t.Parallel()
	d := testDatabases(t)
	for _, rules := range []Rules{
		{Default: head("nyc")},
		{Default: head("nyc"), Answers: 2},
		{Default: head("nyc"), Answers: 3, Continents: []Rule{{"EU", head("fra sao")}}},
		{Default: head("nyc"), Countries: []Rule{{"NZ", head("syd")}}, Networks: []Rule{{"10.0.0.0/8", head("fra")}}},
		{Default: head("nyc"), Nearest: true},
	} {
		m := compile(t, d, world, rules)
		reached := m.policy.reached()
		for _, order := range m.Orders {
			for _, pop := range order[:m.Answers] {
				if !slices.Contains(reached, pop) {
					t.Errorf("%+v: %s is given, but not among %v", rules, m.POPs[pop].Name, m.policy.names(reached))
				}
			}
		}
	}
}

func TestManyPOPsWithoutAFamilyAreNotAllNamed(t *testing.T) {
	t.Parallel()
	for names, want := range map[string]string{"a": "a has", "a b": "a and b have", "a b c d": "a, b, c and d have", "a b c d e": "a, b, c and 2 others have"} {
		if got := have(strings.Fields(names)); got != want {
			t.Errorf("%s: got %q, want %q", names, got, want)
		}
	}
}

// TestDatabaseNotes holds what is told of databases that know too little for a map.
func TestDatabaseNotes(t *testing.T) {
	t.Parallel()
	all := geoip.Fields{Country: true, Coordinates: true, Region: true, ASN: true}
	city := geoip.Fields{Country: true, Coordinates: true, Region: true}
	coarse := geoip.Fields{Country: true}
	asn := geoip.Fields{ASN: true}
	nearest := Rules{Name: "site", Nearest: true}
	ruled := Rules{Name: "site", Nearest: true, ASNs: []Rule{{"AS1", head("nyc")}}, Countries: []Rule{{"NZ", head("syd")}},
		Regions: []Rule{{"US-HI", head("syd")}}, Continents: []Rule{{"EU", head("fra")}}, Networks: []Rule{{"10.0.0.0/8", head("fra")}}}
	both := func(has geoip.Fields) geoip.Info { return geoip.Info{IPv4: true, IPv6: true, Has: has} }
	only4 := func(has geoip.Fields) geoip.Info { return geoip.Info{IPv4: true, Has: has} }
	for _, c := range []struct {
		rules     Rules
		databases []geoip.Info
		want      string
	}{
		{nearest, []geoip.Info{both(city)}, ""},
		{ruled, []geoip.Info{both(all)}, ""},
		{ruled, []geoip.Info{both(city), both(asn)}, ""},
		{nearest, []geoip.Info{only4(city), {IPv6: true, Has: city}}, ""},
		{nearest, []geoip.Info{only4(city)}, "no database has places for IPv6: all IPv6 visitors get the default of map site"},
		{nearest, []geoip.Info{{IPv6: true, Has: city}}, "no database has places for IPv4: all IPv4 visitors get the default of map site"},
		{nearest, []geoip.Info{both(asn)}, "no database has places: everybody gets the default of map site"},
		{nearest, []geoip.Info{both(asn), only4(city)}, "no database has places for IPv6: all IPv6 visitors get the default of map site"},
		{nearest, []geoip.Info{both(coarse)}, "no database has coordinates: visitors count as being where their country's people are, so all of a country goes to one POP"},
		{ruled, []geoip.Info{both(city)}, "asns: no database has AS numbers: these rules fit nobody"},
		{ruled, []geoip.Info{both(city), only4(asn)}, "asns: no database has AS numbers for IPv6: these rules fit nobody with IPv6"},
		{ruled, []geoip.Info{both(asn)}, `regions: no database has regions: these rules fit nobody
countries: no database has countries: these rules fit nobody
continents: no database has countries: these rules fit nobody
nearest: no database has places: distance decides for nobody`},
		{ruled, []geoip.Info{only4(all)}, "no database has AS numbers or regions or countries or places for IPv6: all IPv6 visitors get the default of map site where no network rule fits"},
		{Rules{Name: "site", Networks: []Rule{{"10.0.0.0/8", head("fra")}}}, []geoip.Info{only4(asn)}, ""},
	} {
		var told []string
		c.rules.databaseNotes(c.databases, func(keys []string, format string, args ...any) {
			told = append(told, strings.Join(append(slices.Clone(keys), ""), ": ")+fmt.Sprintf(format, args...))
		})
		if got := strings.Join(told, "\n"); got != c.want {
			t.Errorf("%+v: got\n%s\nwant\n%s", c.databases, got, c.want)
		}
	}
}

// What the built-in table has is enough for distance and countries.
func TestTheBuiltInTableServesAPlainMap(t *testing.T) {
	t.Parallel()
	dbs, err := geoip.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	defer dbs.Close()
	rules := Rules{Name: "site", Default: head("nyc"), Nearest: true, Answers: 1, Countries: []Rule{{"NZ", head("syd")}}}
	pops := slices.Clone(world)
	pops[2].Addresses = append(slices.Clone(pops[2].Addresses), netip.MustParseAddr("2001:db8:3::1"))
	rules.Notes(pops, dbs.Info(), func(keys []string, format string, args ...any) {
		t.Errorf("%v: "+format, append([]any{keys}, args...)...)
	})
}
