package zonefile

import (
	"strings"
	"testing"
)

func TestMasterFile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, file, want string }{
		{"a common zone", `
$ORIGIN example.org.
$TTL 1h
@	IN	SOA	ns1 hostmaster (
			2024010101 ; serial
			7200       ; refresh
			1800
			2w
			300 )
	IN	NS	ns1
		NS	ns2.example.net.
ns1	A	192.0.2.1
	AAAA	2001:DB8::1
WWW	60	IN	CNAME	ns1
mail	IN	120	MX	10 ns1
`, `
example.org. 3600 SOA ns1.example.org. hostmaster.example.org. 2024010101 7200 1800 1209600 300
example.org. 3600 NS ns1.example.org.
example.org. 3600 NS ns2.example.net.
ns1.example.org. 3600 A 192.0.2.1
ns1.example.org. 3600 AAAA 2001:db8::1
www.example.org. 60 CNAME ns1.example.org.
mail.example.org. 120 MX 10 ns1.example.org.`},
		{"a line end in brackets divides words", "@ 1 SOA a b (1 7200\n3600\n1209600 300)", `
example.org. 1 SOA a.example.org. b.example.org. 1 7200 3600 1209600 300`},
		{"brackets around anything", "www ( 5\n IN\n A ) 192.0.2.1 ; comment (\n(\nx 5 A 192.0.2.2)", `
www.example.org. 5 A 192.0.2.1
x.example.org. 5 A 192.0.2.2`},
		{"blank lines, tabs, carriage returns and comments", "\r\n; all\r\n  \t \r\nx\t5\tA\t192.0.2.1\t;end\r\n\t5 A 192.0.2.2", `
x.example.org. 5 A 192.0.2.1
x.example.org. 5 A 192.0.2.2`},
		{"origins", "$ORIGIN sub\nx 5 NS y\n$ORIGIN example.org.\n@ 5 NS a.b.\n$ORIGIN .\nexample.org 5 NS z", `
x.sub.example.org. 5 NS y.sub.example.org.
example.org. 5 NS a.b.
example.org. 5 NS z.`},
		{"TTL: as the last one, then $TTL", "a 7 A 192.0.2.1\nb A 192.0.2.2\n$TTL 9\nc A 192.0.2.3\nd 1w2d3h4m5s A 192.0.2.4\ne A 192.0.2.5", `
a.example.org. 7 A 192.0.2.1
b.example.org. 7 A 192.0.2.2
c.example.org. 9 A 192.0.2.3
d.example.org. 788645 A 192.0.2.4
e.example.org. 9 A 192.0.2.5`},
		{"TTL: the minimum of the SOA", "@ SOA a b 1 2 3 4 55\nx A 192.0.2.1", `
example.org. 55 SOA a.example.org. b.example.org. 1 2 3 4 55
x.example.org. 55 A 192.0.2.1`},
		{"TTL: with the topmost bit set it is zero", "@ SOA a b 1 4294967295 4294967295 4294967295 4294967295\na 2147483647 A 192.0.2.1\nb 2147483648 A 192.0.2.2\n$TTL 4294967295\nc A 192.0.2.3", `
example.org. 0 SOA a.example.org. b.example.org. 1 4294967295 4294967295 4294967295 4294967295
a.example.org. 2147483647 A 192.0.2.1
b.example.org. 0 A 192.0.2.2
c.example.org. 0 A 192.0.2.3`},
		{"names that look like other things", "$TTL 5\nA A 192.0.2.1\n3600 A 192.0.2.2\nIN A 192.0.2.3\n* A 192.0.2.4\n_x._tcp A 192.0.2.5", `
a.example.org. 5 A 192.0.2.1
3600.example.org. 5 A 192.0.2.2
in.example.org. 5 A 192.0.2.3
*.example.org. 5 A 192.0.2.4
_x._tcp.example.org. 5 A 192.0.2.5`},
		{"escapes", `$TTL 5
a\.b A 192.0.2.1
c\032\; A 192.0.2.2
d TXT "say \"hi\" \\ \065;(" e\ f
`, `
a\.b.example.org. 5 A 192.0.2.1
c\ \;.example.org. 5 A 192.0.2.2
d.example.org. 5 TXT "say \"hi\" \\ A;(" "e f"`},
		{"letter case: lower for owners, kept in data", "X.Y 5 MX 10 Mail.EXAMPLE.com.", `
x.y.example.org. 5 MX 10 Mail.EXAMPLE.com.`},
		{"when Windows renewed a record", "a [AGE:3628435] 1200 A 192.0.2.1\n  [AGE:3628435]\t1200\tIN A\t192.0.2.2", `
a.example.org. 1200 A 192.0.2.1
a.example.org. 1200 A 192.0.2.2`},
		{"types the DNS library parses", `$TTL 5
@ CAA 0 issue "ca.example; x=y"
@ HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.1
@ CDS 0 0 0 00
@ NSEC3PARAM 1 0 0 -
s SRV 1 2 3 t
n NAPTR 1 2 "S" "SIP+D2U" "" _sip._udp
d DS 1 8 2 ( 0000000000000000000000000000000000000000000000000000000000000001
  )
h SSHFP 1 1 0000000000000000000000000000000000000001
l LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
t TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000001
`, `
example.org. 5 CAA 0 issue "ca.example; x=y"
example.org. 5 HTTPS 1 . alpn="h2,h3" ipv4hint="192.0.2.1"
example.org. 5 CDS 0 0 0 00
example.org. 5 NSEC3PARAM 1 0 0 -
s.example.org. 5 SRV 1 2 3 t.example.org.
n.example.org. 5 NAPTR 1 2 "S" "SIP+D2U" "" _sip._udp.example.org.
d.example.org. 5 DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000001
h.example.org. 5 SSHFP 1 1 0000000000000000000000000000000000000001
l.example.org. 5 LOC 52 22 23.000 N 04 53 32.000 E -2m 0.00m 10000m 10m
t.example.org. 5 TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000001`},
		{"what may be written shorter, and numbers by name", `$TTL 5
a LOC 52 22 N 4 53 E 0m
b LOC 52 N 4 E 0
c LOC 1 2 3.032 s 4 5 59.999 w -100000.00m 0.01m 90000000.00m .5
d LOC 90 S 180 W 42849672.95 0 1
e EUI48 0-0-5E-0-53-2a
e EUI64 0-00-5e-ef-10-00-00-1
f NID 10 0:0:0:0
f L64 10 2001:DB8:0:1
g KEY 512 3 RSASHA1 AQAB
g KEY NOAUTH|ZONE DNSSEC nsec3rsasha1 AQAB
h CDNSKEY ZONE|KSK 3 Ed25519 AQAB
h CDS 1 ECDSAP256SHA256 SHA-256 ` + strings.Repeat("ab", 32) + `
h DS 1 NSEC3DSA 1 ` + strings.Repeat("ab", 20) + `
h CERT pgp 1 RSASHA512 AQAB
i NSAP \# 2 4700
i WALLET \# 2 0161
`, `
a.example.org. 5 LOC 52 22 0.000 N 04 53 0.000 E 0m 1m 10000m 10m
b.example.org. 5 LOC 52 00 0.000 N 04 00 0.000 E 0m 1m 10000m 10m
c.example.org. 5 LOC 01 02 3.032 S 04 05 59.999 W -100000m 0.01m 90000000m 0.50m
d.example.org. 5 LOC 90 00 0.000 S 180 00 0.000 W 42849672.95m 0.00m 1m 10m
e.example.org. 5 EUI48 00-00-5e-00-53-2a
e.example.org. 5 EUI64 00-00-5e-ef-10-00-00-01
f.example.org. 5 NID 10 0000:0000:0000:0000
f.example.org. 5 L64 10 2001:0DB8:0000:0001
g.example.org. 5 KEY 512 3 5 AQAB
g.example.org. 5 KEY 33024 3 7 AQAB
h.example.org. 5 CDNSKEY 257 3 15 AQAB
h.example.org. 5 CDS 1 13 2 ` + strings.Repeat("AB", 32) + `
h.example.org. 5 DS 1 6 1 ` + strings.Repeat("AB", 20) + `
h.example.org. 5 CERT PGP 1 RSASHA512 AQAB
i.example.org. 5 TYPE22 \# 2 4700
i.example.org. 5 TYPE262 \# 2 0161`},
		{"texts without quotes, and prefixes with bits beyond them", `$TTL 5
n NAPTR 1 2 S SIP+D2U "" _sip._udp
m NAPTR 1 2 "" E2U+sip !^.*$!sip:a\;b@c! .
h HINFO PC "Plan 9"
a APL 1:192.0.2.1/24 !2:2001:db8::1/32 1:0.0.0.0/0 2:2001:db8::/32
b APL
`, `
n.example.org. 5 NAPTR 1 2 "S" "SIP+D2U" "" _sip._udp.example.org.
m.example.org. 5 NAPTR 1 2 "" "E2U+sip" "!^.*$!sip:a;b@c!" .
h.example.org. 5 HINFO "PC" "Plan 9"
a.example.org. 5 APL 1:192.0.2.1/24 !2:2001:db8::1/32 1:0.0.0.0/0 2:2001:db8::/32
b.example.org. 5 APL`},
		{"types by number and data by octets", `$TTL 5
a TYPE1 192.0.2.1
b TYPE1 \# 4 C0000202
c A \# 4 C000 0203
d TYPE65400 \# 0
e type65400 \# 3 (0a
 0b0c)
f CLASS1 MX \# 5 000A 0161 00
`, `
a.example.org. 5 A 192.0.2.1
b.example.org. 5 A 192.0.2.2
c.example.org. 5 A 192.0.2.3
d.example.org. 5 TYPE65400 \# 0
e.example.org. 5 TYPE65400 \# 3 0a0b0c
f.example.org. 5 MX 10 a.`},
		{"generated records", `$TTL 5
$GENERATE 8-12/2 host-${0,3} A 192.0.2.$
$GENERATE 1-2 $ 60 IN CNAME $.${-1,2,x}.q
$GENERATE 2147483646-2147483647 ${-2147483646} A 192.0.2.1
$GENERATE 255-255 ${0,3,n}.${1,5,N} TXT "n $$ \$ ${1,0,X} $"
`, `
host-008.example.org. 5 A 192.0.2.8
host-010.example.org. 5 A 192.0.2.10
host-012.example.org. 5 A 192.0.2.12
1.example.org. 60 CNAME 1.00.q.example.org.
2.example.org. 60 CNAME 2.01.q.example.org.
0.example.org. 5 A 192.0.2.1
1.example.org. 5 A 192.0.2.1
f.f.0.0.1.example.org. 5 TXT "n $ $ 100 255"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			lines, problems, _ := read(t, "", "example.org.zone", test.file)
			wantLines(t, "problems", problems, "")
			wantLines(t, "records", lines, test.want)
		})
	}
}

func TestLongestNameAndLabel(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a.", 88) + strings.Repeat("b", 63) // and .example.org: 255 octets in wire form
	lines, problems, _ := read(t, "", "example.org.zone", long+" 5 NS "+long+"\n")
	wantLines(t, "problems", problems, "")
	wantLines(t, "records", lines, long+".example.org. 5 NS "+long+".example.org.")
}

func TestIncludedFileHasItsOwnOriginOwnerAndTTL(t *testing.T) {
	t.Parallel()
	lines, problems, _ := read(t, "",
		"example.org.zone", "$TTL 5\nx A 192.0.2.1\n$INCLUDE sub.inc sub\n TXT still-x\n$include plain.inc\ny A 192.0.2.2\n",
		"sub.inc", "$TTL 7\n@ A 192.0.2.3\n$ORIGIN deep\nz A 192.0.2.4\n",
		"plain.inc", "p A 192.0.2.5\n")
	wantLines(t, "problems", problems, "")
	wantLines(t, "records", lines, `
x.example.org. 5 A 192.0.2.1
sub.example.org. 7 A 192.0.2.3
z.deep.sub.example.org. 7 A 192.0.2.4
x.example.org. 5 TXT "still-x"
p.example.org. 5 A 192.0.2.5
y.example.org. 5 A 192.0.2.2`)
}
