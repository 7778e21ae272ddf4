package zones_test

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/sign"
	"tinycdn/zones/steer"
	"tinycdn/zones/zonestest"
)

const geoZone = `$TTL 300
@ SOA ns.test. hostmaster 1 14400 3600 1209600 60
@ NS ns.test.
@ 300 GEO
www 300 GEO
two 300 GEO two
*.six 60 GEO six
alias CNAME www
`

// signedStore is a store with a zone that is signed here, with geo names.
func signedStore(t testing.TB, zone string, cache *sign.Cache) (*zones.Store, *zonestest.Validator, zones.Loader) {
	t.Helper()
	keys, v := keysFor(t, "example")
	maps := zonestest.Maps(t)
	loader := zones.Loader{Maps: []string{"site", "two", "six"}, Signing: zones.Signing{Keys: keys, Families: zones.FamiliesOf(maps), Cache: cache}}
	l := loader.Load(writeHere(t, t.TempDir(), "example", zone), "")
	if l.Value == nil {
		t.Fatal(l.Problems)
	}
	store := zones.NewStore()
	if err := store.Update(func(d *zones.Draft) error { d.SetMaps(maps); d.SetZone(l.Value); return nil }); err != nil {
		t.Fatal(err)
	}
	return store, v, loader
}

// TestWhoeverAsksGetsSignedAddresses: from anywhere, whatever POPs are down, and while one is in doubt.
func TestWhoeverAsksGetsSignedAddresses(t *testing.T) {
	t.Parallel()
	store, v, _ := signedStore(t, geoZone, nil)
	r := rand.New(rand.NewPCG(1, 1))
	for _, down := range [][]zones.Down{nil, {{POP: "nyc", A: true, AAAA: true}}, {{POP: "fra", Drained: true}}, {{POP: "syd", A: true}, {POP: "nyc", AAAA: true}},
		{{POP: "nyc", A: true, AAAA: true}, {POP: "fra", A: true, AAAA: true}, {POP: "syd", A: true}}, {{POP: "nyc", Doubt: true}, {POP: "fra", Doubt: true}}} {
		if err := store.Update(func(d *zones.Draft) error { d.SetDown(down, 20); return nil }); err != nil {
			t.Fatal(err)
		}
		seen, low := map[string]bool{}, 0
		for range 150 {
			client := zones.Client{Resolver: nowhere, HasSubnet: true}
			addr := netip.AddrFrom4([4]byte{byte(r.IntN(223)), byte(r.IntN(256)), byte(r.IntN(256)), 0})
			client.Subnet = geoip.BlockOf(netip.PrefixFrom(addr, 24))
			for _, name := range []string{"example.", "WWW.example.", "two.example.", "x.y.six.example.", "six.example.", "alias.example."} {
				typ := [...]uint16{dns.TypeA, dns.TypeAAAA}[r.IntN(2)]
				got, _ := ask(t, store.Current(), asked{name: name, typ: typ, do: true, client: client})
				if err := v.Validate(got); err != nil {
					t.Fatalf("%v: %s %s for %v: %v\n%v", down, name, dns.Type(typ), addr, err, got)
				}
				for _, rr := range got.Answer {
					seen[rr.String()] = seen[rr.String()] || rr.Header().Rrtype == dns.TypeA
					if sig, ok := rr.(*dns.RRSIG); ok && sig.Hdr.Ttl == 20 && sig.OrigTtl > 20 && got.Answer[0].Header().Ttl == 20 {
						low++
					}
				}
			}
		}
		if doubt := down != nil && down[0].Doubt; (low > 0) != doubt || len(seen) < 6 {
			t.Errorf("%v: %d with a TTL that was lowered, %d records", down, low, len(seen))
		}
	}
}

