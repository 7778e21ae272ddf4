package protocol

import (
	"bytes"
	"net"
	"testing"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

// manners are the ways in which one question can be asked that may change its answer.
var manners = []struct {
	name    string
	network string
	change  func(*dns.Msg)
}{
	{"plain", "udp", func(m *dns.Msg) {}},
	{"EDNS", "udp", func(m *dns.Msg) { m.SetEdns0(1232, false) }},
	{"small buffer", "udp", func(m *dns.Msg) { m.SetEdns0(512, false) }},
	{"DO", "udp", func(m *dns.Msg) { m.SetEdns0(1232, true) }},
	{"NSID", "udp", func(m *dns.Msg) { testkit.AddOption(m, &dns.EDNS0_NSID{Code: dns.EDNS0NSID}) }},
	{"from London", "udp", func(m *dns.Msg) { testkit.AddOption(m, testkit.Subnet("81.2.69.0", 24)) }},
	{"from Sydney", "udp", func(m *dns.Msg) { testkit.AddOption(m, testkit.Subnet("1.1.1.0", 24)) }},
	{"from anywhere", "udp", func(m *dns.Msg) { testkit.AddOption(m, testkit.Subnet("0.0.0.0", 0)) }},
	{"capitals", "udp", func(m *dns.Msg) { m.Question[0].Name = string(bytes.ToUpper([]byte(m.Question[0].Name))) }},
	{"RD", "udp", func(m *dns.Msg) { m.RecursionDesired = true }},
	{"TCP", "tcp", func(m *dns.Msg) {}},
	{"TCP and DO", "tcp", func(m *dns.Msg) { m.SetEdns0(1232, true) }},
}

// TestNoAnswerDependsOnTheOneBefore asks each question in every manner after every other manner, on one socket: the
// reply must be octet for octet what a new server gives. A packet cache without DO in its key fails this
// (CVE-2018-14626).
func TestNoAnswerDependsOnTheOneBefore(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, `
-- tinycdn.toml --
zones = ["example.org.zone", "example.com.toml"]
pop   = "fra"
dns   = { listen = "127.0.0.1:$PORT" }
[pops]
fra = { addresses = ["192.0.2.2", "2001:db8::2"], location = [50.11, 8.68] }
syd = { addresses = ["192.0.2.3"], location = [-33.87, 151.21] }
[maps]
site = { default = "fra" }
-- example.com.toml --
[records]
"@" = { NS = "ns.example.net.", geo = "site" }
-- example.org.zone --
$TTL 300
@   SOA ns.example.net. hostmaster 1 2 3 4 5
@   NS  ns.example.net.
*   TXT "wild"
sub NS  ns.sub
sub DS  12345 8 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.sub A 192.0.2.1
$GENERATE 1-40 many A 192.0.2.$
`)
	conns := map[string]net.Conn{"udp": h.Dial(t, "udp"), "tcp": h.Dial(t, "tcp")}
	for _, question := range []struct {
		name string
		typ  uint16
	}{
		{"example.com.", dns.TypeA}, {"example.com.", dns.TypeAAAA}, {"no.example.com.", dns.TypeA}, {"many.example.org.", dns.TypeA},
		{"x.example.org.", dns.TypeTXT}, {"x.y.example.org.", dns.TypeTXT}, {"x.example.org.", dns.TypeA}, {"a.sub.example.org.", dns.TypeA},
		{"example.net.", dns.TypeA},
	} {
		replies := make([][]byte, len(manners))
		ask := func(i int) []byte {
			conn := conns[manners[i].network]
			testkit.Send(t, conn, testkit.Query(t, question.name, question.typ, func(m *dns.Msg) {
				m.Id, m.RecursionDesired = 7, false
				manners[i].change(m)
			}))
			return testkit.Receive(t, conn)
		}
		distinct := map[string]bool{}
		for i := range manners {
			replies[i] = ask(i)
			distinct[string(replies[i])] = true
		}
		if len(distinct) < 5 {
			t.Errorf("%s: only %d different replies: the manners do not matter", question.name, len(distinct))
		}
		for first := range manners {
			for second := range manners {
				ask(first)
				if got := ask(second); !bytes.Equal(got, replies[second]) {
					t.Errorf("%s %s: %s after %s: got\n% x\nwant\n% x", question.name, dns.TypeToString[question.typ],
						manners[second].name, manners[first].name, got, replies[second])
				}
			}
		}
	}
}
