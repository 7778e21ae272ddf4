package geodns

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/steer"
	"tinycdn/zones/zonestest"
)

// cityData is where the full databases are (the Makefile's "data" gets them).
func cityData(name string) string {
	dir := os.Getenv("TINYCDN_DATA")
	if dir == "" {
		cache, _ := os.UserCacheDir()
		dir = filepath.Join(cache, "tinycdn-data")
	}
	return filepath.Join(dir, name)
}

// packQuery packs a question with an OPT record, and with a client subnet if one is given.
func packQuery(t testing.TB, name string, typ uint16, subnet string) []byte {
	t.Helper()
	m := question(name, typ)
	m.SetEdns0(1232, false)
	if subnet != "" {
		p := netip.MustParsePrefix(subnet)
		family := uint16(2)
		if p.Addr().Is4() {
			family = 1
		}
		m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: family, SourceNetmask: uint8(p.Bits()), Address: p.Addr().AsSlice()}}
	}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// kinds are the kinds of answer there are, by a question for each in the zones of zonestest.Everything.
var kinds = []struct {
	what, name string
	typ        uint16
	subnet     string
}{
	{"static A", "ns1.example.org.", dns.TypeA, ""},
	{"MX with additional", "example.org.", dns.TypeMX, ""},
	{"geo", "www.example.org.", dns.TypeA, ""},
	{"geo with subnet", "www.example.org.", dns.TypeA, "81.2.69.0/24"},
	{"geo with IPv6 subnet", "www.example.org.", dns.TypeAAAA, "2a02:8100::/48"},
	{"geo with private subnet", "www.example.org.", dns.TypeA, "10.0.0.0/8"},
	{"geo with short subnet", "www.example.org.", dns.TypeA, "64.0.0.0/3"},
	{"no such name", "nothing.example.org.", dns.TypeA, ""},
	{"no such type", "ns1.example.org.", dns.TypeTXT, ""},
	{"wildcard", "any.wild.example.org.", dns.TypeA, ""},
	{"wildcard geo", "any.wgeo.example.org.", dns.TypeA, "81.2.69.0/24"},
	{"CNAME chain across zones", "back.example.net.", dns.TypeA, ""},
	{"DNAME", "mail.dn.example.org.", dns.TypeA, ""},
	{"referral", "www.sub.example.org.", dns.TypeA, ""},
	{"ANY", "example.org.", dns.TypeANY, ""},
	{"not our zone", "example.com.", dns.TypeA, "81.2.69.0/24"},
}

func TestNoKindOfAnswerAllocates(t *testing.T) {
	f := zonestest.Must(t, zonestest.Everything)
	r := NewResponder(f.Store, Identity{Name: "fra", Version: "tinycdn"}, &Loop{})
	reply := make([]byte, 0, 4096)
	for _, k := range kinds {
		msg := packQuery(t, k.name, k.typ, k.subnet)
		for _, tcp := range []bool{false, true} {
			if n := testing.AllocsPerRun(100, func() { r.Respond(reply, msg, loopback, tcp) }); n != 0 {
				t.Errorf("%s: %v allocations, want 0", k.what, n)
			}
		}
	}
	for _, msg := range [][]byte{nil, make([]byte, 12), make([]byte, 600), packIdentity(t)} {
		if n := testing.AllocsPerRun(100, func() { r.Respond(reply, msg, loopback, false) }); n != 0 {
			t.Errorf("%x: %v allocations, want 0", msg, n)
		}
	}
}

// An answer too long for UDP is not even copied: a small question must not cost much.
func TestATruncatedAnswerAllocatesNothing(t *testing.T) {
	f := zonestest.Must(t, large())
	r := NewResponder(f.Store, Identity{Name: "fra"}, &Loop{})
	msg := packQuery(t, "huge.large.example.", dns.TypeA, "")
	reply := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { reply = r.Respond(reply, msg, loopback, false) }); n != 0 || reply[2]&0x02 == 0 {
		t.Errorf("%v allocations, want 0; reply %x", n, reply)
	}
}

func packIdentity(t testing.TB) []byte {
	m := question("id.server.", dns.TypeTXT)
	m.Question[0].Qclass = dns.ClassCHAOS
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func BenchmarkRespond(b *testing.B) {
	f := zonestest.Must(b, zonestest.Everything)
	for _, k := range kinds {
		msg := packQuery(b, k.name, k.typ, k.subnet)
		b.Run(k.what, func(b *testing.B) {
			r := NewResponder(f.Store, Identity{Name: "fra", Version: "tinycdn"}, &Loop{})
			reply := make([]byte, 0, 4096)
			b.ReportAllocs()
			for b.Loop() {
				r.Respond(reply, msg, loopback, false)
			}
		})
	}
}

// BenchmarkRespondCity asks a geo name for subnets all over IPv4, with the full GeoLite2 City.
func BenchmarkRespondCity(b *testing.B) {
	f := zonestest.Must(b, zonestest.Everything)
	dbs, err := geoip.Open([]string{cityData("GeoLite2-City.mmdb")})
	if err != nil {
		b.Fatalf("%v (make data-all gets it)", err)
	}
	maps, err := steer.Compile(dbs, zonestest.POPs, []steer.Rules{{Name: "site", Default: []string{"nyc"}, Nearest: true, Answers: 1}})
	dbs.Close()
	if err != nil {
		b.Fatal(err)
	}
	err = f.Store.Update(func(d *zones.Draft) error { d.SetMaps(maps); return nil })
	if err != nil {
		b.Fatal(err)
	}
	msg := packQuery(b, "www.example.org.", dns.TypeA, "81.2.69.0/24")
	r := NewResponder(f.Store, Identity{Name: "fra"}, &Loop{})
	reply := make([]byte, 0, 4096)
	x := uint32(1)
	b.ReportAllocs()
	for b.Loop() {
		x = x*1664525 + 1013904223
		msg[len(msg)-3], msg[len(msg)-2], msg[len(msg)-1] = byte(1+x>>8%223), byte(x>>16), byte(x>>24)
		r.Respond(reply, msg, loopback, false)
	}
}

// BenchmarkMiekg answers as a plain server with miekg/dns does: Unpack, build the reply, Pack.
func BenchmarkMiekg(b *testing.B) {
	for _, k := range kinds[:4] {
		msg := packQuery(b, k.name, k.typ, k.subnet)
		rr, err := dns.NewRR("ns1.example.org. 60 A 192.0.2.1")
		if err != nil {
			b.Fatal(err)
		}
		records := map[string]dns.RR{k.name: rr}
		b.Run(k.what, func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 4096)
			for b.Loop() {
				var m, reply dns.Msg
				if err := m.Unpack(msg); err != nil {
					b.Fatal(err)
				}
				reply.SetReply(&m)
				reply.Authoritative = true
				reply.Compress = true
				if rr := records[m.Question[0].Name]; rr != nil {
					rr = dns.Copy(rr)
					rr.Header().Name = m.Question[0].Name
					reply.Answer = append(reply.Answer, rr)
				}
				if opt := m.IsEdns0(); opt != nil {
					reply.SetEdns0(1232, false)
					reply.IsEdns0().Option = opt.Option
				}
				if _, err := reply.PackBuffer(buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
