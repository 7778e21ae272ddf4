package zones_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/geoip"
	"tinycdn/zones"
)

// twinReserved is the space whose clients are placed by their resolver, as far as randomPrefix comes near it.
var twinReserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("224.0.0.0/3"),
}

// edges are all IPv4 addresses where an answer may change.
func (w *downWorld) edges() (list []netip.Addr) {
	for _, p := range slices.Concat(w.networks, twinReserved) {
		if !p.Addr().Is4() {
			continue
		}
		a := p.Addr().As4()
		first := uint64(a[0])<<24 | uint64(a[1])<<16 | uint64(a[2])<<8 | uint64(a[3])
		for _, n := range []uint64{first, first + 1<<(32-p.Bits())} {
			list = append(list, netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}))
		}
	}
	return list
}

// By asking for single addresses only: all within a scope get one answer, and no wider prefix is like that.
func TestScopesWithoutAPOPAreExactAndTheWidest(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 8))
			w := newDownWorld(t, random, new(geoip.Databases), false, false)
			edges := slices.Clip(w.edges())
			for range 20 {
				downs := make([]zones.Down, len(w.pops))
				for i := range downs {
					downs[i] = zones.Down{POP: w.pops[i].Name, A: random.IntN(2) == 0, Drained: random.IntN(4) == 0}
				}
				w.set(t, downs)
				at := func(p netip.Prefix) (answer string, scope int) {
					c := zones.Client{Resolver: nowhere, Subnet: geoip.BlockOf(p), HasSubnet: true}
					got, out := ask(t, w.store.Current(), asked{name: "www.example.org.", typ: dns.TypeA, client: c})
					if p.IsSingleIP() && w.isReserved(p.Addr()) {
						return "its resolver's", int(out.Scope)
					}
					return fmt.Sprint(given(got)), int(out.Scope)
				}
				// uniform says whether all of p get that.
				uniform := func(p netip.Prefix, want string) bool {
					return !slices.ContainsFunc(append(edges, p.Addr()), func(a netip.Addr) bool {
						got, _ := at(netip.PrefixFrom(a, 32))
						whole := p.Bits() == 0 && got == "its resolver's" // who gets what all get
						return p.Contains(a) && got != want && !whole
					})
				}
				for range 10 {
					p := randomPrefix(random)
					if !p.Addr().Is4() || w.isReserved(p.Addr()) {
						continue
					}
					answer, scope := at(netip.PrefixFrom(p.Addr(), 32))
					if answer == "[]" { // nobody has IPv4
						continue
					}
					if within, _ := p.Addr().Prefix(scope); !uniform(within, answer) {
						t.Fatalf("with %s, %s is given %s for all of %s, where others get something else", downsText(downs), p.Addr(), answer, within)
					}
					wider, err := p.Addr().Prefix(scope - 1)
					if err == nil && uniform(wider, answer) {
						t.Fatalf("with %s, %s is given %s with scope /%d, but all of %s get that", downsText(downs), p.Addr(), answer, scope, wider)
					}
				}
			}
		})
	}
}

// isReserved says whether the resolver decides: a network of the rules comes first.
func (w *downWorld) isReserved(a netip.Addr) bool {
	holds := func(p netip.Prefix) bool { return p.Contains(a) }
	return slices.ContainsFunc(twinReserved, holds) && !slices.ContainsFunc(w.networks, holds)
}
