package geodns

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/zonestest"
)

// respond sends octets straight to a Responder.
func respond(store *zones.Store, msg []byte, tcp bool) []byte {
	return NewResponder(store, Identity{Name: "fra", Version: "tinycdn test"}, &Loop{}).Respond(nil, msg, loopback, tcp)
}

func TestRcodes(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	of := func(name string, typ, class uint16) *dns.Msg {
		m := question(name, typ)
		m.Question[0].Qclass = class
		return m
	}
	for _, tt := range []struct {
		what string
		m    *dns.Msg
		want int
	}{
		{"a name of ours", of("www.example.org.", dns.TypeA, dns.ClassINET), dns.RcodeSuccess},
		{"nobody's name", of("www.example.edu.", dns.TypeA, dns.ClassINET), dns.RcodeRefused},
		{"the root", of(".", dns.TypeNS, dns.ClassINET), dns.RcodeRefused},
		{"class ANY", of("www.example.org.", dns.TypeA, dns.ClassANY), dns.RcodeRefused},
		{"class HS", of("www.example.org.", dns.TypeA, dns.ClassHESIOD), dns.RcodeRefused},
		{"class NONE", of("www.example.org.", dns.TypeA, dns.ClassNONE), dns.RcodeRefused},
		{"class CH, a name of the Internet", of("www.example.org.", dns.TypeA, dns.ClassCHAOS), dns.RcodeRefused},
		{"AXFR", of("example.org.", dns.TypeAXFR, dns.ClassINET), dns.RcodeRefused},
		{"IXFR", of("example.org.", dns.TypeIXFR, dns.ClassINET), dns.RcodeRefused},
		{"TKEY", of("example.org.", dns.TypeTKEY, dns.ClassINET), dns.RcodeNotImplemented},
		{"MAILA", of("example.org.", dns.TypeMAILA, dns.ClassINET), dns.RcodeNotImplemented},
		{"QTYPE OPT", of("example.org.", dns.TypeOPT, dns.ClassINET), dns.RcodeSuccess},
		{"QTYPE 65535", of("example.org.", 65535, dns.ClassINET), dns.RcodeSuccess},
		{"QTYPE 0", of("example.org.", 0, dns.ClassINET), dns.RcodeSuccess},
		{"QTYPE 0 at a cut", of("sub.example.org.", 0, dns.ClassINET), dns.RcodeSuccess},
		{"NOTIFY", func() *dns.Msg { m := of("example.org.", dns.TypeSOA, 1); m.Opcode = dns.OpcodeNotify; return m }(), dns.RcodeNotImplemented},
		{"UPDATE", func() *dns.Msg { m := new(dns.Msg); m.SetUpdate("example.org."); return m }(), dns.RcodeNotImplemented},
	} {
		got := ask(t, f.Store, tt.m, false)
		if got == nil || got.Rcode != tt.want || got.Opcode != tt.m.Opcode || got.Id != tt.m.Id {
			t.Errorf("%s: got %v, want %s", tt.what, got, dns.RcodeToString[tt.want])
		}
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	for name, want := range map[string]string{"ID.server.": "fra", "hostname.bind.": "fra", "version.bind.": "tinycdn test", "version.server.": "tinycdn test", "version.tinycdn.": "tinycdn test", "generation.tinycdn.": "42 abc", "Example.org.zones.TINYCDN.": "def"} {
		m := question(name, dns.TypeTXT)
		m.Question[0].Qclass = dns.ClassCHAOS
		got := ask(t, f.Store, m, false)
		if len(got.Answer) != 1 || got.Answer[0].(*dns.TXT).Txt[0] != want || got.Answer[0].Header().Class != dns.ClassCHAOS {
			t.Errorf("%s: got %v, want %q", name, got, want)
		}
	}
	hidden := NewResponder(f.Store, Identity{Name: "fra"}, &Loop{})
	m := question("version.bind.", dns.TypeTXT)
	m.Question[0].Qclass = dns.ClassCHAOS
	raw, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if got := hidden.Respond(nil, raw, loopback, false); got[3]&15 != dns.RcodeRefused {
		t.Errorf("a hidden version: got %x", got)
	}
}

// large has answers just around the sizes that matter.
func large() map[string]string {
	var b strings.Builder
	b.WriteString("$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n")
	for n := range 90 {
		for i := range n + 1 {
			fmt.Fprintf(&b, "n%02d A 10.0.%d.%d\n", n, n, i)
		}
	}
	for i := range 3000 {
		fmt.Fprintf(&b, "huge A 10.%d.%d.1\n", i/256, i%256)
	}
	return map[string]string{"large.example": b.String()}
}

func TestRepliesKeepToTheSizeThatWasAskedFor(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, large())
	for n := range 3 * 90 {
		ours := []int{512, 1232, 4096}[n/90]
		n := n % 90
		r := NewResponder(f.Store, Identity{Name: "fra"}, &Loop{udpSize: ours, cookies: newCookies()})
		for _, size := range []uint16{0, 100, 512, 700, 1232, 4096} {
			m := question(fmt.Sprintf("n%02d.large.example.", n), dns.TypeA)
			limit := 512
			if size > 0 {
				m.SetEdns0(size, false)
				limit = min(max(int(size), 512), ours)
				if n%2 == 1 {
					cookieOption(make([]byte, 8))(m) // it takes its room
				}
			}
			raw, err := m.Pack()
			if err != nil {
				t.Fatal(err)
			}
			full := len(r.Respond(nil, raw, loopback, true))
			reply := r.Respond(nil, raw, loopback, false)
			var got dns.Msg
			if err := got.Unpack(reply); err != nil {
				t.Fatal(err)
			}
			if len(reply) > limit || got.Truncated != (full > limit) || !got.Truncated && len(got.Answer) != n+1 || got.Truncated && len(got.Answer) != 0 || (got.IsEdns0() != nil) != (size > 0) {
				t.Errorf("%d records, sizes %d and %d: %d octets, TC %v, %d records", n+1, size, ours, len(reply), got.Truncated, len(got.Answer))
			}
			if size > 0 && got.IsEdns0().UDPSize() != uint16(ours) {
				t.Errorf("got size %d, want %d", got.IsEdns0().UDPSize(), ours)
			}
		}
	}
	m := question("huge.large.example.", dns.TypeA)
	if got := ask(t, f.Store, m, true); len(got.Answer) != 3000 {
		t.Errorf("over TCP: got %d records, want 3000", len(got.Answer))
	}
}

