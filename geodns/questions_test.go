package geodns

import (
	"testing"

	"tinycdn/geodns/wire"
	"tinycdn/geoip"
	"tinycdn/zones"

	"github.com/miekg/dns"
)

// TestWhatResolversAskIsCounted, and not who looks whether the server is well.
func TestWhatResolversAskIsCounted(t *testing.T) {
	t.Parallel()
	loop := &Loop{}
	r := NewResponder(zones.NewStore(), Identity{}, loop)
	s := &Server{listeners: []*listener{{loops: []*Loop{loop}}}}
	for typ, want := range map[uint16]uint64{dns.TypeA: 1, dns.TypeSOA: 0, dns.TypeTXT: 1} {
		raw, err := question("example.org.", typ).Pack()
		if err != nil {
			t.Fatal(err)
		}
		before := s.Questions()
		loop.begin(1)
		r.Respond(make([]byte, 0, wire.MaxTCP), raw, geoip.Block{V4: true, Bits: 32}, false)
		if got := s.Questions() - before; got != want {
			t.Errorf("%s: %d more, want %d", dns.TypeToString[typ], got, want)
		}
	}
}
