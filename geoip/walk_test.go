package geoip

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// TestAWalkFindsWhatEachTableFinds walks two random tables, and asks both at the ends of every range; there must be nothing between
// ranges but space that holds IPv4.
func TestAWalkFindsWhatEachTableFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 3))
			a, b := randomSpace(random).pack(t, nil), randomSpace(random).pack(t, nil)
			for _, v4 := range []bool{true, false} {
				next, ranges := addr{}, 0
				for r, values := range Walk(v4, a, b) {
					ranges++
					if r.first != next && (v4 || !holdsIPv4(next, r.first.prev())) {
						t.Fatalf("a range begins at %v, after one that ends before %v", r.First(), next.netip(v4))
					}
					next = r.last.next()
					for _, at := range []netip.Addr{r.First(), r.Last()} {
						for i, table := range []*Table{a.Table(), b.Table()} {
							if want, _ := table.Find(BlockOfAddr(at)); values[i] != want {
								t.Errorf("%v in table %d: got %d, want %d", at, i, values[i], want)
							}
						}
					}
				}
				if next != (addr{}) {
					t.Errorf("it ends before %v", next.netip(v4))
				}
				if n4, n6 := a.Table().Runs(); v4 && ranges < n4 || !v4 && ranges < n6-len(twinEmbeddings) {
					t.Errorf("%d ranges of %d and %d runs", ranges, n4, n6)
				}
			}
		})
	}
}

// holdsIPv4 says whether addresses from first to last all hold IPv4 ones.
func holdsIPv4(first, last addr) bool {
	return slices.ContainsFunc(twinEmbeddings, func(p netip.Prefix) bool {
		from := addrOf(p.Addr())
		return first == from && last == from.last(p.Bits())
	})
}

func TestARangeIsItsPrefixes(t *testing.T) {
	t.Parallel()
	addresses := func(first, last string) Range {
		a, b := netip.MustParseAddr(first), netip.MustParseAddr(last)
		to := addrOf(b)
		if b.Is4() {
			to = to.last(32)
		}
		return Range{addrOf(a), to, a.Is4()}
	}
	for _, c := range []struct {
		r    Range
		want string
		size float64
	}{
		{addresses("192.0.2.1", "192.0.2.1"), "[192.0.2.1/32]", 1},
		{addresses("192.0.2.1", "192.0.2.6"), "[192.0.2.1/32 192.0.2.2/31 192.0.2.4/31 192.0.2.6/32]", 6},
		{addresses("192.0.2.0", "192.0.3.255"), "[192.0.2.0/23]", 512},
		{addresses("0.0.0.0", "255.255.255.255"), "[0.0.0.0/0]", 1 << 32},
		{addresses("255.255.255.254", "255.255.255.255"), "[255.255.255.254/31]", 2},
		{addresses("2001:db8::", "2001:db8:0:2:ffff:ffff:ffff:ffff"), "[2001:db8::/63 2001:db8:0:2::/64]", 3 * (1 << 64)},
		{addresses("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "[::/0]", (1 << 64) * (1 << 64)},
	} {
		if got := fmt.Sprint(slices.Collect(c.r.Prefixes())); got != c.want || c.r.Addresses() != c.size {
			t.Errorf("%v to %v: got %s of %g, want %s of %g", c.r.First(), c.r.Last(), got, c.r.Addresses(), c.want, c.size)
		}
	}
	one, behind := addresses("192.0.2.0", "192.0.2.3"), addresses("192.0.2.4", "192.0.2.7")
	if joined, ok := one.Join(behind); !ok || joined != addresses("192.0.2.0", "192.0.2.7") {
		t.Errorf("got %v to %v, %v", joined.First(), joined.Last(), ok)
	}
	if _, ok := behind.Join(one); ok {
		t.Error("a range was joined with one before it")
	}
}

func TestPlacesAreTheCellCountryAndNetworkOfEachAddress(t *testing.T) {
	t.Parallel()
	where := writeMMDB(t, mmdbwriter.Options{},
		entry{"192.0.2.0/25", flatRecord("FR", 48.85, 2.35)},
		entry{"192.0.2.128/25", flatRecord("FR", 48.1, 2.9)}, // in the same degree
		entry{"198.51.100.0/24", flatRecord("FJ", -17.5, 180)},
		entry{"203.0.113.0/24", flatRecord("AQ", 90, -180)},
		entry{"2001:db8::/48", object{"country_code": mmdbtype.String("DE")}},
		entry{"2001:db8:1::/48", object{"country_code": mmdbtype.String("XX")}}, // has no point
	)
	whose := writeMMDB(t, mmdbwriter.Options{}, entry{"192.0.2.0/26", asn(64500)}, entry{"203.0.114.0/24", asn(4200000001)})
	tables, places, err := BuildWithPlaces(open(t, where, whose), []Spec{{Decide: always(3), Unlocated: 4}})
	if err != nil {
		t.Fatal(err)
	}
	if value, _ := tables[0].Find(BlockOfAddr(netip.MustParseAddr("192.0.2.1"))); len(tables) != 1 || value != 3 {
		t.Errorf("%d tables, and the value %d", len(tables), value)
	}
	got := map[string]string{}
	for _, v4 := range []bool{true, false} {
		for r, values := range Walk(v4, places.Tables()...) {
			if place, asn := places.At(values); place.Known {
				got[r.First().String()] = fmt.Sprint(*place, asn)
			}
		}
	}
	want := map[string]string{
		"192.0.2.0":    "{true FR {48.5 2.5} true} 64500",
		"192.0.2.64":   "{true FR {48.5 2.5} true} 0",
		"198.51.100.0": "{true FJ {-17.5 179.5} true} 0",
		"203.0.113.0":  "{true AQ {89.5 -179.5} true} 0",
		"203.0.114.0":  "{true  {0 0} false} 4200000001",
		"2001:db8::":   "{true DE {51.5 9.5} true} 0", // the country's point
		"2001:db8:1::": "{true XX {0 0} false} 0",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, places, err = BuildWithPlaces(open(t, where), nil); err != nil || len(places.Tables()) != 1 {
		t.Errorf("of databases without AS numbers there are %d tables, %v", len(places.Tables()), err)
	}
}

// TestMorePlacesThanATableTellsApartAreTheirCountries has more cells than there can be, by naming countries that are none.
func TestMorePlacesThanATableTellsApartAreTheirCountries(t *testing.T) {
	t.Parallel()
	b := placesBuilder{places: &Places{list: make([]Place, 1)}, known: map[Place]uint16{}}
	for i := range 70_000 {
		loc := &Location{Country: fmt.Sprint(i % 7), Point: Point{float64(i/360) - 90, float64(i%360) - 180}, Located: true}
		n := b.place(loc)
		if n > MaxValue || n == 0 || b.places.list[n].Country != loc.Country {
			t.Fatalf("%d is %d: %v", i, n, b.places.list[n])
		}
		if again := b.place(loc); again != n {
			t.Fatalf("%d is %d, then %d", i, n, again)
		}
	}
}
