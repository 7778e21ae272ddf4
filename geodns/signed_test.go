package geodns

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones"
	"tinycdn/zones/steer"
	"tinycdn/zones/zonestest"
)

// manyNames is a zone of 300 names, with one of each kind besides.
func manyNames() string {
	var b strings.Builder
	b.WriteString("$TTL 300\n@ SOA ns hostmaster 1 14400 3600 1209600 60\n@ NS ns\n@ MX 10 host7\nns A 192.0.2.1\nalias CNAME host8\n*.wild A 192.0.2.9\n*.walias CNAME host9\na.b.ent A 192.0.2.4\nsub NS ns.sub\nns.sub A 192.0.2.5\nsec NS ns\nsec DS 1 13 2 ")
	b.WriteString(strings.Repeat("00", 32) + "\ndn DNAME wild\n")
	for i := range 300 {
		fmt.Fprintf(&b, "host%d A 192.0.2.%d\n", i, i%256)
	}
	return b.String()
}

// signedKinds are the kinds of answer that a signed zone gives, by a question for each in manyNames.
var signedKinds = []struct {
	what, name string
	typ        uint16
}{
	{"static A", "host12.example.", dns.TypeA},
	{"MX", "example.", dns.TypeMX},
	{"no such name", "nothing.example.", dns.TypeA},
	{"no such name below one", "x.y.host12.example.", dns.TypeA},
	{"no such type", "host12.example.", dns.TypeTXT},
	{"empty non-terminal", "ent.example.", dns.TypeA},
	{"wildcard", "any.wild.example.", dns.TypeA},
	{"no such type of a wildcard", "any.wild.example.", dns.TypeTXT},
	{"CNAME", "alias.example.", dns.TypeA},
	{"CNAME of a wildcard", "any.walias.example.", dns.TypeA},
	{"DNAME", "any.dn.example.", dns.TypeA},
	{"referral", "www.sub.example.", dns.TypeA},
	{"referral with DS", "www.sec.example.", dns.TypeA},
	{"no DS", "sub.example.", dns.TypeDS},
	{"ANY", "example.", dns.TypeANY},
	{"RRSIG", "example.", dns.TypeRRSIG},
	{"DNSKEY", "example.", dns.TypeDNSKEY},
}

// geoKinds are those that only a zone signed here has, by a question for each.
var geoKinds = []struct {
	what, name string
	typ        uint16
}{
	{"geo with ECS", "geo.example.", dns.TypeA},
	{"geo with ECS below a wildcard", "any.geo.example.", dns.TypeA},
	{"no such type of a geo name", "geo.example.", dns.TypeTXT},
}

// newGeo serves manyNames with geo names, unsigned and signed here.
func newGeo(t testing.TB) map[string]*Responder {
	t.Helper()
	dir, all := t.TempDir(), map[string]*Responder{}
	zonestest.NewKey(t, filepath.Join(dir, "keys"), "example")
	maps := zonestest.Maps(t)
	for how, dnssec := range map[string]string{"unsigned": "dnssec = false\n", "NSEC": "dnssec = true\n"} {
		toml, included := zonestest.InTOML(t, "example", manyNames()+"geo 300 GEO\n*.geo 300 GEO\n", dnssec)
		path := filepath.Join(dir, "example.toml")
		for name, text := range map[string]string{path: toml, filepath.Join(dir, "example.zone"): included} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		l := zones.Loader{Maps: []string{"site"}, Signing: zones.Signing{Keys: filepath.Join(dir, "keys"), Families: zones.FamiliesOf(maps)}}.Load(path, "")
		all[how] = serving(t, l, maps...)
	}
	return all
}

// packFrom is packSecure with a client subnet.
func packFrom(t testing.TB, name string, typ uint16) []byte {
	t.Helper()
	m := question(name, typ)
	m.SetEdns0(1232, true)
	m.IsEdns0().Option = append(m.IsEdns0().Option, &dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, Address: net.IPv4(81, 2, 69, 0)})
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// newSigned serves manyNames, signed by each signer, and unsigned as "".
func newSigned(t testing.TB) map[string]*Responder {
	t.Helper()
	all := map[string]*Responder{}
	for how, signer := range map[string]*zonestest.Signer{"unsigned": nil, "NSEC": {}, "NSEC3": {NSEC3: true}} {
		text := "$ORIGIN example.\n" + manyNames()
		if signer != nil {
			text, _ = signer.Sign(t, "example", manyNames())
		}
		all[how] = serving(t, example(t, text))
	}
	return all
}

// example loads the zone of that name, given as a master file.
func example(t testing.TB, text string) zones.Loaded {
	t.Helper()
	path := filepath.Join(t.TempDir(), "example.zone")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return zones.Load(path, "example", nil)
}

