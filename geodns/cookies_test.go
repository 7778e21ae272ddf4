package geodns

import (
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/geodns/wire"
	"tinycdn/geoip"
	"tinycdn/zones/zonestest"
)

// The vectors of the reference implementation: the key is 00 to 0f, the data as many octets from 00 on.
func TestSipHashIsThatOfTheReference(t *testing.T) {
	t.Parallel()
	var key [16]byte
	var data []byte
	for i := range key {
		key[i] = byte(i)
	}
	for i, want := range []uint64{
		0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d, 0xcf2794e0277187b7, 0x18765564cd99a68d,
		0xcbc9466e58fee3ce, 0xab0200f58b01d137, 0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
		0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5, 0x3f2acc7f57c29bdb, 0x699ae9f52cbe4794,
		0x4bc1b3f0968dd39c, 0xbb6dc91da77961bd, 0xbed65cf21aa2ee98, 0xd0f2cbb02e3b67c7, 0x93536795e3a33e88, 0xa80c038ccd5ccec8,
		0xb8ad50c6f649af94, 0xbce192de8a85b8ea, 0x17d835b85bbb15f3, 0x2f2e6163076bcfad, 0xde4daaaca71dc9a5, 0xa6a2506687956571,
		0xad87a3535c49ef28, 0x32d892fad841c342, 0x7127512f72f27cce,
	} {
		if got := sipHash(&key, data); got != want {
			t.Errorf("%d octets: got %016x, want %016x", i, got, want)
		}
		data = append(data, byte(i))
	}
}

func unhex(t testing.TB, digits string) []byte {
	t.Helper()
	octets, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func cookieOption(octets []byte) func(*dns.Msg) {
	return func(m *dns.Msg) {
		if m.IsEdns0() == nil {
			m.SetEdns0(1232, false)
		}
		m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_LOCAL{Code: dns.EDNS0COOKIE, Data: octets}}
	}
}

// judged gives what becomes of the COOKIE option of a query: whether it is good, and the reply's.
func judged(t *testing.T, c *cookies, sent string, client string, now uint32) (good bool, reply string) {
	t.Helper()
	m := question("example.com.", dns.TypeA)
	cookieOption(unhex(t, sent))(m)
	raw, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	var q wire.Query
	if verdict := wire.Parse(raw, &q); verdict != wire.Fine {
		t.Fatalf("%s: got verdict %d", sent, verdict)
	}
	good = c.judge(&q.Cookie, geoip.BlockOfAddr(netip.MustParseAddr(client)), &clock{read: true, now: now})
	return good, hex.EncodeToString(q.Cookie.Client()[:]) + hex.EncodeToString(q.Cookie.Reply[:])
}

