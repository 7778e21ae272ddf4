package zones_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/steer"
	"tinycdn/zones/zonestest"
)

// downWorld is a map of rules that name an order of all its POPs for every network, and the same rules without some of the POPs:
// what is left of an order is then what its own map gives, compiled from scratch.
type downWorld struct {
	pops     []steer.POP
	answers  int
	rules    steer.Rules
	store    *zones.Store
	without  []*zones.Snapshot // by the set of POPs that are left out; nil: none would be left
	networks []netip.Prefix
}

func newDownWorld(t testing.TB, random *rand.Rand, dbs *geoip.Databases, nearest, shares bool) *downWorld {
	t.Helper()
	w := &downWorld{answers: 1 + random.IntN(2)}
	for i := range 2 + random.IntN(3) {
		pop := steer.POP{Name: fmt.Sprintf("p%d", i), Point: geoip.Point{Lat: random.Float64()*120 - 60, Lon: random.Float64()*360 - 180}}
		families := 1 + random.IntN(6) // bits; most have both
		if families&1 != 0 || families > 3 {
			pop.Addresses = append(pop.Addresses, netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
		}
		if families&2 != 0 || families > 3 {
			pop.Addresses = append(pop.Addresses, netip.MustParseAddr(fmt.Sprintf("2001:db8::%d", i+1)))
		}
		if random.IntN(6) == 0 {
			pop.Addresses = append(pop.Addresses, netip.AddrFrom4([4]byte{192, 0, 2, 100})) // some share one
		}
		w.pops = append(w.pops, pop)
	}
	order := func() (names []string) {
		for _, i := range random.Perm(len(w.pops)) {
			names = append(names, w.pops[i].Name)
		}
		return names
	}
	w.rules = steer.Rules{Name: "site", Default: order(), Nearest: nearest, Answers: w.answers, IPv6: "any"}
	if shares {
		w.rules.Share = map[string]float64{w.pops[random.IntN(len(w.pops))].Name: 0.3}
	}
	for range 3 + random.IntN(20) {
		p := randomPrefix(random)
		if slices.Contains(w.networks, p) {
			continue
		}
		w.networks = append(w.networks, p)
		w.rules.Networks = append(w.rules.Networks, steer.Rule{For: p.String(), POPs: order()})
	}
	w.compile(t, dbs)
	return w
}

// randomPrefix is one of few, so that they lie in and beside one another, also around reserved space.
func randomPrefix(random *rand.Rand) netip.Prefix {
	if random.IntN(3) == 0 {
		a := netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0, byte(random.IntN(3) << 6), 14: byte(random.IntN(256))})
		p, _ := a.Prefix([]int{20, 32, 42, 44, 48, 64, 100, 127, 128}[random.IntN(9)])
		return p
	}
	a := netip.AddrFrom4([4]byte{byte(9 + random.IntN(3)), byte(random.IntN(4) << 6), byte(random.IntN(256)), byte(random.IntN(256))})
	p, _ := a.Prefix([]int{4, 6, 7, 8, 9, 10, 12, 18, 24, 25, 32}[random.IntN(11)])
	return p
}

// compile makes the map, and one without each set of its POPs, in one walk.
func (w *downWorld) compile(t testing.TB, dbs *geoip.Databases) {
	t.Helper()
	var all []steer.Rules
	for set := range 1<<len(w.pops) - 1 {
		left := func(names []string) (list []string) {
			for _, name := range names {
				if set>>(name[1]-'0')&1 == 0 {
					list = append(list, name)
				}
			}
			return list
		}
		r := w.rules
		r.Default = left(r.Default)
		r.Networks = nil
		for _, rule := range w.rules.Networks {
			r.Networks = append(r.Networks, steer.Rule{For: rule.For, POPs: left(rule.POPs)})
		}
		for _, pop := range w.pops {
			r.POPs = append(r.POPs, left([]string{pop.Name})...)
		}
		r.Answers = min(r.Answers, len(r.POPs))
		r.Share = maps.Clone(r.Share)
		maps.DeleteFunc(r.Share, func(name string, _ float64) bool { return !slices.Contains(r.POPs, name) })
		all = append(all, r)
	}
	compiled, err := steer.Compile(dbs, w.pops, all)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"example.org": "$TTL 60\n@ SOA ns.test. h.test. 1 2 3 4 30\n@ NS ns.test.\nwww 50 GEO\n"}
	for i, m := range compiled {
		f := zonestest.Must(t, files)
		f.SetMaps(t, []*steer.Map{m})
		if i == 0 {
			w.store = f.Store
			f = zonestest.Must(t, files)
			f.SetMaps(t, []*steer.Map{m})
		}
		w.without = append(w.without, f.Store.Current())
	}
}

