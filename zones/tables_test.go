package zones

import (
	"net/netip"
	"slices"
	"testing"

	"tinycdn/geoip"
	"tinycdn/zones/rr"
	"tinycdn/zones/steer"
)

// threePOPs have both families, each at its own addresses.
func threePOPs() []steer.POP {
	return []steer.POP{
		{Name: "nyc", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}, Point: geoip.Point{Lat: 40.71, Lon: -74.01}},
		{Name: "fra", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("2001:db8::2")}, Point: geoip.Point{Lat: 50.11, Lon: 8.68}},
		{Name: "syd", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.3"), netip.MustParseAddr("2001:db8::3")}, Point: geoip.Point{Lat: -33.87, Lon: 151.21}},
	}
}

// someMaps are "site" and "again", by the same rules, and "two", of two of the POPs.
func someMaps(t testing.TB) []*steer.Map {
	t.Helper()
	dbs, err := geoip.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	defer dbs.Close()
	maps, err := steer.Compile(dbs, threePOPs(), []steer.Rules{
		{Name: "site", Default: []string{"nyc"}, Nearest: true, Answers: 1},
		{Name: "again", Default: []string{"nyc"}, Nearest: true, Answers: 1},
		{Name: "two", Default: []string{"nyc"}, POPs: []string{"nyc", "syd"}, Nearest: true, Answers: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	return maps
}

func storeOf(t testing.TB, maps []*steer.Map) *Store {
	t.Helper()
	s := NewStore()
	update(t, s, func(d *Draft) { d.SetMaps(maps) })
	return s
}

func update(t testing.TB, s *Store, change func(*Draft)) {
	t.Helper()
	if err := s.Update(func(d *Draft) error { change(d); return nil }); err != nil {
		t.Fatal(err)
	}
}

// What no POP is missing from stays as it is, and comes back as it was: for whoever is up again nothing has to be made.
func TestTablesAreSharedAndKept(t *testing.T) {
	t.Parallel()
	s := storeOf(t, someMaps(t))
	table := func(name string, family int) *geoip.Table { return s.Current().maps[name].families[family].table }
	site, again, two := s.Current().maps["site"], s.Current().maps["again"], s.Current().maps["two"]
	if table("site", 0) != table("again", 0) || table("site", 0) != table("site", 1) {
		t.Error("maps by the same rules have tables of their own")
	}
	update(t, s, func(d *Draft) { d.SetDown([]Down{{POP: "fra", A: true}}, 20) })
	if s.Current().maps["two"] != two {
		t.Error("a map that does not use the POP was made again")
	}
	if table("site", 1) != site.families[1].table {
		t.Error("AAAA got another table, and only A is down")
	}
	if table("site", 0) == site.families[0].table || table("site", 0) != table("again", 0) {
		t.Error("maps by the same rules do not share what becomes of their tables")
	}
	without := table("site", 0)
	update(t, s, func(d *Draft) { d.SetDown([]Down{{POP: "fra", A: true, AAAA: true}, {POP: "nyc", Doubt: true}}, 20) })
	if table("site", 0) != without || table("site", 1) != without {
		t.Error("doubt, or another family, made a table again")
	}
	update(t, s, func(d *Draft) { d.SetDown(nil, 20) })
	if now := s.Current().maps; now["site"] != site || now["again"] != again || now["two"] != two {
		t.Error("what is up again is not what it was")
	}
}

// What is said of POPs outlives zones and maps, also that of POPs which are in no map by now.
func TestAReloadKeepsWhatIsDown(t *testing.T) {
	t.Parallel()
	maps := someMaps(t)
	s := storeOf(t, maps)
	downs := []Down{{POP: "fra", A: true, AAAA: true, Why: "refused"}, {POP: "oslo", A: true, Doubt: true}, {POP: "syd", Doubt: true}}
	update(t, s, func(d *Draft) { d.SetDown(downs, 20) })
	paris := &Client{Resolver: geoip.BlockOfAddr(netip.MustParseAddr("134.157.0.1"))}
	given := func() (addr netip.Addr, most uint32) {
		f := &s.Current().maps["site"].families[0]
		number, _ := f.find(paris)
		addr, _ = netip.AddrFromSlice(f.variants[number].body[12:])
		return addr, f.variants[number].most
	}
	nyc := netip.MustParseAddr("192.0.2.1")
	if addr, _ := given(); addr != nyc {
		t.Fatalf("Paris is given %v while fra is down", addr)
	}
	before := s.Current().maps["site"]
	update(t, s, func(d *Draft) { d.SetMaps(maps) })
	if s.Current().maps["site"] != before {
		t.Error("the same map was made again")
	}
	update(t, s, func(d *Draft) { d.SetMaps(someMaps(t)) })
	if addr, _ := given(); addr != nyc || s.Current().maps["site"] == before {
		t.Errorf("with new maps Paris is given %v", addr)
	}
	update(t, s, func(d *Draft) { d.Keep(func([]byte) bool { return false }) })
	if addr, _ := given(); addr != nyc || !slices.Equal(s.Current().Down(), downs) {
		t.Errorf("with new zones Paris is given %v, and it is said %v", addr, s.Current().Down())
	}
	update(t, s, func(d *Draft) { d.SetDown([]Down{{POP: "fra", Doubt: true}}, 20) })
	if addr, most := given(); addr != netip.MustParseAddr("192.0.2.2") || most != 20 {
		t.Errorf("back again, in doubt: Paris is given %v for at most %d s", addr, most)
	}
}

// No answer allocates, whatever is down or in doubt.
func TestAnAnswerAllocatesNothingWhateverIsDown(t *testing.T) {
	s := storeOf(t, someMaps(t))
	update(t, s, func(d *Draft) { d.SetDown([]Down{{POP: "fra", A: true}, {POP: "syd", Doubt: true}}, 20) })
	a, reply := s.Current().maps["site"], make([]byte, 0, 512)
	q := &Question{Type: rr.TypeA, Client: Client{Resolver: geoip.BlockOfAddr(netip.MustParseAddr("134.157.0.1"))}}
	if n := testing.AllocsPerRun(100, func() { a.appendTo(reply, q, 60, &Outcome{}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
