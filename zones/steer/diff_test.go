package steer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"tinycdn/geoip"
)

// randomPlaces are networks in 192.0.2.0/23 and 2001:db8::/40, each somewhere.
func randomPlaces(random *rand.Rand) (list []place) {
	add := func(prefix netip.Prefix, bits int) {
		towns := []place{{"", "US", "", 40.7, -74, 1}, {"", "FR", "", 48.8, 2.3, 2}, {"", "AU", "", -33.9, 151.2, 3}, {"", "BR", "", -23.5, -46.6, 0}, {"", "DE", "", 0, 0, 2}}
		town := towns[random.IntN(len(towns))]
		p, _ := prefix.Addr().Prefix(bits)
		town.network = p.String()
		list = append(list, town)
	}
	for range 1 + random.IntN(40) {
		v4 := netip.AddrFrom4([4]byte{192, 0, 2 + byte(random.IntN(2)), byte(random.Uint32())})
		add(netip.PrefixFrom(v4, 32), 24+random.IntN(9))
		b := netip.MustParseAddr("2001:db8::").As16()
		b[5] = byte(random.Uint32())
		add(netip.PrefixFrom(netip.AddrFrom16(b), 128), 41+random.IntN(8))
	}
	return list
}

// obviousDiff counts address by address, and /48 by /48.
type obviousDiff struct {
	known, moved float64
	flows        map[string]float64
	countries    map[string]float64
	knownIn      map[string]float64 // by country
	asns         map[string]float64
	tables       map[*Map]*geoip.Table // unpacked
}

// find is what a map's table has for an address.
func (o *obviousDiff) find(m *Map, a netip.Addr) uint16 {
	if o.tables == nil {
		o.tables = map[*Map]*geoip.Table{}
	}
	if o.tables[m] == nil {
		o.tables[m] = m.Table.Table()
	}
	value, _ := o.tables[m].Find(geoip.BlockOfAddr(a))
	return value
}

// audience is whom the test has come from where; of ZZ nobody knows an address.
var audience = Audience{"visitors", map[string]float64{"FR": 70, "US": 20, "AU": 0, "ZZ": 1000}}

// judgeAudience counts who moves, visitor by visitor.
func (o *obviousDiff) judgeAudience(t *testing.T, got *MovedAudience) {
	t.Helper()
	all, moved := 0.0, 0.0
	for code, n := range audience.Countries {
		for range int(n) {
			if o.knownIn[code] > 0 {
				all++
				moved += o.countries[code] / o.knownIn[code]
			}
		}
	}
	if all == 0 {
		if got != nil {
			t.Errorf("of nobody, there move %+v", got)
		}
		return
	}
	sum, parts := 0.0, 0.0
	for _, f := range got.Flows {
		sum += f.Share
	}
	for _, c := range got.Countries {
		parts += c.Share
	}
	for what, share := range map[string]float64{"all": got.Share, "the flows together": sum, "the countries together": parts} {
		if math.Abs(share-moved/all) > 1e-9 {
			t.Errorf("of the audience, %s: got %g, want %g", what, share, moved/all)
		}
	}
}

func (o *obviousDiff) count(t *testing.T, a netip.Addr, was, is *Map, before, after *geoip.Databases) {
	t.Helper()
	loc := geoip.Location{}
	for _, d := range []*geoip.Databases{before, after} { // the newer decides, if it knows anything
		l, _, err := d.Lookup(a)
		if err != nil {
			t.Fatal(err)
		}
		if l != (geoip.Location{}) {
			loc = l
		}
	}
	if loc == (geoip.Location{}) {
		return
	}
	o.known++
	o.knownIn[loc.Country]++
	names := func(m *Map) []string {
		return m.first(o.find(m, a))
	}
	old, now := names(was), names(is)
	stays := 0.0
	for _, name := range old {
		if slices.Contains(now, name) {
			stays += 1 / float64(max(len(old), len(now)))
		}
	}
	if stays > 1-1e-9 {
		return
	}
	o.moved += 1 - stays
	o.countries[loc.Country] += 1 - stays
	if loc.ASN != 0 {
		o.asns[fmt.Sprint("AS", loc.ASN)] += 1 - stays
	}
	if len(old) == 1 && len(now) == 1 {
		o.flows[old[0]+" -> "+now[0]]++
	}
}