// RFC 9018, appendix A.
func TestCookiesAreThoseOfTheVectors(t *testing.T) {
	t.Parallel()
	first := &cookies{now: [16]byte(unhex(t, "e5e973e5a6b2a43f48e7dc849e37bfcf"))}
	rolled := &cookies{now: [16]byte(unhex(t, "445536bcd2513298075a5d379663c962"))}
	before := [16]byte(unhex(t, "dd3bdf9344b678b185a6f5cb60fca715"))
	rolled.before = &before
	for _, test := range []struct {
		what         string
		cookies      *cookies
		sent, client string
		now          uint32
		good         bool
		want         string
	}{
		{"a new cookie", first, "2464c4abcf10c957", "198.51.100.100", 1559731985, false, "2464c4abcf10c957010000005cf79f111f8130c3eee29480"},
		{"renewed after 40 minutes", first, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", "198.51.100.100", 1559734385, true, "2464c4abcf10c957010000005cf7a871d4a564a1442aca77"},
		{"reserved octets, too old", first, "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", "203.0.113.203", 1559734700, false, "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e"},
		{"reserved octets", first, "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", "203.0.113.203", 1559727985 + 3599, true, ""},
		{"the secret before", rolled, "22681ab97d52c298010000005cf7c57926556bd0934c72f8", "2001:db8:220:1:59de:d0f4:8769:82b8", 1559741961, true, "22681ab97d52c298010000005cf7c609a6bb79d16625507a"},
	} {
		good, got := judged(t, test.cookies, test.sent, test.client, test.now)
		if good != test.good || test.want != "" && got != test.want {
			t.Errorf("%s: got good %v and %s, want %v and %s", test.what, good, got, test.good, test.want)
		}
	}
}

func TestHowLongACookieIsGood(t *testing.T) {
	t.Parallel()
	c := newCookies()
	const made = 0xfffffff0 // serial numbers wrap (RFC 1982)
	_, cookie := judged(t, c, "0102030405060708", "192.0.2.1", made)
	for _, test := range []struct {
		what, sent, client string
		age                int32
		good, kept         bool
	}{
		{"at once", cookie, "192.0.2.1", 0, true, true},
		{"from a clock that is ahead", cookie, "192.0.2.1", -300, true, true},
		{"from a clock that is far ahead", cookie, "192.0.2.1", -301, false, false},
		{"before it is renewed", cookie, "192.0.2.1", 1799, true, true},
		{"when it is renewed", cookie, "192.0.2.1", 1800, true, false},
		{"in its last second", cookie, "192.0.2.1", 3599, true, false},
		{"too old", cookie, "192.0.2.1", 3600, false, false},
		{"of another address", cookie, "192.0.2.2", 0, false, false},
		{"of another family", cookie, "c000:201::", 0, false, false},
		{"of another client", "1" + cookie[1:], "192.0.2.1", 0, false, false},
		{"another version", strings.Replace(cookie, "01000000", "02000000", 1), "192.0.2.1", 0, false, false},
		{"changed", cookie[:47] + "x", "192.0.2.1", 0, false, false},
		{"a longer one", cookie + "00", "192.0.2.1", 0, false, false},
		{"the shortest", cookie[:32], "192.0.2.1", 0, false, false},
		{"the longest", cookie + cookie[:32], "192.0.2.1", 0, false, false},
	} {
		if strings.HasSuffix(test.sent, "x") {
			test.sent = test.sent[:47] + map[bool]string{true: "1", false: "0"}[cookie[47] == '0']
		}
		good, got := judged(t, c, test.sent, test.client, made+uint32(test.age))
		if good != test.good || (got == test.sent) != test.kept {
			t.Errorf("%s: got good %v and %s for %s, want good %v, the same %v", test.what, good, got, test.sent, test.good, test.kept)
		}
		if again, _ := judged(t, c, got, test.client, made+uint32(test.age)); !again {
			t.Errorf("%s: the reply's cookie is not good", test.what)
		}
	}
}

// Whoever sends a cookie is answered as everybody, with one in return, over UDP and TCP; others get none.
func TestEveryAnswerHasACookieIfItsQueryHadOne(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	loop := &Loop{cookies: newCookies()}
	r := NewResponder(f.Store, Identity{Name: "fra", Version: "tinycdn"}, loop)
	for _, k := range kinds {
		for _, tcp := range []bool{false, true} {
			m := question(k.name, k.typ)
			m.SetEdns0(1232, false)
			plain := respondTo(t, r, m, tcp)
			cookieOption(unhex(t, "0102030405060708"))(m)
			got := respondTo(t, r, m, tcp)
			options := got.IsEdns0().Option
			if len(options) != 1 || len(options[0].(*dns.EDNS0_COOKIE).Cookie) != 48 || options[0].(*dns.EDNS0_COOKIE).Cookie[:16] != "0102030405060708" {
				t.Fatalf("%s: got options %v", k.what, options)
			}
			if len(plain.IsEdns0().Option) != 0 {
				t.Errorf("%s: got options %v without a cookie", k.what, plain.IsEdns0().Option)
			}
			got.Extra, plain.Extra, got.Id = nil, nil, plain.Id
			if got.String() != plain.String() {
				t.Errorf("%s: got\n%v\nwithout a cookie\n%v", k.what, got, plain)
			}
		}
	}
	alone, cookie := new(dns.Msg), "0102030405060708" // RFC 7873, 5.4
	for _, test := range []struct {
		what  string
		rcode int
	}{{"the client's", dns.RcodeSuccess}, {"a good one", dns.RcodeSuccess}, {"one that is not ours", dns.RcodeBadCookie}} {
		cookieOption(unhex(t, cookie))(alone)
		got := respondTo(t, r, alone, false)
		if got.Rcode != test.rcode || len(got.Question) != 0 || len(got.IsEdns0().Option) != 1 {
			t.Fatalf("a cookie without a question, %s: got %v", test.what, got)
		}
		if cookie = got.IsEdns0().Option[0].(*dns.EDNS0_COOKIE).Cookie; test.what == "a good one" {
			cookie = strings.Repeat("0", 32)
		}
	}
	for _, n := range []int{0, 1, 7, 9, 15, 41, 100} { // RFC 7873, 5.2.2
		m := question("example.org.", dns.TypeA)
		cookieOption(make([]byte, n))(m)
		if got := respondTo(t, r, m, false); got.Rcode != dns.RcodeFormatError {
			t.Errorf("a cookie of %d octets: got %v", n, got)
		}
	}
}

func respondTo(t testing.TB, r *Responder, m *dns.Msg, tcp bool) *dns.Msg {
	t.Helper()
	raw, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	got := new(dns.Msg)
	if err := got.Unpack(r.Respond(nil, raw, loopback, tcp)); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCookieSecretsAreReadFromAFile(t *testing.T) {
	t.Parallel()
	const one, other = "e5e973e5a6b2a43f48e7dc849e37bfcf", "445536BCD2513298075A5D379663C962"
	path := filepath.Join(t.TempDir(), "secret")
	for text, want := range map[string]string{
		one + "\n":                      "",
		one + "\n" + other:              "",
		one + "\r\n" + other + "\n":     "",
		"":                              "want one or two lines of 32 hexadecimal digits",
		one + "\n" + other + "\n" + one: "want one or two lines",
		one + "\nx" + other[1:]:         "line 2 is not 32 hexadecimal digits",
		one[:31]:                        "line 1 is not 32 hexadecimal digits",
		one + "0":                       "line 1 is not 32 hexadecimal digits",
		strings.Repeat("0", 100_000):    "is larger than 4096 octets",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := readCookieSecret(path)
		if want == "" && (err != nil || hex.EncodeToString(c.now[:]) != one || (c.before != nil) != strings.Contains(text, other)) {
			t.Errorf("%q: got %v, %v", text, c, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), one[:8])) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if err := CheckCookieSecret(t.TempDir()); err == nil || err.Error() != "is a folder, not a file" {
		t.Errorf("a folder: got %v", err)
	}
}

func TestNoAnswerWithACookieAllocates(t *testing.T) {
	f := zonestest.Must(t, zonestest.Everything)
	r := NewResponder(f.Store, Identity{Name: "fra"}, &Loop{cookies: newCookies()})
	reply := make([]byte, 0, 4096)
	for _, octets := range []int{8, 24, 40, 9} {
		m := question("www.example.org.", dns.TypeA)
		cookieOption(make([]byte, octets))(m)
		raw, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { r.Respond(reply, raw, loopback, false) }); n != 0 {
			t.Errorf("%d octets: %v allocations, want 0", octets, n)
		}
	}
}

func BenchmarkCookie(b *testing.B) {
	c, clock := newCookies(), &clock{read: true, now: 1559734385}
	var q wire.Query
	m := question("example.com.", dns.TypeA)
	cookieOption(make([]byte, 24))(m)
	raw, err := m.Pack()
	if err != nil {
		b.Fatal(err)
	}
	wire.Parse(raw, &q)
	b.ReportAllocs()
	for b.Loop() {
		c.judge(&q.Cookie, loopback, clock)
	}
}
