package geodns

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/zonestest"
)

var loopback = geoip.BlockOfAddr(netip.MustParseAddr("127.0.0.1"))

// ask sends one query straight to a Responder, and returns the reply as miekg/dns reads it; nil is silence.
func ask(t testing.TB, store *zones.Store, m *dns.Msg, tcp bool) *dns.Msg {
	t.Helper()
	raw, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	r := NewResponder(store, Identity{Name: "fra", Version: "tinycdn test", Told: func(what []byte) string {
		return map[string]string{"\x0ageneration": "42 abc", "\x07example\x03org\x05zones": "def"}[string(what)]
	}}, &Loop{})
	reply := r.Respond(nil, raw, loopback, tcp)
	if len(reply) == 0 {
		return nil
	}
	got := new(dns.Msg)
	if err := got.Unpack(reply); err != nil {
		t.Fatalf("%v: the reply cannot be read: %v\n%x", m.Question, err, reply)
	}
	return got
}

func question(name string, typ uint16) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(name, typ)
	return m
}

// Every name of the zones, in whatever case it is written: the reply is what the zones answer, and names in it are as asked.
func TestEveryReplyCarriesTheAnswerOfTheZones(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	for _, name := range append(f.Names(), ".", "org.", "example.com.") {
		for _, typ := range []uint16{dns.TypeA, dns.TypeMX, dns.TypeDS, dns.TypeANY, 0} {
			for _, do := range []bool{false, true} {
				m := question(name, typ)
				if do {
					m.Question[0].Name = strings.ToUpper(name)
				}
				m.SetEdns0(1232, do)
				got := ask(t, f.Store, m, true)
				f.Judge(t, got, m.Question[0].Name, typ, do)
				if got.Question[0] != m.Question[0] || got.IsEdns0() == nil || got.IsEdns0().Do() != do {
					t.Errorf("%v: got the question %v and %v", m.Question[0], got.Question, got.IsEdns0())
				}
			}
		}
	}
}