// TestDiffIsWhatCountingAddressByAddressGives judges random databases, rules and POPs, of one moment and the next.
func TestDiffIsWhatCountingAddressByAddressGives(t *testing.T) {
	t.Parallel()
	for seed := range uint64(16) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 4))
			before, after := databasesOf(t, randomPlaces(random)), databasesOf(t, randomPlaces(random))
			if seed%4 == 0 {
				after = before
			}
			answers := 1 + int(seed)%2
			version := func(d *geoip.Databases, r Rules) Version {
				pops := slices.Clone(world)
				random.Shuffle(len(pops), func(i, j int) { pops[i], pops[j] = pops[j], pops[i] })
				r.Name, r.Answers = "site", answers
				maps, places, err := CompileWithPlaces(d, Set{world, []Rules{{Name: "other", Default: head("syd"), Answers: 1}}}, Set{pops, []Rules{r}})
				if err != nil {
					t.Fatal(err)
				}
				return Version{maps[1][0], places}
			}
			was := version(before, Rules{Default: head("nyc"), Nearest: true})
			is := version(after, Rules{Default: head("fra"), Nearest: true, Countries: []Rule{{"FR", head("syd")}},
				Networks: []Rule{{"192.0.2.64/27", head("sao")}, {"2001:db8:40::/44", head("nyc")}}})
			if after == before {
				is.Places = was.Places
			}
			d := Diff(was, is, Space, audience)
			for _, half := range []struct {
				got  Moved
				unit func(i int) netip.Addr
			}{
				{d.IPv4, func(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2 + byte(i>>8), byte(i)}) }},
				{d.IPv6, func(i int) netip.Addr {
					b := netip.MustParseAddr("2001:db8::").As16()
					b[4], b[5] = byte(i>>8), byte(i)
					return netip.AddrFrom16(b)
				}},
			} {
				want := obviousDiff{flows: map[string]float64{}, countries: map[string]float64{}, knownIn: map[string]float64{}, asns: map[string]float64{}}
				for i := range 512 {
					want.count(t, half.unit(i), was.Map, is.Map, before, after)
				}
				want.judge(t, half.got, answers)
				want.judgeAudience(t, half.got.Audience)
			}
			if answers == 1 && (d.IPv4.Unknown != 1 || d.IPv6.Unknown < 0.99) { // the default is another one, but where a network of the rules holds space of no database
				t.Errorf("of unknown space there move %g and %g", d.IPv4.Unknown, d.IPv6.Unknown)
			}
		})
	}
}

func (o *obviousDiff) judge(t *testing.T, got Moved, answers int) {
	t.Helper()
	same := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want/o.known) > 1e-9 {
			t.Errorf("%s: got %g, want %g", what, got, want/o.known)
		}
	}
	same("all", got.Share, o.moved)
	sum := 0.0
	for _, f := range got.Flows {
		if sum += f.Share; answers == 1 {
			same(f.From+" -> "+f.To, f.Share, o.flows[f.From+" -> "+f.To])
		}
	}
	same("the flows together", sum, o.moved)
	for _, c := range got.Countries {
		same(c.Name, c.Share, o.countries[c.Name])
	}
	for _, a := range got.ASNs {
		same(a.Name, a.Share, o.asns[a.Name])
	}
	if answers == 1 && len(got.Flows) != len(o.flows) || len(got.Countries) != len(o.countries) || len(got.ASNs) != len(o.asns) {
		t.Errorf("got %v, %v and %v, want %v, %v and %v", got.Flows, got.Countries, got.ASNs, o.flows, o.countries, o.asns)
	}
	prefixes := 0.0
	for i, p := range got.Prefixes {
		if prefixes += p.Share; i > 0 && p.Share > got.Prefixes[i-1].Share {
			t.Errorf("prefixes are in no order: %v", got.Prefixes)
		}
	}
	if len(got.Prefixes) < most && answers == 1 {
		same("the prefixes together", prefixes, o.moved)
	}
}

