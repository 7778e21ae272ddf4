package geodns

import (
	"testing"
	"unsafe"

	"github.com/miekg/dns"

	"tinycdn/geodns/wire"
	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/zonestest"
)

// countedServer is a Server with one loop of each transport, which answer from zonestest.Everything.
func countedServer(t *testing.T, country func(geoip.Block) uint8) (s *Server, store *zones.Store, ask func(msg []byte, tcp bool)) {
	f := zonestest.Must(t, zonestest.Everything)
	udp, tcp := &Loop{country: country}, &Loop{country: country}
	s = &Server{listeners: []*listener{{loops: []*Loop{udp}}}, shared: []*Loop{tcp}}
	responders := map[bool]*Responder{false: NewResponder(f.Store, Identity{Name: "fra"}, udp), true: NewResponder(f.Store, Identity{Name: "fra"}, tcp)}
	return s, f.Store, func(msg []byte, tcp bool) { responders[tcp].Respond(nil, msg, loopback, tcp) }
}

// nameOf is the place of a name in a list.
func nameOf[T ~string](t *testing.T, list []T, name T) int {
	t.Helper()
	for i := range list {
		if list[i] == name {
			return i
		}
	}
	t.Fatalf("there is no %s in %v", name, list)
	return 0
}

func TestEachQueryIsCountedOnceAsWhatItWas(t *testing.T) {
	t.Parallel()
	s, store, ask := countedServer(t, nil)
	type cell struct {
		ecs          int
		typ, rcode   string
		zone, atZone string
	}
	broken := packQuery(t, "www.example.org.", dns.TypeA, "")
	broken[5] = 2 // two questions
	total := uint64(0)
	for _, c := range []struct {
		msg  []byte
		want cell
	}{
		{packQuery(t, "www.example.org.", dns.TypeA, ""), cell{0, "A", "NOERROR", "example.org", "NOERROR"}},
		{packQuery(t, "www.example.org.", dns.TypeAAAA, "81.2.69.0/24"), cell{1, "AAAA", "NOERROR", "example.org", "NOERROR"}},
		{packQuery(t, "nothing.example.org.", dns.TypeMX, ""), cell{0, "MX", "NXDOMAIN", "example.org", "NXDOMAIN"}},
		{packQuery(t, "example.com.", dns.TypeCAA, ""), cell{0, "CAA", "REFUSED", "none", "REFUSED"}},
		{packQuery(t, "www.example.org.", 65400, ""), cell{0, "other", "NOERROR", "example.org", "NOERROR"}},
		{packQuery(t, "www.example.org.", 3, ""), cell{0, "other", "NOERROR", "example.org", "NOERROR"}},
		{packQuery(t, "www.example.org.", dns.TypeAXFR, ""), cell{0, "AXFR", "REFUSED", "", ""}},
		{packQuery(t, "www.example.org.", dns.TypeTKEY, ""), cell{0, "other", "NOTIMP", "", ""}},
		{packIdentity(t), cell{0, "TXT", "NOERROR", "", ""}},
		{broken, cell{0, "none", "FORMERR", "", ""}},
	} {
		for _, tcp := range []bool{false, true} {
			before := s.Stats()
			ask(c.msg, tcp)
			total++
			after := s.Stats()
			was, is, other := &before.UDP, &after.UDP, &after.TCP
			if tcp {
				was, is, other = &before.TCP, &after.TCP, &after.UDP
			}
			typ, rcode := nameOf(t, TypeNames[:], c.want.typ), nameOf(t, RcodeNames[:], c.want.rcode)
			if got := is.Asked[c.want.ecs][typ][rcode] - was.Asked[c.want.ecs][typ][rcode]; got != 1 {
				t.Errorf("%+v: counted %d times", c.want, got)
			}
			if sum := sumOf(is) + sumOf(other); sum != total {
				t.Errorf("%+v: %d are counted in all, want %d", c.want, sum, total)
			}
			if c.want.zone == "" {
				if before.Zones != after.Zones {
					t.Errorf("%+v: a zone was counted", c.want)
				}
				continue
			}
			zone, rcode := nameOf(t, store.Counted(), c.want.zone), nameOf(t, RcodeNames[:], c.want.atZone)
			if got := after.Zones[zone][rcode] - before.Zones[zone][rcode]; got != 1 {
				t.Errorf("%+v: the zone was counted %d times", c.want, got)
			}
		}
	}
	ask(make([]byte, 3), false)
	if after := s.Stats(); after.UDP.Dropped != 1 || after.TCP.Dropped != 0 || sumOf(&after.UDP)+sumOf(&after.TCP) != total {
		t.Errorf("of what was no query: got %d, %d", after.UDP.Dropped, after.TCP.Dropped)
	}
}

