package wire

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// fra is who answers.
var fra = Server{ID: []byte("fra"), UDPSize: 1232}

// message packs a query with the given options, as a client would.
func message(t testing.TB, name string, typ uint16, change func(*dns.Msg)) []byte {
	t.Helper()
	m := new(dns.Msg)
	m.SetQuestion(name, typ)
	m.Id = 0x1234
	if change != nil {
		change(m)
	}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func withOptions(opts ...dns.EDNS0) func(*dns.Msg) {
	return func(m *dns.Msg) {
		m.SetEdns0(1232, false)
		m.IsEdns0().Option = opts
	}
}

// subnetOption is a client subnet of any octets, right or wrong.
func subnetOption(octets ...byte) *dns.EDNS0_LOCAL {
	return &dns.EDNS0_LOCAL{Code: dns.EDNS0SUBNET, Data: octets}
}

func TestVerdicts(t *testing.T) {
	plain := message(t, "www.Example.ORG.", dns.TypeA, nil)
	change := func(at int, octets ...byte) []byte {
		b := bytes.Clone(plain)
		copy(b[at:], octets)
		return b
	}
	opt := func(m *dns.Msg) { m.SetEdns0(4096, true) }
	with := func(f func(*dns.Msg)) []byte { return message(t, "www.example.org.", dns.TypeA, f) }
	tests := []struct {
		what string
		msg  []byte
		want Verdict
	}{
		{"a question", plain, Fine},
		{"nothing", nil, Drop},
		{"eleven octets", plain[:11], Drop},
		{"a header alone", plain[:12], BadForm},
		{"an answer", change(2, 0x80), Drop},
		{"a broken answer", change(2, 0x80)[:12], Drop},
		{"opcode STATUS", change(2, 2<<3), NotImplemented},
		{"opcode UPDATE", change(2, 5<<3), NotImplemented},
		{"no question", change(4, 0, 0), BadForm},
		{"two questions", change(4, 0, 2), BadForm},
		{"65,535 questions", change(4, 0xff, 0xff), BadForm},
		{"an answer record announced", change(6, 0, 1), BadForm},
		{"an authority record announced", change(8, 0, 1), BadForm},
		{"an additional record announced", change(10, 0, 1), BadForm},
		{"a label of 64 octets", change(12, 64), BadForm},
		{"a pointer in the question", change(12, 0xc0, 0x0c), BadForm},
		{"a name without end", plain[:20], BadForm},
		{"no class", plain[:len(plain)-2], BadForm},
		{"an octet too many", append(bytes.Clone(plain), 0), BadForm},
		{"the root", message(t, ".", dns.TypeNS, nil), Fine},
		{"EDNS", with(opt), Fine},
		{"EDNS cut short", func() []byte { b := with(opt); return b[:len(b)-1] }(), BadForm},
		{"EDNS version 1", with(func(m *dns.Msg) { opt(m); m.IsEdns0().SetVersion(1) }), BadVersion},
		{"two OPT records", with(func(m *dns.Msg) { opt(m); m.Extra = append(m.Extra, m.Extra[0]) }), BadForm},
		{"an OPT with an owner", with(func(m *dns.Msg) { opt(m); m.Extra[0].Header().Name = "a." }), BadForm},
		{"an unknown option", with(withOptions(&dns.EDNS0_LOCAL{Code: 65001, Data: []byte("hello")})), Fine},
		{"a cookie", with(withOptions(&dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: "0123456789abcdef"})), Fine},
		{"another record in Additional", with(func(m *dns.Msg) {
			m.Extra = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: "a.", Rrtype: dns.TypeA, Class: 1}, A: []byte{1, 2, 3, 4}}}
		}), Fine},
		{"TSIG", with(func(m *dns.Msg) { m.SetTsig("key.", dns.HmacSHA256, 300, 1) }), Signed},
		{"TSIG before the OPT", with(func(m *dns.Msg) { m.SetTsig("key.", dns.HmacSHA256, 300, 1); m.SetEdns0(1232, false) }), BadForm},
		{"subnet IPv4", with(withOptions(subnetOption(0, 1, 24, 0, 192, 0, 2))), Fine},
		{"subnet IPv4, SOURCE 0", with(withOptions(subnetOption(0, 1, 0, 0))), Fine},
		{"subnet IPv4, SOURCE 25", with(withOptions(subnetOption(0, 1, 25, 0, 192, 0, 2, 128))), Fine},
		{"subnet IPv6", with(withOptions(subnetOption(0, 2, 56, 0, 0x20, 1, 0xd, 0xb8, 0, 0, 1))), Fine},
		{"subnet IPv6, whole", with(withOptions(subnetOption(append([]byte{0, 2, 128, 0}, bytes.Repeat([]byte{0xff}, 16)...)...))), Fine},
		{"subnet with an octet too few", with(withOptions(subnetOption(0, 1, 24, 0, 192, 0))), BadForm},
		{"subnet with an octet too many", with(withOptions(subnetOption(0, 1, 24, 0, 192, 0, 2, 0))), BadForm},
		{"subnet with bits beyond SOURCE", with(withOptions(subnetOption(0, 1, 23, 0, 192, 0, 3))), BadForm},
		{"subnet IPv6 with bits beyond SOURCE", with(withOptions(subnetOption(0, 2, 65, 0, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0x40))), BadForm},
		{"subnet with SCOPE", with(withOptions(subnetOption(0, 1, 24, 24, 192, 0, 2))), BadForm},
		{"subnet of no family, SOURCE 0", with(withOptions(subnetOption(0, 0, 0, 0))), Fine},
		{"subnet of no family, SOURCE 8", with(withOptions(subnetOption(0, 0, 8, 0, 10))), BadForm},
		{"subnet of no family with SCOPE", with(withOptions(subnetOption(0, 0, 0, 1))), BadForm},
		{"subnet of family 3", with(withOptions(subnetOption(0, 3, 24, 0, 192, 0, 2))), BadForm},
		{"subnet of family 257", with(withOptions(subnetOption(1, 1, 24, 0, 192, 0, 2))), BadForm},
		{"subnet IPv4, SOURCE 33", with(withOptions(subnetOption(0, 1, 33, 0, 192, 0, 2, 0, 0))), BadForm},
		{"subnet IPv6, SOURCE 129", with(withOptions(subnetOption(append([]byte{0, 2, 129, 0}, make([]byte, 17)...)...))), BadForm},
		{"subnet of three octets", with(withOptions(subnetOption(0, 1, 0))), BadForm},
		{"two subnets", with(withOptions(subnetOption(0, 1, 0, 0), subnetOption(0, 1, 0, 0))), BadForm},
	}
	var q Query // one for all: nothing may be left of an earlier query
	for _, tt := range tests {
		if got := Parse(tt.msg, &q); got != tt.want {
			t.Errorf("%s: got verdict %d, want %d", tt.what, got, tt.want)
		}
	}
}

