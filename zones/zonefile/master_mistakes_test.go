package zonefile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMistakesInAMasterFile reads files with one wrong line each, between right ones that must not be lost.
func TestMistakesInAMasterFile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ line, want string }{
		{"www.example.net. A 192.0.2.1", `www.example.net.: outside zone example.org`},
		{"www.notexample.org. A 192.0.2.1", `www.notexample.org.: outside zone example.org`},
		{"$ORIGIN net.\nwww A 192.0.2.1\n  TXT same-mistake-told-once\n$ORIGIN example.org.", `www: outside zone example.org`},
		{"www AA 192.0.2.1", `www unknown type "AA" (did you mean "A"?)`},
		{"www CNAM x", `www unknown type "CNAM" (did you mean "CNAME"?)`},
		{"www TYPE65536 \\# 0", `www unknown type "TYPE65536"`},
		{"www ANY x", `www type ANY is no data: it cannot stand in a zone`},
		{"www OPT x", `www type OPT is no data: it cannot stand in a zone`},
		{"www TYPE0 \\# 0", `www type TYPE0 is no data: it cannot stand in a zone`},
		{"www CH TXT x", `www class CH: only IN can be served`},
		{"www CLASS4 TXT x", `www class CLASS4: only IN can be served`},
		{"www", `www has no type`},
		{"www 300 IN", `www has no type`},
		{"www A", `www A: has no data`},
		{"www A ;192.0.2.1", `www A: has no data`},
		{"www A 192.0.2", `www A: "192.0.2" is not an IPv4 address`},
		{"www A 192.0.2.256", `www A: "192.0.2.256" is not an IPv4 address`},
		{"www A 192.0.2.010", `www A: "192.0.2.010" is not an IPv4 address`},
		{"www A 192.0.2.1.", `www A: "192.0.2.1." is not an IPv4 address`},
		{"www A 2001:db8::1", `www A: "2001:db8::1" is an IPv6 address: its type is AAAA`},
		{"www AAAA 192.0.2.1", `www AAAA: "192.0.2.1" is an IPv4 address: its type is A`},
		{"www AAAA fe80::1%eth0", `www AAAA: "fe80::1%eth0" is not an IPv6 address`},
		{"www A 192.0.2.1 192.0.2.2", `www A: has "192.0.2.2" after its data`},
		{`www A "192.0.2.1"`, `www A: address "192.0.2.1" stands in quotes`},
		{`"www" A 192.0.2.1`, `name "www" stands in quotes`},
		{`www "A" 192.0.2.1`, `www "A" stands in quotes where a type should be`},
		{"www MX mail", `www MX: preference "mail" is not a number from 0 to 65535`},
		{"www MX 10", `www MX: has no mail server`},
		{"www MX 65536 mail", `www MX: preference "65536" is not a number from 0 to 65535`},
		{"www NS a..b", `www NS: target "a..b" has an empty label (two dots, or a dot in front)`},
		{"www CNAME bücher", `www CNAME: target "bücher" is not ASCII: write an international name in its xn-- form`},
		{"bücher A 192.0.2.1", `name "bücher" is not ASCII: write an international name in its xn-- form`},
		{".www A 192.0.2.1", `name ".www" has an empty label (two dots, or a dot in front)`},
		{strings.Repeat("a", 64) + " A 192.0.2.1", `name "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"... has a label of 64 octets; the most is 63`},
		{strings.Repeat("a.", 120) + "aa A 192.0.2.1", `name "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."... is 256 octets long; the most is 255`},
		{`a\256 A 192.0.2.1`, `name "a\\256" has the escape "\\256"; the most is \255`},
		{`a\25 A 192.0.2.1`, `name "a\\25" has the escape "\\25"; write \ and three digits`},
		{`www TXT "open`, `a quote is not closed on line 3`},
		{`www TXT a"b"`, `www TXT: text "a\"b\"" has quotes inside a word: put all of it in quotes`},
		{`www TXT ` + strings.Repeat("a", 256), `www TXT: text "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"... is 256 octets long; the most is 255: make it several texts in quotes`},
		{`www TXT a\`, `a \ at the end of the line`},
		{"www A 192.0.2.1 )", `a ) without its (`},
		{"www 4294967296 A 192.0.2.1", `www 4294967296 is too long a time; the most is 4294967295`},
		{"www 8000w A 192.0.2.1", `www 8000w is too long a time; the most is 4294967295`},
		{"$TTL 4294967296", `$TTL: 4294967296 is too long a time; the most is 4294967295`},
		{"@ SOA a b 1 4294967296 3 4 5", `@ SOA: refresh "4294967296" is not a time in seconds`},
		{`www NAPTR 65536 1 S SIP "" .`, `www NAPTR: order "65536" is not a number from 0 to 65535`},
		{"www NAPTR 1 2 S SIP", `www NAPTR: has no regular expression`},
		{`www NAPTR 1 2 S SIP ""`, `www NAPTR: has no replacement`},
		{"www APL 192.0.2.0/24", `www APL: "192.0.2.0/24" is not like 1:192.0.2.0/24, 2:2001:db8::/32 or one of them with ! in front`},
		{"www APL 1:192.0.2.0/33", `www APL: "1:192.0.2.0/33" is not like`},
		{"www APL 1:192.0.2.0", `www APL: "1:192.0.2.0" is not like`},
		{"www APL 1:2001:db8::/32", `www APL: "1:2001:db8::/32" is not like`},
		{"www APL 2:192.0.2.0/24", `www APL: "2:192.0.2.0/24" is not like`},
		{`www APL "1:192.0.2.0/24"`, `www APL: prefix "1:192.0.2.0/24" stands in quotes`},
		{"www SRV 1 2 x t", `www SRV: port "x" is not a number from 0 to 65535`},
		{"www SRV 1 2 3", `www SRV: has no target`},
		{"www CAA issue", `www CAA: bad CAA Flag: "issue"`},
		{"www DS 1 8 2 zz", `www DS: invalid byte: U+007A 'z'`},
		{"www SSHFP 1 1", `www SSHFP: has no fingerprint`},
		{"www TLSA 3 1 1", `www TLSA: has no certificate data`},
		{"www SMIMEA 3 1 1", `www SMIMEA: has no certificate data`},
		{"www DS 1 8 2", `www DS: has no digest`},
		{"www CDS 1 8 2", `www CDS: has no digest`},
		{"www DNSKEY 256 3 8", `www DNSKEY: has no public key`},
		{"www CDNSKEY 256 3 8", `www CDNSKEY: has no public key`},
		{"www KEY 256 3 8", `www KEY: has no public key`},
		{"www CERT 1 1 5", `www CERT: has no certificate`},
		{"www ZONEMD 1 1 1", `www ZONEMD: has no digest`},
		{"www DS 1 13 2 " + strings.Repeat("ab", 31) + "", `www DS: has a digest of 31 octets, but type 2 has 32: was it cut off?`},
		{"www DS 1 13 2 " + strings.Repeat("ab", 33) + "", `www DS: has a digest of 33 octets, but type 2 has 32`},
		{"www DS 1 5 1 " + strings.Repeat("ab", 32) + "", `www DS: has a digest of 32 octets, but type 1 has 20`},
		{"www DS 1 13 4 " + strings.Repeat("ab", 32) + "", `www DS: has a digest of 32 octets, but type 4 has 48`},
		{"www CDS 1 13 2 " + strings.Repeat("ab", 20) + "", `www CDS: has a digest of 20 octets, but type 2 has 32`},
		{"www DLV 1 13 2 " + strings.Repeat("ab", 20) + "", `www DLV: has a digest of 20 octets, but type 2 has 32`},
		{"www SSHFP 1 1 " + strings.Repeat("ab", 19) + "", `www SSHFP: has a fingerprint of 19 octets, but type 1 has 20`},
		{"www SSHFP 4 2 " + strings.Repeat("ab", 20) + "", `www SSHFP: has a fingerprint of 20 octets, but type 2 has 32`},
		{"www ZONEMD 1 1 1 " + strings.Repeat("ab", 47) + "", `www ZONEMD: has a digest of 47 octets, but type 1 has 48`},
		{"www ZONEMD 1 1 2 " + strings.Repeat("ab", 48) + "", `www ZONEMD: has a digest of 48 octets, but type 2 has 64`},
		{"www ZONEMD 1 1 240 " + strings.Repeat("ab", 11) + "", `www ZONEMD: has a digest of 11 octets; the least is 12`},
		{"www TYPE43 \\# 35 00010D02" + strings.Repeat("ab", 31) + "", `www DS: has a digest of 31 octets, but type 2 has 32`},
		{"www CDNSKEY 257 3 ED2551 AQAB", `www CDNSKEY: bad CDNSKEY Algorithm`},
		{"www LOC 52 22 N 4 53 0m", `www LOC: longitude "0m" is not like 52 22 23.000 E (minutes and seconds may be left out)`},
		{"www LOC N 4 E 0m", `www LOC: latitude "N" is not like 52 22 23.000 N`},
		{"www LOC 52 60 N 4 E 0m", `www LOC: latitude "60" is not like 52 22 23.000 N`},
		{"www LOC 52 22 60 N 4 E 0m", `www LOC: latitude "60" is not like 52 22 23.000 N`},
		{"www LOC 52 22 1 1 N 4 E 0m", `www LOC: latitude "1" is not like 52 22 23.000 N`},
		{"www LOC 90 0 0.001 N 4 E 0m", `www LOC: latitude is more than 90 degrees`},
		{"www LOC 52 N 181 E 0m", `www LOC: longitude "181" is not like`},
		{"www LOC 52 N 4 E", `www LOC: has no altitude`},
		{"www LOC 52 22 1.0001 N 4 E 0m", `www LOC: latitude "1.0001" is not like 52 22 23.000 N`},
		{"www LOC 52 N 4 E 2.555m", `www LOC: altitude "2.555m" is not like 10m or 0.50m`},
		{"www LOC 52 N 4 E nan", `www LOC: altitude "nan" is not like 10m or 0.50m, from -100000 to 42849672.95`},
		{"www LOC 52 N 4 E -100000.01m", `www LOC: altitude "-100000.01m" is not like`},
		{"www LOC 52 N 4 E 0 90000000.01", `www LOC: size "90000000.01" is not like 10m or 0.50m, from 0 to 90000000.00`},
		{"www LOC 52 N 4 E 0 1 1 1 1", `www LOC: has "1" after its data`},
		{"www WKS 192.0.2.1 TCP smtp", `www TYPE11: can be written as octets only: TYPE11 \# LENGTH HEX (RFC 3597)`},
		{"www NSAP 0x47", `www TYPE22: can be written as octets only: TYPE22 \# LENGTH HEX (RFC 3597)`},
		{"www TYPE65400 00", `www TYPE65400: can be written as octets only: TYPE65400 \# LENGTH HEX (RFC 3597)`},
		{"www ALIAS example.net.", `www unknown type "ALIAS" (other nameservers look its target up themselves; write geo = "map" in a TOML zone`},
		{"www aname example.net.", `www unknown type "aname" (other nameservers look its target up themselves; write geo`},
		{"www LUA A \"x\"", `www unknown type "LUA" (PowerDNS runs it as a program; write geo = "map" in a TOML zone`},
		{"www 300 DYNA geoip!site", `www unknown type "DYNA" (gdnsd chooses addresses by it; write geo`},
		{"www DYNC x!y", `www unknown type "DYNC" (gdnsd chooses a name by it; write geo`},
		{"www APP x y", `www unknown type "APP" (Technitium runs an app for it; write geo`},
		{"@ WINS 192.0.2.1", `@ unknown type "WINS" (Windows asks a WINS server; leave it out)`},
		{"www RRSIG A 8 3 300 20300101000000 20200101000000 1 example.org.", `www RRSIG: has no signature`},
		{`www HINFO "x y"`, `www HINFO: has no operating system`},
		{"www HTTPS 1 . port=", `www HTTPS: has data that is broken`},
		{"www HTTPS 1 . alpn=", `www HTTPS: has an alpn that lists no protocol`},
		{"www SVCB 1 . mandatory=", `www SVCB: has a mandatory that lists no key`},
		{"www HTTPS 1 . mandatory=mandatory", `www HTTPS: has a mandatory that lists itself`},
		{"www HTTPS 1 . mandatory=alpn,alpn alpn=h2", `www HTTPS: has a mandatory that lists alpn twice`},
		{"www SVCB 1 . mandatory=port,alpn alpn=h2", `www SVCB: lists port as mandatory, but does not give it`},
		{"www SOA a b 1 2 3 4 5", `www SOA: stands below the zone's name example.org`},
		{"@ SOA a b 1 2 3 4", `@ SOA: has no minimum`},
		{"@ SOA a b 4294967296 2 3 4 5", `@ SOA: serial "4294967296" is not a number from 0 to 4294967295`},
		{`www A \# 3 000000`, `www A: has data that is not of type A`},
		{`www MX \# 4 000AC000`, `www MX: has data that is not of type MX`},
		{`www TYPE65400 \# 2 00`, `www TYPE65400: \# data is 1 octets, but 2 are announced`},
		{`www TYPE65400 \# 1 0`, `www TYPE65400: \# data is not hexadecimal digits in pairs`},
		{"www TXT ( \"open\n  \"b\"\n\t c ; d\n)", `a quote is not closed on line 3`},
		{"$TTL", `$TTL: want one time`},
		{"$TTL soon", `$TTL: "soon" is not a time in seconds`},
		{"$ORIGIN", `$ORIGIN: want one name`},
		{"$ORIGN x", `unknown directive "$ORIGN" (did you mean "$ORIGIN"?)`},
		{"$INCLUDE", `$INCLUDE: want a file, and its origin if it has another`},
		{"$INCLUDE none", `$INCLUDE: none: no such file or directory`},
		{"$INCLUDE .", `is a folder, not a file`},
		{"$INCLUDE example.org.zone", `$INCLUDE: example.org.zone includes itself`},
		{"$GENERATE 1-3 a$ A", `$GENERATE: want a range, a name, a type and data: $GENERATE 1-254 host$ A 10.0.0.$`},
		{"$GENERATE 3-1 a$ A 10.0.0.$", `$GENERATE: range "3-1" is not like 1-254 or 0-100/2`},
		{"$GENERATE 1-3/0 a$ A 10.0.0.$", `$GENERATE: range "1-3/0" is not like 1-254 or 0-100/2`},
		{"$GENERATE 0-2147483647 a$ A 10.0.0.1", `$GENERATE: 2147483648 records; the most is 65536`},
		{"$GENERATE 0-300 a$ A 10.0.0.$", `$GENERATE: a256 A: "10.0.0.256" is not an IPv4 address`},
		{"$GENERATE 0-1 a${0,999} A 10.0.0.1", `$GENERATE: ${0,999} is not like ${offset,width,base}`},
		{"$GENERATE 2147483648-2147483648 a A 10.0.0.1", `$GENERATE: range "2147483648-2147483648" is not like 1-254 or 0-100/2, with numbers up to 2147483647`},
		{"$GENERATE 1-2/2147483648 a A 10.0.0.1", `$GENERATE: range "1-2/2147483648" is not like 1-254 or 0-100/2, with numbers up to 2147483647`},
		{"$GENERATE 1-1 a${2147483647} A 10.0.0.1", `$GENERATE: ${2147483647} gives 2147483648; the most is 2147483647`},
		{"$GENERATE 0-0 a${2147483648} A 10.0.0.1", `$GENERATE: ${2147483648} is not like ${offset,width,base}, with an offset up to 2147483647`},
		{"$GENERATE 0-1 a${-1} A 10.0.0.1", `$GENERATE: ${-1} gives the negative number -1`},
		{"$GENERATE 0-1 a${0 A 10.0.0.1", `$GENERATE: "a${0" has a ${ without its }`},
	} {
		t.Run(test.line[:min(len(test.line), 40)], func(t *testing.T) {
			t.Parallel()
			lines, problems, _ := read(t, "example.org", "example.org.zone", "$TTL 5\nbefore A 192.0.2.1\n"+test.line+"\nafter A 192.0.2.2\n")
			if len(problems) != 1 || !strings.Contains(problems[0], test.want) {
				t.Errorf("got  %q\nwant %q", problems, test.want)
			}
			if line := fmt.Sprintf("example.org.zone:%d: ", 3+strings.Count(test.line[:strings.Index(test.line+"\n", "\n")], "\n")); len(problems) > 0 &&
				!strings.HasPrefix(problems[0], line) && !strings.HasPrefix(test.line, "$ORIGIN net") {
				t.Errorf("got %q, want it on %s", problems[0], line)
			}
			if len(lines) < 2 || lines[0] != "before.example.org. 5 A 192.0.2.1" || lines[len(lines)-1] != "after.example.org. 5 A 192.0.2.2" {
				t.Errorf("the right records are lost: got %q", lines)
			}
		})
	}
}