// TestAVerdictFindsItsSignaturesMade: what one more POP that goes down makes of the answers was signed before.
func TestAVerdictFindsItsSignaturesMade(t *testing.T) {
	t.Parallel()
	cache := new(sign.Cache)
	store, _, _ := signedStore(t, geoZone, cache)
	*cache = sign.Cache{}
	toOne := *zonestest.Maps(t)[0] // everybody goes to one POP, unless it is down
	toOne.Orders = slices.Repeat([][]uint8{{0}}, len(toOne.Orders))
	if err := store.Update(func(d *zones.Draft) error {
		d.SetMaps([]*steer.Map{&toOne, zonestest.Maps(t)[1], zonestest.Maps(t)[2]})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	cold := cache.Len()
	store.Current().Warm(context.Background())
	warm := cache.Len()
	if warm <= cold {
		t.Errorf("%d signatures, and %d after warming", cold, warm)
	}
	for _, pop := range []string{"nyc", "fra", "syd"} {
		for _, down := range [][]zones.Down{{{POP: pop, A: true, AAAA: true}}, nil} {
			if err := store.Update(func(d *zones.Draft) error { d.SetDown(down, 20); return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := cache.Len(); n != warm {
		t.Errorf("%d signatures were made for verdicts", n-warm)
	}
	got, _ := ask(t, store.Current(), asked{name: "www.example.", typ: dns.TypeA, do: true})
	if len(got.Answer) != 2 || !strings.Contains(got.Answer[0].String(), "192.0.2.1") {
		t.Errorf("got %v", got)
	}
	ended, end := context.WithCancel(context.Background())
	end()
	if err := store.Update(func(d *zones.Draft) error {
		d.SetDown([]zones.Down{{POP: "nyc", A: true, AAAA: true}, {POP: "fra", A: true}}, 20)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	before := cache.Len()
	store.Current().Warm(ended)
	if cache.Len() != before {
		t.Error("it is warmed though nobody waits for that any more")
	}
}

// TestTypesOfAddressesAreThoseThatWereSigned: a map that gives other types waits for its zone, and where that cannot be loaded the zone
// goes on as it was.
func TestTypesOfAddressesAreThoseThatWereSigned(t *testing.T) {
	t.Parallel()
	store, v, loader := signedStore(t, geoZone, nil)
	maps := zonestest.Maps(t)
	others := make([]*steer.Map, len(maps))
	for i, m := range maps {
		other := *m
		if m.Name == "site" {
			other.NoIPv6 = []string{"syd"}
		}
		others[i] = &other
	}
	nodata := func() bool {
		got, _ := ask(t, store.Current(), asked{name: "www.example.", typ: dns.TypeAAAA, do: true})
		if err := v.Validate(got); err != nil {
			t.Error(err)
		}
		return len(got.Answer) == 0
	}
	if err := store.Update(func(d *zones.Draft) error { d.SetMaps(others); return nil }); err != nil || nodata() {
		t.Errorf("%v, no data %v", err, nodata())
	}
	loader.Families = zones.FamiliesOf(others)
	l := loader.Load(writeHere(t, t.TempDir(), "example", geoZone), "")
	if err := store.Update(func(d *zones.Draft) error { d.SetZone(l.Value); return nil }); err != nil || !nodata() {
		t.Errorf("loaded anew: %v, no data %v", err, nodata())
	}
	fresh := zones.NewStore()
	if err := fresh.Update(func(d *zones.Draft) error { d.SetMaps(maps); d.SetZone(l.Value); return nil }); err == nil || !strings.Contains(err.Error(), `map "site" gives its names addresses of other types by now`) {
		t.Errorf("got %v", err)
	}
}

// TestPOPsAnswerAlikeWithSignatures: octet for octet, whoever signed first.
func TestPOPsAnswerAlikeWithSignatures(t *testing.T) {
	t.Parallel()
	store, _, loader := signedStore(t, geoZone, nil)
	l := loader.Load(writeHere(t, t.TempDir(), "example", geoZone), "")
	other := zones.NewStore()
	if err := other.Update(func(d *zones.Draft) error { d.SetMaps(zonestest.Maps(t)); d.SetZone(l.Value); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"example.", "www.example.", "two.example.", "x.six.example.", "nope.example."} {
		for _, typ := range []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeDNSKEY, dns.TypeNSEC} {
			a, _ := ask(t, store.Current(), asked{name: name, typ: typ, do: true})
			b, _ := ask(t, other.Current(), asked{name: name, typ: typ, do: true})
			b.Id = a.Id
			if a.String() != b.String() {
				t.Errorf("got %v and %v", a, b)
			}
		}
	}
}

// TestSignedAnswersThatDoNotFitAreCut, and say so.
func TestSignedAnswersThatDoNotFitAreCut(t *testing.T) {
	t.Parallel()
	store, _, _ := signedStore(t, geoZone, nil)
	if got, out := ask(t, store.Current(), asked{name: "www.example.", typ: dns.TypeA, do: true, limit: 130}); !out.Truncated || len(got.Answer) > 0 {
		t.Errorf("got %v", got)
	}
}

// TestSignedAnswersAllocateNothing, of any kind.
func TestSignedAnswersAllocateNothing(t *testing.T) {
	store, _, _ := signedStore(t, everyProof+"geo 300 GEO\n*.wg 60 GEO six\n", nil)
	s := store.Current()
	reply := make([]byte, 0, 4096)
	for _, name := range []string{"geo.example.", "x.wg.example.", "www.example.", "nope.example.", "ent.example.", "x.wild.example.", "sub.example.", "sec.example.", "x.dn.example.", "x.cn.example.", "example."} {
		for _, typ := range []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeDS, dns.TypeANY, dns.TypeRRSIG, dns.TypeDNSKEY} {
			m := new(dns.Msg)
			m.SetQuestion(name, typ)
			query, err := m.Pack()
			if err != nil {
				t.Fatal(err)
			}
			q := zones.Question{Name: new([264]byte), Type: typ, DO: true, Limit: 4096, Client: zones.Client{Resolver: nowhere}}
			if n := testing.AllocsPerRun(10, func() {
				q.NameLen = copy(q.Name[:], query[12:len(query)-4])
				s.Answer(append(reply, query...), &q)
			}); n > 0 {
				t.Errorf("%s %s: %v allocations", name, dns.Type(typ), n)
			}
		}
	}
}

// TestVerdictsComeWhileOthersAskAndSign: all at once; it is for the race detector.
func TestVerdictsComeWhileOthersAskAndSign(t *testing.T) {
	t.Parallel()
	store, v, _ := signedStore(t, geoZone, new(sign.Cache))
	var at sync.WaitGroup
	for n := range 3 {
		at.Go(func() {
			for i := range 20 {
				switch n {
				case 0:
					down := []zones.Down{{POP: [...]string{"nyc", "fra", "syd"}[i%3], A: true, AAAA: i%2 == 0}}
					if err := store.Update(func(d *zones.Draft) error { d.SetDown(down, 20); return nil }); err != nil {
						t.Error(err)
					}
				case 1:
					store.Current().Warm(context.Background())
				case 2:
					got, _ := ask(t, store.Current(), asked{name: "two.example.", typ: dns.TypeA, do: true})
					if err := v.Validate(got); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	at.Wait()
}