// Additional records that nobody asked for go before an answer is truncated, with room for the OPT counted in.
func TestExtrasNeverTruncateAnAnswer(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n")
	for i := range 4 {
		fmt.Fprintf(&b, "m MX %d t%d\nt%d A 192.0.2.%d\n", i, i, i, i)
	}
	for n := 1; n <= 60; n++ {
		label := strings.Repeat("x", n)
		fmt.Fprintf(&b, "a.%s CNAME b.%s\nb.%s CNAME c.%s\nc.%s CNAME d.%s\nd.%s CNAME m\n", label, label, label, label, label, label, label)
	}
	f := zonestest.Must(t, map[string]string{"extras.example": b.String()})
	dropped := 0
	for n := 1; n <= 60; n++ {
		for _, subnet := range []string{"", "81.2.69.0/24"} {
			msg := packQuery(t, "a."+strings.Repeat("x", n)+".extras.example.", dns.TypeMX, subnet)
			copy(msg[len(msg)-8-ecsLen(subnet):], []byte{2, 0}) // a payload size of 512
			full := respond(f.Store, msg, true)
			var whole, got dns.Msg
			if whole.Unpack(full) != nil || got.Unpack(respond(f.Store, msg, false)) != nil {
				t.Fatal("a reply cannot be read")
			}
			const extra = 16 // an A record whose owner is a pointer
			bare := len(full) - extra*(len(whole.Extra)-1)
			if got.Truncated != (bare > 512) || !got.Truncated && len(got.Answer) != 8 {
				t.Errorf("label of %d octets, subnet %q: %d octets, %d without extras: TC %v, %d records", n, subnet, len(full), bare, got.Truncated, len(got.Answer))
			}
			if !got.Truncated && len(got.Extra) < len(whole.Extra) {
				dropped++
			}
		}
	}
	if dropped == 0 {
		t.Error("extras were never dropped: the test does not reach what it is for")
	}
}

