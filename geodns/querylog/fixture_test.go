package querylog

import (
	"fmt"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// aConfig names three types and RCODEs, and one POP.
func aConfig() Config {
	return Config{
		Identity: "fra", Version: "tinycdn 1",
		Type:  func(n uint16) string { return map[uint16]string{1: "A", 15: "MX", 28: "AAAA"}[n] },
		Rcode: func(n int) string { return map[int]string{0: "NOERROR", 3: "NXDOMAIN", 16: "BADVERS"}[n] },
		POP: func(a netip.Addr) string {
			if a == netip.MustParseAddr("192.0.2.1") {
				return "nyc"
			}
			return ""
		},
	}
}

// pack makes a query, and a reply to it with an A record where addr is not "", and the scope.
func pack(t testing.TB, name string, typ uint16, subnet string, rcode int, addr string, scope uint8) (query, reply []byte) {
	t.Helper()
	m := new(dns.Msg)
	m.SetQuestion(name, typ)
	var option *dns.EDNS0_SUBNET
	if subnet != "" {
		m.SetEdns0(1232, false)
		p := netip.MustParsePrefix(subnet)
		option = &dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: uint8(p.Bits()), Address: p.Addr().AsSlice()}
		if p.Addr().Is6() {
			option.Family = 2
		}
		m.IsEdns0().Option = []dns.EDNS0{option}
	}
	query, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	r := new(dns.Msg)
	r.SetReply(m)
	if subnet != "" {
		r.SetEdns0(1232, false)
		given := *option
		given.SourceScope = scope
		r.IsEdns0().Option = []dns.EDNS0{&given}
	}
	r.Rcode = rcode
	if addr != "" {
		rr, err := dns.NewRR(fmt.Sprintf("%s 60 A %s", name, addr))
		if err != nil {
			t.Fatal(err)
		}
		r.Answer = []dns.RR{rr}
	}
	if reply, err = r.Pack(); err != nil {
		t.Fatal(err)
	}
	return query, reply
}

var (
	client4 = netip.MustParseAddrPort("198.51.100.7:5353")
	client6 = netip.MustParseAddrPort("[2001:db8::7]:5353")
	local4  = netip.MustParseAddrPort("192.0.2.1:53")
	begun   = time.Date(2026, 3, 3, 12, 0, 0, 1_234_567, time.UTC).UnixNano()
)

// aRecord is a query over UDP that took 12.5 us.
func aRecord(query, reply []byte) *record {
	return &record{client: client4, local: local4, begin: begun, sent: begun + 12_500, query: query, reply: reply}
}

// aLog is a Log that nobody runs, with a ring; with a file where there is a path.
func aLog(t testing.TB, c Config, path string) (*Log, *Ring) {
	t.Helper()
	c.File = path
	if path == "" {
		c.Socket = "nowhere"
	}
	l := New(c, slog.New(slog.DiscardHandler))
	if err := l.Open(); err != nil {
		t.Fatal(err)
	}
	return l, l.NewRing()
}
