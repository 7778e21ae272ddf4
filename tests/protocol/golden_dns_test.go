package protocol

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

// questionID is the ID of every question that is recorded, and probeID that of the one behind it, which is always
// answered: if its answer comes first, there was none before it.
const (
	questionID = 0x4711
	probeID    = 0x0815
)

// TestGoldenDNS asks a server with fixed zones many questions in many manners, over UDP and TCP, and compares each reply
// with the one in dns.txt: in hex if it is short, else by its hash beside the records that it holds.
func TestGoldenDNS(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, readGolden(t, "dns.house"))
	_, places, _ := strings.Cut(readGolden(t, "dns.house"), "-- places --\n")
	places, _, _ = strings.Cut(places, "-- ")
	if err := testkit.WriteMMDB(filepath.Join(h.Folder, "places.mmdb"), places); err != nil {
		t.Fatal(err)
	}
	h.Start(t)
	a := &recorder{t: t, h: h, udp: h.Dial(t, "udp")}
	a.say("# The usual questions in the usual manners. A reply over TCP is shown where it differs from that over UDP.\n")
	for line := range strings.Lines(readGolden(t, "dns.questions")) {
		words := strings.Fields(line)
		if words[0] == "#" {
			continue
		}
		for _, typ := range words[1:] {
			a.question(words[0], typ, usualManners)
		}
	}
	a.say("\n# Some questions in unusual manners.\n")
	for _, q := range strings.Split("www.example.com. A/www.example.com. AAAA/two.example.com. A/rules.example.com. A/example.org. MX/"+
		"nobody.example.org. A/www.example.org. AAAA/x.sub.example.org. A/many.example.org. A/www.example.net. A", "/") {
		name, typ, _ := strings.Cut(q, " ")
		a.question(name, typ, unusualManners)
	}
	a.say("\n# Addresses of clients, and where they are sent.\n")
	a.places()
	a.say("\n# Messages as they seldom are.\n")
	for _, m := range append(malformed(), uncommon()...) {
		a.say("\n%s\n  %-12s %s\n", m.name, "query", hex.EncodeToString(m.msg))
		a.record("reply", m.msg, true)
	}
	wantGolden(t, "dns.txt", a.text.String())
}

// recorder asks, and writes down what it gets.
type recorder struct {
	t    *testing.T
	h    *testkit.Host
	udp  net.Conn
	tcp  net.Conn // nil: to be dialled
	text strings.Builder
}

func (a *recorder) say(format string, args ...any) { fmt.Fprintf(&a.text, format, args...) }

func (a *recorder) question(name, typ string, manners []manner) {
	a.say("\n%s %s\n", name, typ)
	for i, m := range manners {
		a.record(m.name, m.query(a.t, name, typeOf(a.t, typ)), i == 0)
	}
}

// places asks, for subnets of every kind, three geo names.
func (a *recorder) places() {
	for _, subnet := range strings.Fields("81.2.69.0/24 81.2.69.142/32 81.2.70.0/24 81.2.0.0/16 81.0.0.0/8 80.0.0.0/7 1.0.0.0/24 1.1.0.0/24 " +
		"2.3.0.0/16 2.4.0.0/16 2.4.5.0/24 5.0.0.0/24 5.5.5.0/24 41.1.0.0/16 200.1.2.0/24 201.1.2.0/24 " +
		"203.0.113.0/24 203.0.113.0/25 203.0.113.128/25 203.0.113.7/32 198.51.100.0/24 9.9.9.0/24 " +
		"10.1.2.0/24 127.0.0.0/8 192.168.0.0/16 169.254.0.0/16 100.64.0.0/10 224.0.0.0/4 0.0.0.0/0 0.0.0.0/1 128.0.0.0/1 " +
		"2001:db8:a::/48 2001:db8:a::/56 2001:db8:b::/32 2001:db8:77::/48 2001:db8:77:1::1/128 2a00::/12 2a00::/24 ::/0 fe80::/10 fd00::/8 " +
		"::ffff:81.2.69.0/120 2002:5102:4500::/40 64:ff9b::5102:4500/120 2001:0:5102:4500::/56 ::1/128") {
		a.say("\nfrom %s\n", subnet)
		m := manner{opt: opt(1232, 0, option(8, clientSubnet(a.t, subnet)))}
		for _, q := range []string{"www.example.com. A", "www.example.com. AAAA", "two.example.com. A", "rules.example.com. A"} {
			name, typ, _ := strings.Cut(q, " ")
			reply, what := a.ask("udp", m.query(a.t, name, typeOf(a.t, typ)))
			if over, _ := a.ask("tcp", m.query(a.t, name, typeOf(a.t, typ))); string(over) != string(reply) {
				a.t.Errorf("from %s: %s: UDP and TCP differ", subnet, q)
			}
			var addresses []string
			if m := new(dns.Msg); m.Unpack(reply) == nil {
				for _, rr := range m.Answer {
					addresses = append(addresses, dns.Field(rr, 1))
				}
			}
			a.say("  %-26s %s %s\n", q, what, strings.Join(addresses, ","))
		}
	}
}