// ecsLen is how long the client subnet option of an IPv4 /24 is; 0 without one.
func ecsLen(subnet string) int {
	if subnet == "" {
		return 0
	}
	return 4 + 4 + 3
}

// RFC 7871 as design has it, with the built-in table and what it says itself of each address.
func TestClientSubnetDecidesAndIsEchoed(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	m := zonestest.Maps(t)[0]
	pops := func(a netip.Addr) string {
		order, _ := m.Table.Find(geoip.BlockOfAddr(a))
		return m.POPs[m.Orders[order][0]].Addresses[0].String()
	}
	paris := netip.MustParseAddr("134.157.0.1")
	fromParis := geoip.BlockOfAddr(paris)
	for _, tt := range []struct {
		what, name string
		typ        uint16
		subnet     string
		wantScope  func(got uint8) bool
		want       string // the first address; "": none is looked for
	}{
		{"a subnet decides", "www.example.org.", dns.TypeA, "129.78.0.0/24", func(s uint8) bool { return s > 0 && s <= 24 }, "192.0.2.3"},
		{"an address decides", "www.example.org.", dns.TypeA, "129.78.0.1/32", func(s uint8) bool { return s > 0 && s <= 32 }, "192.0.2.3"},
		{"v4-mapped", "www.example.org.", dns.TypeA, "::ffff:129.78.0.0/120", func(s uint8) bool { return s > 96 && s <= 120 }, "192.0.2.3"},
		{"6to4", "www.example.org.", dns.TypeA, "2002:814e::/40", func(s uint8) bool { return s > 16 && s <= 40 }, "192.0.2.3"},
		{"NAT64", "www.example.org.", dns.TypeA, "64:ff9b::814e:0/120", func(s uint8) bool { return s > 96 && s <= 120 }, "192.0.2.3"},
		{"Teredo is nowhere", "www.example.org.", dns.TypeA, "2001:0:4136:e378::/64", func(s uint8) bool { return s > 0 && s <= 64 }, "192.0.2.1"},
		{"private: by the resolver, for the subnet as sent", "www.example.org.", dns.TypeA, "10.1.0.0/16", func(s uint8) bool { return s == 16 }, pops(paris)},
		{"loopback: by the resolver", "www.example.org.", dns.TypeA, "127.0.0.1/32", func(s uint8) bool { return s == 32 }, pops(paris)},
		{"unique local: by the resolver", "www.example.org.", dns.TypeA, "fd00:1::/48", func(s uint8) bool { return s == 48 }, pops(paris)},
		{"SOURCE 0: by the resolver, scope 0", "www.example.org.", dns.TypeA, "0.0.0.0/0", func(s uint8) bool { return s == 0 }, pops(paris)},
		{"SOURCE 0, IPv6", "www.example.org.", dns.TypeA, "::/0", func(s uint8) bool { return s == 0 }, pops(paris)},
		{"too short: a longer scope says so", "www.example.org.", dns.TypeA, "128.0.0.0/2", func(s uint8) bool { return s > 2 }, ""},
		{"no address of that type at the nearest", "www.example.org.", dns.TypeAAAA, "129.78.0.0/24", func(s uint8) bool { return s > 0 && s <= 24 }, "2001:db8:1::1"},
		{"a static name", "mail.example.org.", dns.TypeA, "129.78.0.0/24", func(s uint8) bool { return s == 0 }, "198.51.100.3"},
		{"another type of a geo name", "www.example.org.", dns.TypeTXT, "129.78.0.0/24", func(s uint8) bool { return s == 0 }, ""},
		{"no such type", "www.example.org.", dns.TypeMX, "129.78.0.0/24", func(s uint8) bool { return s == 0 }, ""},
		{"no such name", "nothing.example.org.", dns.TypeA, "129.78.0.0/24", func(s uint8) bool { return s == 0 }, ""},
		{"a referral", "www.sub.example.org.", dns.TypeA, "129.78.0.0/24", func(s uint8) bool { return s == 0 }, ""},
		{"a CNAME to a geo name", "old.example.org.", dns.TypeA, "129.78.0.0/24", func(s uint8) bool { return s == 0 }, ""},
		{"refused", "example.edu.", dns.TypeA, "129.78.0.0/24", func(s uint8) bool { return s == 0 }, ""},
	} {
		raw := packQuery(t, tt.name, tt.typ, tt.subnet)
		for _, tcp := range []bool{false, true} {
			reply := NewResponder(f.Store, Identity{Name: "fra"}, &Loop{}).Respond(nil, raw, fromParis, tcp)
			var got dns.Msg
			if err := got.Unpack(reply); err != nil {
				t.Fatal(err)
			}
			ecs, ok := got.IsEdns0().Option[0].(*dns.EDNS0_SUBNET)
			if !ok || !tt.wantScope(ecs.SourceScope) {
				t.Errorf("%s: got %v", tt.what, got.IsEdns0())
				continue
			}
			// All but the scope is the query's, octet for octet: the option ends both messages.
			source := int(netip.MustParsePrefix(tt.subnet).Bits()+7) / 8
			if end := source; !slices.Equal(reply[len(reply)-end:], raw[len(raw)-end:]) || !slices.Equal(reply[len(reply)-end-4:len(reply)-end-1], raw[len(raw)-end-4:len(raw)-end-1]) {
				t.Errorf("%s: the option came back as %x", tt.what, reply[len(reply)-source-4:])
			}
			if tt.want != "" && (len(got.Answer) == 0 || !strings.HasSuffix(got.Answer[0].String(), "\t"+tt.want)) {
				t.Errorf("%s: got %v, want %s", tt.what, got.Answer, tt.want)
			}
		}
	}
}