// serving answers from a zone that was loaded.
func serving(t testing.TB, l zones.Loaded, maps ...*steer.Map) *Responder {
	t.Helper()
	if l.Value == nil {
		t.Fatal(l.Problems)
	}
	store := zones.NewStore()
	if err := store.Update(func(d *zones.Draft) error { d.SetMaps(maps); d.SetZone(l.Value); return nil }); err != nil {
		t.Fatal(err)
	}
	return NewResponder(store, Identity{Name: "fra"}, &Loop{})
}

// packSecure packs a question with DO, AD and CD.
func packSecure(t testing.TB, name string, typ uint16, size uint16) []byte {
	t.Helper()
	m := question(name, typ)
	m.SetEdns0(size, true)
	m.AuthenticatedData, m.CheckingDisabled = true, true
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNoKindOfSignedAnswerAllocates(t *testing.T) {
	reply := make([]byte, 0, 4096)
	for how, r := range newGeo(t) {
		for _, k := range geoKinds {
			msg := packFrom(t, k.name, k.typ)
			if n := testing.AllocsPerRun(100, func() { r.Respond(reply, msg, loopback, false) }); n != 0 {
				t.Errorf("%s, %s: %v allocations, want 0", how, k.what, n)
			}
		}
	}
	for how, r := range newSigned(t) {
		for _, k := range signedKinds {
			msg := packSecure(t, k.name, k.typ, 1232)
			if n := testing.AllocsPerRun(100, func() { r.Respond(reply, msg, loopback, false) }); n != 0 {
				t.Errorf("%s, %s: %v allocations, want 0", how, k.what, n)
			}
		}
	}
}

// TestDOIsEchoedAndNothingElseClaimed: AD and CD are a resolver's (RFC 4035, 3.1.6; RFC 3225, 3).
func TestDOIsEchoedAndNothingElseClaimed(t *testing.T) {
	t.Parallel()
	for how, r := range newSigned(t) {
		for _, k := range signedKinds {
			got := new(dns.Msg)
			if err := got.Unpack(r.Respond(nil, packSecure(t, k.name, k.typ, 1232), loopback, false)); err != nil {
				t.Fatal(err)
			}
			if got.AuthenticatedData || got.CheckingDisabled || got.IsEdns0() == nil || !got.IsEdns0().Do() {
				t.Errorf("%s, %s: got %v", how, k.what, got)
			}
		}
	}
}

// TestASignedAnswerIsWholeOrCut: at whatever size a client takes, it gets all of the answer, or hears that there is more.
func TestASignedAnswerIsWholeOrCut(t *testing.T) {
	t.Parallel()
	for how, r := range newSigned(t) {
		for _, k := range signedKinds {
			whole := new(dns.Msg)
			if err := whole.Unpack(r.Respond(nil, packSecure(t, k.name, k.typ, 1232), loopback, true)); err != nil {
				t.Fatal(err)
			}
			full := len(r.Respond(nil, packSecure(t, k.name, k.typ, 1232), loopback, true))
			for size := 512; size <= 1232; size++ {
				reply := r.Respond(nil, packSecure(t, k.name, k.typ, uint16(size)), loopback, false)
				got := new(dns.Msg)
				if err := got.Unpack(reply); err != nil || len(reply) > size {
					t.Fatalf("%s, %s: %d octets of %d: %v", how, k.what, len(reply), size, err)
				}
				if same := len(got.Answer) == len(whole.Answer) && len(got.Ns) == len(whole.Ns); got.Truncated == same || full <= size && got.Truncated {
					t.Fatalf("%s, %s at %d: TC %v, %d and %d records, whole %d and %d", how, k.what, size, got.Truncated, len(got.Answer), len(got.Ns), len(whole.Answer), len(whole.Ns))
				}
			}
		}
	}
}

// BenchmarkRespondSigned asks zones of 300 names, unsigned and signed, with DO.
func BenchmarkRespondSigned(b *testing.B) {
	all := newSigned(b)
	for _, k := range signedKinds {
		for _, how := range []string{"unsigned", "NSEC", "NSEC3"} {
			msg, r := packSecure(b, k.name, k.typ, 1232), all[how]
			b.Run(strings.ReplaceAll(k.what, " ", "_")+"/"+how, func(b *testing.B) {
				reply := make([]byte, 0, 4096)
				b.ReportAllocs()
				for b.Loop() {
					r.Respond(reply, msg, loopback, false)
				}
			})
		}
	}
	all = newGeo(b)
	for _, k := range geoKinds {
		for _, how := range []string{"unsigned", "NSEC"} {
			msg, r := packFrom(b, k.name, k.typ), all[how]
			b.Run(strings.ReplaceAll(k.what, " ", "_")+"/"+how, func(b *testing.B) {
				reply := make([]byte, 0, 4096)
				b.ReportAllocs()
				for b.Loop() {
					r.Respond(reply, msg, loopback, false)
				}
			})
		}
	}
}