// record writes a line on the reply to a message, and if decoded is set what it holds.
func (a *recorder) record(name string, msg []byte, decoded bool) {
	udp, said := a.ask("udp", msg)
	tcp, saidTCP := a.ask("tcp", msg)
	a.say("  %-12s %s\n", name, said)
	if decoded {
		a.decode(udp)
	}
	if said != saidTCP {
		a.say("  %-12s %s\n", name+"/tcp", saidTCP)
		if decoded && string(udp) != string(tcp) {
			a.decode(tcp)
		}
	}
}

func (a *recorder) decode(reply []byte) {
	m := new(dns.Msg)
	if len(reply) > 0 && len(reply) <= 80 {
		a.say("    %x\n", reply)
	}
	if len(reply) == 0 || m.Unpack(reply) != nil {
		return
	}
	for i, section := range [][]dns.RR{m.Answer, m.Ns, m.Extra} {
		for n, rr := range section {
			if n == 4 && len(section) > 6 {
				a.say("    %s ... %d more\n", [...]string{"an", "ns", "ar"}[i], len(section)-n)
				break
			}
			if rr.Header().Rrtype != dns.TypeOPT {
				a.say("    %s %s\n", [...]string{"an", "ns", "ar"}[i], strings.ReplaceAll(rr.String(), "\t", " "))
			}
		}
	}
}

// ask sends a message and gives the reply, and a line on it.
func (a *recorder) ask(network string, msg []byte) (reply []byte, what string) {
	conn := a.udp
	if network == "tcp" {
		if a.tcp == nil {
			a.tcp = a.h.Dial(a.t, "tcp")
		}
		conn = a.tcp
	}
	testkit.Send(a.t, conn, msg)
	probe := manner{}.query(a.t, "www.example.org.", dns.TypeA)
	binary.BigEndian.PutUint16(probe, probeID)
	testkit.Send(a.t, conn, probe)
	first, err := take(conn)
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
		conn.Close()
		a.tcp = nil
		return nil, "the connection is closed"
	}
	if err != nil {
		a.t.Fatalf("%s: % x: %v", network, msg, err)
	}
	if isProbe(first) {
		return nil, "no reply"
	}
	if second, err := take(conn); err != nil || !isProbe(second) {
		a.t.Fatalf("%s: % x: there is a second reply: % x, %v", network, msg, second, err)
	}
	maskCookie(first)
	return first, describeReply(first)
}

// maskCookie puts zeros in place of the server cookie (RFC 9018), which is another each time. It is the last option.
func maskCookie(reply []byte) {
	if n := len(reply) - 28; n > 0 && string(reply[n:n+4]) == "\x00\x0a\x00\x18" {
		clear(reply[n+12:])
	}
}

func isProbe(reply []byte) bool {
	return len(reply) > 2 && binary.BigEndian.Uint16(reply) == probeID
}

// take takes the next message, or says why there is none.
func take(conn net.Conn) ([]byte, error) {
	conn.SetReadDeadline(time.Now().Add(testkit.Patience))
	buf := make([]byte, 65535)
	if !testkit.IsTCP(conn) {
		n, err := conn.Read(buf)
		return buf[:n], err
	}
	if _, err := io.ReadFull(conn, buf[:2]); err != nil {
		return nil, err
	}
	reply := buf[2 : 2+int(buf[0])<<8+int(buf[1])]
	_, err := io.ReadFull(conn, reply)
	return reply, err
}

// describeReply is a line: RCODE, flags, counts of the sections, scope, length, and a hash of all bytes.
func describeReply(reply []byte) string {
	m := new(dns.Msg)
	if len(reply) < 12 || m.Unpack(reply) != nil {
		return fmt.Sprintf("(undecodable) %d %s", len(reply), hashed(reply))
	}
	flags := ""
	for _, f := range []struct {
		set  bool
		name string
	}{
		{m.Authoritative, " aa"}, {m.Truncated, " tc"}, {m.RecursionDesired, " rd"},
		{m.RecursionAvailable, " ra"}, {m.AuthenticatedData, " ad"}, {m.CheckingDisabled, " cd"},
	} {
		if f.set {
			flags += f.name
		}
	}
	edns := ""
	if o := m.IsEdns0(); o != nil {
		edns = " edns"
		for _, option := range o.Option {
			switch option := option.(type) {
			case *dns.EDNS0_SUBNET:
				edns += fmt.Sprintf(" /%d", option.SourceScope)
			case *dns.EDNS0_NSID:
				edns += " nsid"
			default:
				edns += fmt.Sprintf(" option %d", option.Option())
			}
		}
	}
	return fmt.Sprintf("%s%s %d/%d/%d%s %d %s", dns.RcodeToString[m.Rcode], flags,
		len(m.Answer), len(m.Ns), len(m.Extra), edns, len(reply), hashed(reply))
}

func typeOf(t *testing.T, name string) uint16 {
	t.Helper()
	typ, ok := dns.StringToType[name]
	if _, err := fmt.Sscanf(name, "TYPE%d", &typ); !ok && err != nil {
		t.Fatalf("no type %s", name)
	}
	return typ
}
