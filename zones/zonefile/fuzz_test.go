package zonefile

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones/rr"
)

// strict is a sink that holds every record to what the package promises.
type strict struct {
	t     *testing.T
	zone  *Zone
	count int
}

func (s *strict) Record(r *Record) {
	s.name(r.Owner)
	s.count++
	if r.TTL > maxTTL || r.Line < 1 || r.File == "" || isMeta(r.Type) || len(r.Data) > maxData {
		s.t.Fatalf("got %+v", r)
	}
	header := dns.RR_Header{Name: ".", Rrtype: r.Type, Class: dns.ClassINET, Rdlength: uint16(len(r.Data))}
	if _, used, err := dns.UnpackRRWithHeader(header, r.Data, 0); err != nil || used != len(r.Data) {
		s.t.Fatalf("%s: data %x: %v", TypeText(r.Type), r.Data, err)
	}
}

func (s *strict) Geo(g *Geo) {
	s.name(g.Owner)
	if g.TTL > maxTTL || g.Line < 1 || g.File == "" || g.Map == "" {
		s.t.Fatalf("got %+v", g)
	}
}

func (s *strict) name(owner []byte) {
	text, used, err := dns.UnpackDomainName(owner, 0)
	if err != nil || used != len(owner) || !rr.IsBelow(owner, s.zone.Origin) || !bytes.Equal(owner, bytes.ToLower(owner)) {
		s.t.Fatalf("name %q %q: %v", owner, text, err)
	}
}

// fuzzRead reads text, with a name given and without, as the file "zone", which may include "other" and nothing else.
func fuzzRead(t *testing.T, path, text string) {
	for _, origin := range []string{"example.org", ""} {
		fuzzReadAs(t, path, origin, text)
	}
}

func fuzzReadAs(t *testing.T, path, origin, text string) {
	sink := &strict{t: t}
	info, err := os.Stat("fuzz_test.go") // any will do
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(sink, func(path string) (source, error) {
		files := map[string]string{"zone": text, "zone.toml": text, "other": "@ NS ns\nwww A 192.0.2.1\n$INCLUDE zone\n"}
		content, ok := files[path]
		if !ok {
			return source{}, os.ErrNotExist
		}
		return source{io.NopCloser(strings.NewReader(content)), info}, nil
	})
	sink.zone = &r.zone
	if isTOML(path) {
		r.readTOMLZone(path, origin)
	} else {
		r.readMasterZone(path, origin)
	}
	for _, p := range append(r.sortedProblems(), r.notes.All()...) {
		if strings.ContainsAny(p.String(), "\n\r") || p.Text == "" {
			t.Fatalf("a problem of more than one line: %q", p)
		}
	}
}

func FuzzMaster(f *testing.F) {
	for _, seed := range []string{
		"$ORIGIN example.org.\n$TTL 1h\n@ IN SOA ns1 hostmaster (\n 1 ; serial\n 2 3 4 5 )\n NS ns1\nns1 A 192.0.2.1\n AAAA 2001:db8::1\n",
		"$TTL 5\n* MX 10 mail\nx TXT \"a\\034b\" c\\ d\n@ CAA 0 issue \"ca\"\n", "$INCLUDE other\n$INCLUDE other sub\n",
		"$TTL 5\n$GENERATE 1-9/2 a${1,3,x} CNAME ${0,4,n}.b\n", "@ 5 HTTPS 1 . alpn=\"h2,h3\" key65000=\"\\001\"\n@ 5 SVCB 0 a.\n",
		"@ 5 TYPE65400 \\# 3 010203\n@ 5 MX \\# 5 000A016100\n@ 5 LOC 1 N 1 E 1m\n", "a 5 NAPTR 1 2 \"S\" \"\" \"!^.*$!x!\" .\n",
		"a 5 APL 1:192.0.2.0/24 !2:2001:db8::/32\na 5 NSEC b A RRSIG TYPE65400\na 5 NSEC3 1 0 0 - 00 A\n",
		"a 5 RRSIG A 8 2 5 20300101000000 20200101000000 1 example.org. AAAA\na 5 IPSECKEY 10 1 2 192.0.2.1 AQ==\na 5 HIP 2 200100107B1A74DF365639CC39F1D578 AQ== r.\n",
		"a 5 DNSKEY 257 3 8 AQ==\na 5 CERT PGP 1 0 AQ==\na 5 TKEY x\na 5 NID 1 0:0:0:1\na 5 EUI48 00-00-5e-00-53-2a\na 5 URI 1 2 \"http://x\"\n",
		"@ 1 SOA 192.0.2.1 a.b@c 1 2 3 4 5\nexample.org MX 1 2001:db8::1\nx [AGE:1] 1 LOC 52 22 N 4 53 59.9999 w -1.5m 0 1 .5m\n@ CAA 0 isue x\n",
		"a 5 KEY NOAUTH|ZONE DNSSEC RSASHA1 AQ==\na 5 DS 1 ED25519 SHA-1 00\na 5 L64 1 0:1:2:3\na 5 WKS \\# 1 00\na 5 X25 \"3110\"\n", "\ufeffx", "\x00x\x00 ",
		"\"x\" A 1\n(((\n)))\n\\", "x 5 A 192.0.2.1\r\n\r\n\ty\r\n",
	} {
		f.Add(seed)
	}
	f.Add("$ORIGIN org.\n$TTL 1\nexample SOA a. b. 1 2 3 4 5\n")
	f.Add("$INCLUDE other\n$ORIGIN example.org.\n@ 5 NS a\\..\n")
	f.Fuzz(func(t *testing.T, text string) { fuzzRead(t, "zone", text) })
}