func TestWithoutSubnetTheResolverDecidesAndNoneIsReturned(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	raw := packQuery(t, "www.example.org.", dns.TypeA, "")
	for addr, want := range map[string]string{"129.78.0.1": "192.0.2.3", "134.157.0.1": "192.0.2.2", "127.0.0.1": "192.0.2.1", "::1": "192.0.2.1", "::ffff:129.78.0.1": "192.0.2.3"} {
		reply := NewResponder(f.Store, Identity{}, &Loop{}).Respond(nil, raw, geoip.BlockOfAddr(netip.MustParseAddr(addr)), false)
		var got dns.Msg
		if err := got.Unpack(reply); err != nil {
			t.Fatal(err)
		}
		if len(got.IsEdns0().Option) != 0 || !strings.HasSuffix(got.Answer[0].String(), "\t"+want) {
			t.Errorf("%s: got %v, want %s", addr, &got, want)
		}
	}
}

// FuzzRespond holds that any octets get a reply that can be read, or silence; and QR=1 only silence.
func FuzzRespond(f *testing.F) {
	store := zonestest.Must(f, zonestest.Everything).Store
	for _, k := range kinds {
		f.Add(packQuery(f, k.name, k.typ, k.subnet), false)
	}
	f.Add(packIdentity(f), true)
	f.Add([]byte("\x00\x01\x84\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01"), false)
	r := NewResponder(store, Identity{Name: "fra", Version: "tinycdn"}, &Loop{})
	f.Fuzz(func(t *testing.T, msg []byte, tcp bool) {
		reply := r.Respond(nil, msg, loopback, tcp)
		if len(msg) < 12 || msg[2]&0x80 != 0 {
			if len(reply) != 0 {
				t.Fatalf("an answer to %x: %x", msg, reply)
			}
			return
		}
		var m dns.Msg
		if err := m.Unpack(reply); err != nil {
			t.Fatalf("%v: %x", err, reply)
		}
		if !tcp && len(reply) > 1232 {
			t.Fatalf("%d octets over UDP", len(reply))
		}
		if !m.Response || m.Id != uint16(msg[0])<<8|uint16(msg[1]) {
			t.Fatalf("not a reply to %x: %x", msg, reply)
		}
	})
}