func sumOf(c *Counted) (sum uint64) {
	for subnet := range c.Asked {
		for typ := range c.Asked[subnet] {
			for _, n := range c.Asked[subnet][typ] {
				sum += n
			}
		}
	}
	return sum
}

// TestAllTypesAndRcodesHaveAPlace: whatever a client sends, there is no more to be counted by, and names are those of the registry.
func TestAllTypesAndRcodesHaveAPlace(t *testing.T) {
	t.Parallel()
	for typ := range 65536 {
		name := TypeNames[kindOfType(uint16(typ))]
		if name != "other" && name != dns.TypeToString[uint16(typ)] {
			t.Errorf("type %d is called %s", typ, name)
		}
	}
	for i, number := range typeNumbers[1:noType] {
		if got := kindOfType(number); int(got) != i+1 {
			t.Errorf("%s is counted as %s", TypeNames[i+1], TypeNames[got])
		}
	}
	for rcode := -1; rcode < 4096; rcode++ {
		name, want := RcodeNames[kindOfRcode(rcode)], dns.RcodeToString[rcode]
		switch {
		case rcode == wire.BadVers:
			want = "BADVERS" // the library calls 16 by what it is in TSIG
		case rcode == silence:
			want = "silence"
		}
		if name != "other" && name != want {
			t.Errorf("RCODE %d is called %s, want %s", rcode, name, want)
		}
	}
}

func TestCountriesAreEstimatedFromSome(t *testing.T) {
	t.Parallel()
	s, _, ask := countedServer(t, func(b geoip.Block) uint8 {
		if b.V4 && b.Hi>>56 == 81 {
			return 7
		}
		return 9
	})
	with, without := packQuery(t, "www.example.org.", dns.TypeA, "81.2.69.0/24"), packQuery(t, "www.example.org.", dns.TypeA, "")
	for range 160 {
		ask(with, false)
		ask(without, true)
	}
	if got := s.Stats().Countries; got != [geoip.MostCountries]uint64{7: 160, 9: 160} {
		t.Errorf("got %v", got)
	}
}

func TestNoTwoLoopsShareALineOfACache(t *testing.T) {
	t.Parallel()
	var c counts
	first, behind := unsafe.Offsetof(c.questions), unsafe.Sizeof(c)-unsafe.Offsetof(c.until)-unsafe.Sizeof(c.until)
	if first < cacheLine || behind < cacheLine-unsafe.Sizeof(c.until)-unsafe.Sizeof(c.seen) {
		t.Errorf("%d octets before what is counted, and %d behind", first, behind)
	}
}

// TestOneBatchIn16IsMeasured, with all queries in it.
func TestOneBatchIn16IsMeasured(t *testing.T) {
	t.Parallel()
	var c counts
	for range 32 {
		c.end(c.start(), 5)
	}
	sum := uint64(0)
	for i := range c.took {
		sum += c.took[i].Load()
	}
	if sum != 10 || c.total.Load() == 0 {
		t.Errorf("%d are measured, %d ns together", sum, c.total.Load())
	}
}