// removed says in plain words whom the visitors of a family are kept from: all that are worse off than the best, as a set.
func (w *downWorld) removed(downs []zones.Down, is func(netip.Addr) bool) (set int) {
	var up, drained, down []int
	for i, pop := range w.pops {
		d := downs[i]
		switch isDown := d.A && is(netip.IPv4Unspecified()) || d.AAAA && is(netip.IPv6Unspecified()); {
		case !slices.ContainsFunc(pop.Addresses, is):
		case isDown:
			down = append(down, i)
		case d.Drained:
			drained = append(drained, i)
		default:
			up = append(up, i)
		}
	}
	var out []int
	if len(up) > 0 {
		out = append(drained, down...)
	} else if len(drained) > 0 {
		out = down
	}
	for _, i := range out {
		set |= 1 << i
	}
	return set
}

// judge asks about a subnet, and holds the answer against that of the map without the POPs, and the TTL against the doubt.
func (w *downWorld) judge(t *testing.T, downs []zones.Down, client zones.Client, what string) {
	t.Helper()
	const ttl, doubtTTL = 50, 20
	for typ, is := range map[uint16]func(netip.Addr) bool{dns.TypeA: netip.Addr.Is4, dns.TypeAAAA: netip.Addr.Is6} {
		a := asked{name: "www.example.org.", typ: typ, client: client}
		got, out := ask(t, w.store.Current(), a)
		want, wantOut := ask(t, w.without[w.removed(downs, is)], a)
		if !slices.Equal(given(got), given(want)) || out != wantOut {
			t.Fatalf("%s %s with %s: got %v %+v, want %v %+v", dns.Type(typ), what, downsText(downs), given(got), out, given(want), wantOut)
		}
		most := uint32(ttl)
		for i, d := range downs {
			if d.Doubt && slices.ContainsFunc(w.pops[i].Addresses, func(addr netip.Addr) bool { return slices.Contains(given(got), addr) }) {
				most = doubtTTL
			}
		}
		for _, rr := range got.Answer {
			if len(given(got)) > 0 && rr.Header().Ttl != most {
				t.Fatalf("%s %s with %s: %v has the TTL %d, want %d", dns.Type(typ), what, downsText(downs), rr, rr.Header().Ttl, most)
			}
		}
	}
}

func downsText(downs []zones.Down) string {
	var b strings.Builder
	for _, d := range downs {
		fmt.Fprintf(&b, " %s(A %v, AAAA %v, drained %v, doubt %v)", d.POP, d.A, d.AAAA, d.Drained, d.Doubt)
	}
	return b.String()
}

func (w *downWorld) set(t testing.TB, downs []zones.Down) {
	t.Helper()
	if err := w.store.Update(func(d *zones.Draft) error { d.SetDown(downs, 20); return nil }); err != nil {
		t.Fatal(err)
	}
}

// client is somebody in or beside a network of the rules, or anywhere.
func (w *downWorld) client(random *rand.Rand) (zones.Client, string) {
	p := randomPrefix(random)
	if random.IntN(2) == 0 {
		p = w.networks[random.IntN(len(w.networks))]
		if wider, err := p.Addr().Prefix(max(1, p.Bits()+random.IntN(5)-2)); err == nil {
			p = wider
		}
	}
	if random.IntN(5) == 0 {
		return zones.Client{Resolver: geoip.BlockOfAddr(p.Addr())}, "for the resolver " + p.Addr().String()
	}
	return zones.Client{Resolver: nowhere, Subnet: geoip.BlockOf(p), HasSubnet: true}, "for the subnet " + p.String()
}

// Every set of POPs down, of each family apart, and random ones of them drained and in doubt.
func TestWithoutAPOPTheAnswersAreThoseOfTheMapWithoutIt(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 7))
			dbs, nearest := new(geoip.Databases), false
			if seed == 0 {
				var err error
				if dbs, err = geoip.BuiltIn(); err != nil {
					t.Fatal(err)
				}
				nearest = true
			}
			w := newDownWorld(t, random, dbs, nearest, seed%2 == 0)
			all := 1 << len(w.pops)
			for set4 := range all {
				for set6 := range all {
					downs := make([]zones.Down, len(w.pops))
					for i := range downs {
						downs[i] = zones.Down{POP: w.pops[i].Name, A: set4>>i&1 != 0, AAAA: set6>>i&1 != 0, Drained: random.IntN(5) == 0, Doubt: random.IntN(4) == 0}
					}
					w.set(t, downs)
					for range 6 {
						client, what := w.client(random)
						w.judge(t, downs, client, what)
					}
				}
			}
		})
	}
}
