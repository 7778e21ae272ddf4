package steer

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"

	"tinycdn/geoip"
)

// shares compiles rules with shares of the built-in table, and the same without.
func shares(t *testing.T, r Rules) (with, without *Map) {
	t.Helper()
	d, err := geoip.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	r.Answers = 1
	plain := r
	plain.Share = nil
	maps, err := Compile(d, world, []Rules{r, plain})
	if err != nil {
		t.Fatal(err)
	}
	return maps[0], maps[1]
}

// Of each POP's own addresses so much goes to the one with a share as it says, with the rest of the order as it was; and what
// nearly all visitors have stays in place.
func TestAShareTakesSoMuchOfWhatWouldGoToOthers(t *testing.T) {
	t.Parallel()
	with, without := shares(t, Rules{Default: head("nyc"), Nearest: true, Share: map[string]float64{"syd": 0.2, "fra": 0.1}})
	if again, _ := shares(t, *with.Rules); !again.Table.Equal(with.Table) {
		t.Error("the same rules make another table")
	}
	divided, whole := with.Table.Table(), without.Table.Table()
	for _, family := range []string{"IPv4", "IPv6"} {
		all, moved := map[string]float64{}, map[string]float64{}
		for i := range 1 << 16 {
			block := geoip.Block{Hi: uint64(i) << 48, Bits: 32, V4: true} // the first address of each piece
			if family == "IPv6" {
				block = geoip.Block{Hi: 0x2a00<<48 | uint64(i)<<32, Bits: 64}
			}
			to, _ := divided.Find(block)
			of, _ := whole.Find(block)
			if of == geoip.Reserved || to == geoip.Reserved {
				if to != of {
					t.Fatalf("%v: one is reserved, the other not", block)
				}
				continue
			}
			was, is := without.orderOf(of), with.orderOf(to)
			first, _, _ := strings.Cut(is, " ")
			all[was[:3]]++
			if is != was {
				moved[was[:3]+" to "+first]++
				if rest := strings.TrimSpace(strings.Replace(was, first, "", 1)); strings.Join(strings.Fields(is)[1:], " ") != strings.Join(strings.Fields(rest), " ") {
					t.Fatalf("%v: %s became %s", block, was, is)
				}
			}
		}
		for _, from := range []string{"nyc", "fra", "syd"} {
			for to, part := range map[string]float64{"nyc": 0, "fra": 0.1, "syd": 0.2} {
				got := moved[from+" to "+to] / all[from]
				if from == to {
					part = 0
				}
				if all[from] > 1000 && math.Abs(got-part) > 0.03 || got > 0 && part == 0 {
					t.Errorf("%s: of %.0f pieces of %s %.3f went to %s, want %.3f", family, all[from], from, got, to, part)
				}
			}
		}
	}
}

// The number of a piece decides who goes where at every POP, whatever its version.
func TestNumbersOfPiecesStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{"81.2.0.0/16": "0.141220", "2a00:1450::/32": "0.621464"} {
		if got := fmt.Sprintf("%.6f", numberOf(geoip.BlockOf(netip.MustParsePrefix(prefix)))); got != want {
			t.Errorf("%s: got %s, want %s", prefix, got, want)
		}
	}
}

func TestSharesAreExplained(t *testing.T) {
	t.Parallel()
	d := testDatabases(t)
	m := compile(t, d, world, Rules{Default: head("nyc"), Nearest: true, Share: map[string]float64{"sao": 0.999},
		Networks: []Rule{{"203.0.113.0/28", head("syd")}}})
	for a, want := range map[string]string{
		london:         "network networks.203.0.113.0/28 syd 0 ",
		"203.0.113.99": "nearest nearest sao 0.999 fra",
		capeTown:       "nearest nearest sao 0 ",
		noData:         "default default sao 0.999 nyc",
		paris6:         "nearest nearest sao 0.999 fra",
		private:        "reserved default nyc 0 ",
	} {
		address := netip.MustParseAddr(a)
		loc, _, err := d.Lookup(address)
		if err != nil {
			t.Fatal(err)
		}
		why := m.Explain(loc, address)
		if got := fmt.Sprintf("%s %s %s %v %s", why.Rule, why.Key, why.POPs[0].POP.Name, why.Share, why.Else); got != want {
			t.Errorf("%s: got %s, want %s", a, got, want)
		}
	}
}

// A POP that none but its share names is one that visitors are sent to: without IPv6 it leaves out AAAA.
func TestAShareCountsForIPv6(t *testing.T) {
	t.Parallel()
	pops := []POP{{Name: "nyc", Addresses: addresses("192.0.2.1", "2001:db8::1")}, {Name: "syd", Addresses: addresses("192.0.2.2")}}
	for _, share := range []map[string]float64{nil, {"syd": 0.2}} {
		m := compile(t, testDatabases(t), pops, Rules{Default: head("nyc"), Share: share})
		if got := len(m.NoIPv6) > 0; got != (share != nil) {
			t.Errorf("share %v: no IPv6 for the sake of %v", share, m.NoIPv6)
		}
	}
}