func TestFlows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ was, is, want string }{
		{"a", "a", "[]"},
		{"a", "b", "[{a b 1}]"},
		{"a b", "b a", "[]"},
		{"a b", "a c", "[{b c 0.5}]"},
		{"a b", "c d", "[{a c 0.5} {b d 0.5}]"},
		{"a", "a b", "[{a b 0.5}]"},
		{"a b c", "c", "[{a c 0.33} {b c 0.33}]"},
		{"a", "b c", "[{a b 0.5} {a c 0.5}]"},
	} {
		list, stays := flows(head(c.was), head(c.is))
		sum := 0.0
		for _, f := range append(stays, list...) {
			sum += f.Share
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s, then %s: %v stays, and %v moves: %g", c.was, c.is, stays, list, sum)
		}
		for i := range list {
			list[i].Share = math.Floor(100*list[i].Share+1e-6) / 100
		}
		if got := fmt.Sprint(list); c.want != got && !(list == nil && c.want == "[]") {
			t.Errorf("%s, then %s: got %s, want %s", c.was, c.is, got, c.want)
		}
	}
}

// TestWithoutPlacesAllSpaceCounts is what a POP does, which has maps alone.
func TestWithoutPlacesAllSpaceCounts(t *testing.T) {
	t.Parallel()
	d := testDatabases(t)
	was := compile(t, d, world, Rules{Default: head("nyc")})
	is := compile(t, d, world, Rules{Default: head("nyc"), Networks: []Rule{{"0.0.0.0/1", head("fra")}, {"2000::/4", head("syd")}}})
	got := Diff(Version{was, nil}, Version{is, nil}, Space, Audience{})
	// 0/8, 10/8, 100.64/10 and 127/8 are reserved in the lower half; networks give them a POP, which moves nobody.
	lower, upper := 1<<31-3<<24-1<<22, 1<<31-2<<28-1<<20-1<<16-1<<16
	if want := float64(lower) / float64(lower+upper); math.Abs(got.IPv4.Share-want) > 1e-12 || got.IPv4.Unknown != 0 {
		t.Errorf("got %+v, want the share %g", got.IPv4, want)
	}
	if len(got.IPv6.Flows) != 1 || got.IPv6.Flows[0].To != "syd" {
		t.Errorf("got %+v", got.IPv6)
	}
}

// TestWhatDatabasesKnowTheSameOfCountsForAProviderAtMost: a /16 that nobody uses, and of which a database says what country it is for, is
// no more than a /32 elsewhere.
func TestWhatDatabasesKnowTheSameOfCountsForAProviderAtMost(t *testing.T) {
	t.Parallel()
	d := databasesOf(t, []place{{"2400::/16", "AU", "", -33.9, 151.2, 0}, {"2a02::/32", "FR", "", 48.8, 2.3, 0}, {"2a03::/33", "DE", "", 52, 13, 0}, {"192.0.2.0/24", "US", "", 40, -74, 0}})
	maps, places, err := CompileWithPlaces(d, Set{world, []Rules{{Name: "site", Default: head("nyc"), Answers: 1}}},
		Set{world, []Rules{{Name: "site", Default: head("nyc"), Answers: 1, Countries: []Rule{{"AU", head("syd")}}, Networks: []Rule{{"2a02:0:8000::/33", head("fra")}}}}})
	if err != nil {
		t.Fatal(err)
	}
	got := Diff(Version{maps[0][0], places}, Version{maps[1][0], places}, Space, Audience{}).IPv6
	want := []Flow{{"nyc", "syd", 1 / 2.5}, {"nyc", "fra", 0.5 / 2.5}}
	if !slices.Equal(got.Flows, want) || got.Prefixes[0].Prefix.String() != "2400::/16" || got.Prefixes[0].Share != want[0].Share || got.Prefixes[1].Share != want[1].Share {
		t.Errorf("got %+v, want %v", got, want)
	}
}