func TestOptionLongerThanItsRecordIsBadForm(t *testing.T) {
	b := message(t, "a.", dns.TypeA, withOptions(subnetOption(0, 1, 24, 0, 192, 0, 2)))
	for i := range b[18:] { // every octet behind the question, at its worst
		worse := bytes.Clone(b)
		worse[18+i] = 0xff
		var q Query
		Parse(worse, &q)
	}
	binary.BigEndian.PutUint16(b[len(b)-9:], 8) // one octet more than there is
	var q Query
	if got := Parse(b, &q); got != BadForm {
		t.Errorf("got verdict %d, want %d", got, BadForm)
	}
}

func TestNameIsLowerCasedAsOctets(t *testing.T) {
	// Whatever stands in a label: letters change, nothing else does.
	var label [63]byte
	for from := 0; from < 256; from++ {
		for i := range label {
			label[i] = byte(from + i)
		}
		msg := []byte{0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63}
		msg = append(msg, label[:]...)
		msg = append(msg, 3, 'O', 'r', 'G', 0, 0, 1, 0, 1)
		var q Query
		if got := Parse(msg, &q); got != Fine {
			t.Fatalf("got verdict %d", got)
		}
		want := append([]byte{63}, label[:]...)
		for i, c := range want {
			if 'A' <= c && c <= 'Z' {
				want[i] = c + 'a' - 'A'
			}
		}
		want = append(want, "\x03org\x00"...)
		if got := q.Name[:q.NameLen]; !bytes.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestLongestNames(t *testing.T) {
	label := strings.Repeat("a", 63)
	for _, tt := range []struct {
		last int
		want Verdict
	}{{61, Fine}, {62, BadForm}} { // 3*64 + 62 + 1 = 255 octets, and one more
		msg := []byte{0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}
		for _, l := range []string{label, label, label, label[:tt.last]} {
			msg = append(append(msg, byte(len(l))), l...)
		}
		msg = append(msg, 0, 0, 1, 0, 1)
		var q Query
		if got := Parse(msg, &q); got != tt.want {
			t.Errorf("last label of %d octets: got verdict %d, want %d", tt.last, got, tt.want)
		}
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	msg := message(t, "www.example.org.", dns.TypeA, withOptions(subnetOption(0, 1, 24, 0, 192, 0, 2)))
	var q Query
	if n := testing.AllocsPerRun(100, func() { Parse(msg, &q) }); n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}

// FuzzParse holds that Parse lives through any octets, and that miekg/dns reads what it finds fine in the same way.
func FuzzParse(f *testing.F) {
	f.Add(message(f, "www.example.org.", dns.TypeA, nil))
	f.Add(message(f, ".", dns.TypeANY, withOptions(subnetOption(0, 1, 24, 0, 192, 0, 2))))
	f.Add(message(f, "a.b.c.d.", dns.TypeTXT, withOptions(subnetOption(0, 2, 48, 0, 0x20, 1, 0xd, 0xb8, 0, 1), &dns.EDNS0_NSID{Code: dns.EDNS0NSID})))
	for _, n := range []int{8, 9, 16, 24, 40, 41} {
		f.Add(message(f, "a.", dns.TypeA, withOptions(&dns.EDNS0_LOCAL{Code: dns.EDNS0COOKIE, Data: make([]byte, n)}, subnetOption(0, 0, 0, 0))))
	}
	f.Add([]byte("\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x0c\x00\x0a\x00\x08cookie!!"))
	f.Add(message(f, "a.", dns.TypeA, func(m *dns.Msg) { m.SetTsig("key.", dns.HmacSHA256, 300, 1) }))
	f.Add([]byte("\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\xfb\x00\x01\x00\x00\x06\x00\x01\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, msg []byte) {
		var q Query
		verdict := Parse(msg, &q)
		if verdict != Drop && q.QuestionEnd > len(msg) {
			t.Fatalf("the question ends at %d of %d octets", q.QuestionEnd, len(msg))
		}
		if verdict != Fine && verdict != NoQuestion {
			return
		}
		length := fra.OPTLen(&q)
		reply := fra.AppendOPT(AppendHead(nil, msg, &q), &q, NoError, 0)
		SetHeader(reply, &q, Header{Authoritative: true})
		var m dns.Msg
		if err := m.Unpack(reply); err != nil {
			t.Fatalf("the reply's frame cannot be read: %v\n%x", err, reply)
		}
		if q.Cookie.Present && (q.Cookie.n < clientCookieLen || q.Cookie.n > maxCookieLen) {
			t.Fatalf("got a cookie of %d octets", q.Cookie.n)
		}
		if head := AppendHead(nil, msg, &q); len(head)+length != len(reply) {
			t.Fatalf("OPT is %d octets long, not %d", len(reply)-len(head), length)
		}
		if verdict == NoQuestion {
			if len(m.Question) != 0 || !q.Cookie.Present {
				t.Fatalf("got %v without a cookie or with a question", m.Question)
			}
			return
		}
		want := string(m.Question[0].Name)
		got, _, err := dns.UnpackDomainName(q.Name[:q.NameLen], 0)
		if err != nil || !strings.EqualFold(got, want) {
			t.Fatalf("got name %q (%v), want %q", got, err, want)
		}
		if m.Question[0].Qtype != q.Type || m.Question[0].Qclass != q.Class {
			t.Fatalf("got %d %d, want %v", q.Class, q.Type, m.Question[0])
		}
	})
}

func BenchmarkParse(b *testing.B) {
	msg := message(b, "www.cdn.example.", dns.TypeA, withOptions(subnetOption(0, 1, 24, 0, 192, 0, 2)))
	var q Query
	b.ReportAllocs()
	for b.Loop() {
		Parse(msg, &q)
	}
}
