package zones_test

import (
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/zonestest"
)

// TestWhereTellsWhatTheAddressesAreDecidedBy holds TXT of a name with where = true against what explain says, and against the addresses
// themselves: for subnets and resolvers from everywhere, of any length.
func TestWhereTellsWhatTheAddressesAreDecidedBy(t *testing.T) {
	t.Parallel()
	l := loadTOML(t, `[records]
"@"   = { NS = "ns.example." }
two   = { geo = "two", where = true }
six   = { geo = "six", where = true }
"*.w" = { geo = "site", where = true, ttl = 60 }
no    = { geo = "site", where = false }
alias = { CNAME = "two" }
`)
	if len(l.Problems) > 0 {
		t.Fatal(l.Problems)
	}
	store := zones.NewStore()
	if err := store.Update(func(d *zones.Draft) error {
		d.SetMaps(zonestest.Maps(t))
		d.SetZone(l.Value)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s, random := store.Current(), rand.New(rand.NewPCG(1, 2))
	for name, m := range map[string]string{"two": "two", "six": "six", "a.w": "site"} {
		for range 300 {
			c := zones.Client{Resolver: geoip.BlockOfAddr(anyAddr(random))}
			if random.IntN(4) > 0 {
				a := anyAddr(random)
				prefix, _ := a.Prefix(1 + random.IntN(a.BitLen()))
				c.Subnet, c.HasSubnet = geoip.BlockOf(prefix), true
			}
			check(t, s, name+".example.org.", m, c)
		}
	}
	if m, out := ask(t, s, asked{name: "no.example.org.", typ: dns.TypeTXT}); len(m.Answer) != 0 || out.Scope != 0 {
		t.Errorf("where = false: %v", m.Answer)
	}
	if m, out := ask(t, s, asked{name: "alias.example.org.", typ: dns.TypeTXT}); len(m.Answer) != 1 || out.Scope != 0 {
		t.Errorf("by an alias, which stands alone as with addresses: %v", m.Answer)
	}
}

// loadTOML loads a zone for the maps of zonestest.
func loadTOML(t *testing.T, text string) zones.Loaded {
	t.Helper()
	path := filepath.Join(t.TempDir(), "zone.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return zones.Load(path, "example.org", []string{"site", "two", "six"})
}

// anyAddr is an address that may be anywhere, or nowhere.
func anyAddr(random *rand.Rand) netip.Addr {
	if random.IntN(10) == 0 {
		return netip.MustParseAddr([]string{"10.1.2.3", "127.0.0.1", "fd00::1", "::1", "0.0.0.0"}[random.IntN(5)])
	}
	if random.IntN(2) == 0 {
		return netip.AddrFrom4([4]byte{byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32()), 1})
	}
	return netip.AddrFrom16([16]byte{0x20 | byte(random.Uint32()&0x0f), byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32()), 15: 1})
}

func check(t *testing.T, s *zones.Snapshot, name, of string, c zones.Client) {
	t.Helper()
	m, out := ask(t, s, asked{name: name, typ: dns.TypeTXT, client: c})
	if len(m.Answer) != 1 || m.Answer[0].Header().Ttl != 0 || m.Answer[0].Header().Name != name {
		t.Fatalf("%s: %v", name, m.Answer)
	}
	text := m.Answer[0].(*dns.TXT).Txt
	_, addresses := ask(t, s, asked{name: name, typ: dns.TypeA, client: c})
	if out.Scope != addresses.Scope {
		t.Errorf("%s: scope %d, and %d of its addresses", name, out.Scope, addresses.Scope)
	}
	block := c.Resolver
	if c.HasSubnet {
		block = c.Subnet
	}
	subnet := netip.PrefixFrom(block.Addr(), int(block.Bits))
	e := zones.Explanation{Map: of}
	if err := s.Explain(&e, subnet, geoip.Location{}); err != nil {
		t.Fatal(err)
	}
	want := []string{"resolver " + c.Resolver.Addr().String(), "subnet " + e.A.For.String(), "map " + of}
	switch {
	case !c.HasSubnet:
		want[1] = "no subnet: the resolver's place decides"
	case e.ByResolver:
		want[1] = "subnet " + subnet.String() + " is nowhere: the resolver's place decides"
	case out.Scope != e.A.Scope:
		t.Errorf("%s for %s: scope %d, and explain says %d", name, subnet, out.Scope, e.A.Scope)
	}
	if e.ByResolver && c.HasSubnet { // then the resolver is who is explained
		e = zones.Explanation{Map: of}
		if err := s.Explain(&e, netip.PrefixFrom(c.Resolver.Addr(), int(c.Resolver.Bits)), geoip.Location{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, pop := range e.A.From {
		want = append(want, "pop "+pop)
	}
	if !slices.Equal(text, want) {
		t.Errorf("%s for %s by %s: got\n%s\nwant\n%s", name, subnet, c.Resolver.Addr(), strings.Join(text, "\n"), strings.Join(want, "\n"))
	}
}

func TestMistakesAboutWhereAreTold(t *testing.T) {
	t.Parallel()
	for records, want := range map[string]string{
		`www = { where = true }`:                          "3: www: where: want geo beside it",
		`www = { geo = "site", where = "yes" }`:           "3: www: where: want true or false, not",
		`www = { geo = "site", where = true, TXT = "x" }`: "3: www.example.org: TXT beside where = true",
		`www = { geo = "site", were = true }`:             `3: www: unknown key "were" (did you mean "where"?)`,
	} {
		l := loadTOML(t, "[records]\n\"@\" = { NS = \"ns.example.\" }\n"+records+"\n")
		if len(l.Problems) != 1 || !strings.Contains(l.Problems[0].String(), want) {
			t.Errorf("%s: got %v, want %s", records, l.Problems, want)
		}
	}
}
