package steer

import (
	"fmt"
	"math"
	"net/netip"
	"testing"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	d := testDatabases(t)
	m := compile(t, d, world, Rules{
		Default: head("nyc"), Nearest: true, Bias: map[string]float64{"sao": 2},
		Networks:   []Rule{{"203.0.113.0/28", head("syd")}},
		ASNs:       []Rule{{"AS4804", head("syd")}},
		Regions:    []Rule{{"US-HI", head("syd")}},
		Countries:  []Rule{{"NZ", head("nyc")}},
		Continents: []Rule{{"AF", head("fra")}},
	})
	for a, want := range map[string]string{
		london:         "network networks.203.0.113.0/28 syd fra",
		"203.0.113.99": "nearest nearest fra nyc",
		tokyo:          "asn asns.AS4804 syd fra",
		hawaii:         "region regions.US-HI syd nyc",
		auckland:       "country countries.NZ nyc syd",
		capeTown:       "continent continents.AF fra syd",
		paris:          "nearest nearest fra nyc",
		parisIn6:       "nearest nearest fra nyc",
		parisIn6to4:    "nearest nearest fra nyc",
		paris6:         "nearest nearest fra nyc",
		onlyAS5:        "default default nyc fra",
		noData:         "default default nyc fra",
		private:        "reserved default nyc fra",
	} {
		address := netip.MustParseAddr(a)
		loc, _, err := d.Lookup(address)
		if err != nil {
			t.Fatal(err)
		}
		why := m.Explain(loc, address)
		if got := fmt.Sprintf("%s %s %s %s", why.Rule, why.Key, why.POPs[0].POP.Name, why.POPs[1].POP.Name); got != want {
			t.Errorf("%s: got %s, want %s", a, got, want)
		}
		// The explanation is that of the very table.
		if got := m.orderFor(a); a != private && got != names(why.POPs) {
			t.Errorf("%s: the table says %s, the explanation %s", a, got, names(why.POPs))
		}
	}

	address := netip.MustParseAddr(paris)
	loc, _, _ := d.Lookup(address)
	why := m.Explain(loc, address)
	for i, want := range []string{"fra 478 478", "nyc 5838 5838", "syd 16961 16961", "sao 9401 18802"} {
		c := why.POPs[i]
		if got := fmt.Sprintf("%s %.0f %.0f", c.POP.Name, math.Round(c.Km), math.Round(c.BiasedKm)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func names(choices []Choice) (all string) {
	for i, c := range choices {
		if i > 0 {
			all += " "
		}
		all += c.POP.Name
	}
	return all
}