func TestMistakesOfAWholeMasterFile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, file, want string }{
		{"no TTL", "www A 192.0.2.1\n", `example.org.zone:1: www has no TTL: put $TTL 3600 at the top of the file`},
		{"no owner", "\n 5 A 192.0.2.1\n", `example.org.zone:2: begins with white space, but no name stands before it`},
		{"open bracket", "@ 5 SOA a b (\n1 2 3 4 5\nwww A 192.0.2.1\n", `example.org.zone:1: the file ends inside ( ): is a ) missing?`},
		{"open quote", "@ 5 TXT \"a", `example.org.zone:1: a quote is not closed`},
		{"bracket and a long file", "@ 5 TXT (\n" + strings.Repeat("x TXT abcdefgh\n", 50_000) + ")", `example.org.zone:1: the entry is too long: is its ) missing?`},
		{"long word", "@ 5 TXT " + strings.Repeat("a", 400_000), `example.org.zone:1: the entry is too long`},
		{"many empty words", "@ 5 TXT " + strings.Repeat(`""`, 80_000), `example.org.zone:1: the entry is too long`},
		{"long data", "@ 5 TXT " + strings.Repeat(`"`+strings.Repeat("a", 255)+`" `, 257), `example.org.zone:1: @ TXT: has 65792 octets of data; the most is 65535`},
		{"a byte order mark", "\ufeffx 5 A 192.0.2.1", `example.org.zone:1: begins with a byte order mark (some editors call it UTF-8 with BOM): save it as UTF-8 without one`},
		{"UTF-16", "\xff\xfex\x00 \x005\x00", `example.org.zone:1: is in UTF-16: save it as UTF-8`},
		{"UTF-16 without a mark", "\x00x\x00 \x005", `example.org.zone:1: is in UTF-16: save it as UTF-8`},
		{"raw", "\x00\x00\x00\x02\x00\x00\x00\x01\x66", `example.org.zone:1: is in BIND's raw format: named-compilezone -f raw -F text`},
		{"compressed", "\x1f\x8b\x08\x00", `example.org.zone:1: is compressed: gunzip it`},
		{"an origin that is the root", "$ORIGIN .\n@ 5 SOA a. b. 1 2 3 4 5\n", `example.org.zone:2: @: outside zone example.org ($ORIGIN is . here, so that @ is the root and other names stand below it: write $ORIGIN example.org.)`},
		{"an image", "\x89PNG\r\n\x1a\n\x00\x00", `example.org.zone:1: name "\x89PNG" is not ASCII`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, problems, _ := read(t, "example.org", "example.org.zone", test.file)
			if len(problems) == 0 || !strings.HasPrefix(problems[0], test.want) {
				t.Errorf("got  %.300q\nwant %q", problems, test.want)
			}
		})
	}
}