func FuzzTOMLZone(f *testing.F) {
	for _, seed := range []string{
		"ttl = '1h'\nsoa = { mname = 'ns', rname = 'a.b@c', serial = 1, refresh = '2h' }\ninclude = ['other']\n[records]\n'@' = { NS = ['ns', 'b.'], geo = 'x' }\n",
		"[records]\nwww = { geo = 'site', ttl = 60 }\n'*.a' = { A = '192.0.2.1', AAAA = ['2001:db8::1'] }\n",
		"[records.'a.b']\nTXT = ['v=1; x', '\"a\" \"b\"', '']\nTYPE65400 = '\\# 1 00'\nCAA = '0 issue \";\"'\n",
		"origin = 'EXAMPLE.org.'\n[records]\nwww.A = '192.0.2.1'\nwww.CNAME = 'x'\nx = { A = 'y\nz' }\n", "include = 'other'\nrecords = { www = { A = '( 192.0.2.1 )' } }",
		"ttl = { default = 1, geo = '1d', TYPE65400 = 0 }\nsoa = 'include'\ninclude = 'other'\n[records]\n'@' = { NS = 'www', ttl = { A = 1, NS = 2 } }\n'x.example.org' = { TXT = 'a\\;\\195\\\\', ttl = { MX = 3 } }\n",
		"records = 1", "[[records]]\nwww = 1", "soa = 1\nttl = {}\norigin = ''", "[records]\n'www\\t' = { ttl = 1979-05-27, geo = true }", "\x03",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { fuzzRead(t, "zone.toml", text) })
}

// FuzzOurTypesEqualTheLibrarys judges our own parsers by the DNS library's: what we accept it reads as the same octets.
func FuzzOurTypesEqualTheLibrarys(f *testing.F) {
	types := []uint16{typeA, typeAAAA, typeNS, typeMX, typeSRV, typeTXT, typeSOA, typeDNAME, typeHINFO}
	for i, seed := range []string{
		"192.0.2.1", "2001:db8::192.0.2.1", `a\.b\065.c`, "10 mail.example.net.", "1 2 3 @", `"a\"b" c\032d ""`, "ns1 host\\.master 1 2h 3 1w 5", ".", `PC "Plan 9"`,
	} {
		f.Add(byte(i), seed)
	}
	f.Fuzz(func(t *testing.T, which byte, text string) {
		typ := types[int(which)%len(types)]
		if strings.HasPrefix(text, `\#`) {
			return
		}
		var l lexer
		l.reset(strings.NewReader(text))
		if ok, err := l.next(); !ok || err != nil {
			return
		}
		origin := []byte("\x07example\x03org\x00")
		ours := builder{text: l.text, words: l.words, origin: origin}
		if err := ours.build(typ); err != nil {
			return
		}
		library := builder{text: l.text, words: l.words, origin: origin}
		if err := library.generic(typ); err != nil {
			t.Fatalf("%s %q: the library says %v", TypeText(typ), text, err)
		}
		if !bytes.Equal(ours.data, library.data) {
			t.Fatalf("%s %q: got %x, the library %x", TypeText(typ), text, ours.data, library.data)
		}
	})
}