func TestZoneNamedByItsFileSaysSoWhenItsRecordsLieOutside(t *testing.T) {
	t.Parallel()
	_, problems, _ := read(t, "", "zone1", "@ 5 NS ns.example.net.\n$ORIGIN example.org.\n@ 5 NS ns\n")
	if want := `the zone has its name from the file; to give another: { origin = "example.org", file =`; len(problems) != 1 || !strings.Contains(problems[0], want) {
		t.Errorf("got %q, want %q in it", problems, want)
	}
}

func TestIncludesHaveBounds(t *testing.T) {
	t.Parallel()
	t.Run("loop", func(t *testing.T) {
		t.Parallel()
		_, problems, _ := read(t, "example.org", "a", "$INCLUDE b\n", "b", "$INCLUDE ./a\n")
		wantLines(t, "problems", problems, "b:1: includes itself (what is included is not quoted)")
	})
	t.Run("depth", func(t *testing.T) {
		t.Parallel()
		var files []string
		for i := range 20 {
			files = append(files, fmt.Sprintf("f%d", i), fmt.Sprintf("$INCLUDE f%d\n", i+1))
		}
		_, problems, _ := read(t, "example.org", files...)
		wantLines(t, "problems", problems, "f16:1: files include each other more than 16 deep (what is included is not quoted)")
	})
	t.Run("number", func(t *testing.T) {
		t.Parallel()
		var files []string
		for i := range 15 {
			files = append(files, fmt.Sprintf("f%d", i), strings.Repeat(fmt.Sprintf("$INCLUDE f%d\n", i+1), 10))
		}
		_, problems, zone := read(t, "example.org", append(files, "f15", "")...)
		if len(problems) != 9+20 || len(zone.Files) != 16 || !strings.Contains(problems[0], "more than 1000 files are included") {
			t.Errorf("got %d problems, %d files: %s", len(problems), len(zone.Files), problems[0])
		}
	})
	t.Run("generated records", func(t *testing.T) {
		t.Parallel()
		folder := put(t, "a", "$TTL 5\n"+strings.Repeat("$GENERATE 0-65535 a A 192.0.2.1\n", 17))
		var sink countSink
		_, problems := Read(folder+"/a", "example.org", &sink)
		if want := "$GENERATE: more than 1048576 records are generated in this zone"; len(problems) != 1 || problems[0].Text != want || problems[0].Line != 18 {
			t.Errorf("got %v, want %s", problems, want)
		}
		if sink.records != maxGenerated {
			t.Errorf("got %d records, want %d", sink.records, maxGenerated)
		}
	})
	t.Run("octets of generated records", func(t *testing.T) {
		t.Parallel()
		long := strings.TrimSuffix(strings.Repeat(strings.Repeat("x", 50)+".", 4), ".")
		folder := put(t, "a", "$TTL 5\n"+strings.Repeat(fmt.Sprintf("$GENERATE 0-65535 $.%s TXT %s\n", long, strings.Repeat(` "`+strings.Repeat("y", 250)+`"`, 12)), 16))
		var sink countSink
		_, problems := Read(folder+"/a", "example.org", &sink)
		if want := "$GENERATE: more than 128 MB of records are generated in this zone"; len(problems) != 1 || problems[0].Text != want || problems[0].Line != 2 {
			t.Errorf("got %d problems, %v, want %s", len(problems), problems[0], want)
		}
		if sink.octets > maxOctets+20*5000 {
			t.Errorf("got %d octets", sink.octets)
		}
	})
}

// A file of holes costs nothing to put there, and is all zeros.
func TestALineHasAnEnd(t *testing.T) {
	t.Parallel()
	folder := put(t, "words", "$TTL 5\n@ NS ns\n", "comment", "$TTL 5\n;", "quoted", "$TTL 5\n\n@ TXT \"", "lines", "$TTL 5\n@ NS ns ; "+strings.Repeat("comment\n;", 300_000))
	for name, line := range map[string]int{"words": 3, "comment": 2, "quoted": 3, "lines": 0} {
		path := filepath.Join(folder, name)
		if line > 0 {
			if err := os.Truncate(path, 20<<30); err != nil {
				t.Fatal(err)
			}
		}
		var sink countSink
		_, problems := Read(path, "example.org", &sink)
		switch {
		case line == 0:
			if len(problems) > 0 || sink.records != 1 {
				t.Errorf("%s: got %v, %d records", name, problems, sink.records)
			}
		case len(problems) != 1 || problems[0].Line != line || problems[0].Text != "the line is longer than 1024 kB: this is no zone file":
			t.Errorf("%s: got %.300q", name, problems)
		}
	}
}
