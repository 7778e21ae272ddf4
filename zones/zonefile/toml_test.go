package zonefile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTOMLZone(t *testing.T) {
	t.Parallel()
	lines, problems, _ := read(t, "", "example.org.toml", `
ttl    = 600
soa    = { mname = "ns-nyc", rname = "Host.Master@example.net", minimum = "1m" }

[records]
"@"      = { NS = ["ns-nyc", "ns-fra"], MX = "10 mail", TXT = "v=spf1 -all; all", geo = "site" }
"www"    = { geo = "site", ttl = "1h" }
"ns-nyc" = { A = "192.0.2.1", AAAA = "2001:db8:1::1" }
"old.example.org." = { CNAME = "WWW", ttl = 0 }
"*.dev"  = { A = ["192.0.2.9",
                  "192.0.2.10"] }
"odd"    = { TYPE65400 = '\# 4 0A000001', TXT = ['"two" "texts"', 'a \065 "quoted" b'], HTTPS = '1 . alpn="h2,h3"' }
[records.table]
SRV = "1 2 3 www"
`)
	wantLines(t, "problems", problems, "")
	wantLines(t, "records", lines, `
example.org. 600 NS ns-nyc.example.org.
example.org. 600 NS ns-fra.example.org.
example.org. 600 MX 10 mail.example.org.
example.org. 600 TXT "v=spf1 -all; all"
example.org. 600 geo site
www.example.org. 3600 geo site
ns-nyc.example.org. 600 A 192.0.2.1
ns-nyc.example.org. 600 AAAA 2001:db8:1::1
old.example.org. 0 CNAME WWW.example.org.
*.dev.example.org. 600 A 192.0.2.9
*.dev.example.org. 600 A 192.0.2.10
odd.example.org. 600 TYPE65400 \# 4 0a000001
odd.example.org. 600 TXT "two" "texts"
odd.example.org. 600 TXT "a A \"quoted\" b"
odd.example.org. 600 HTTPS 1 . alpn="h2,h3"
table.example.org. 600 SRV 1 2 3 www.example.org.
example.org. 600 SOA ns-nyc.example.org. Host\.Master.example.net. 1700000000 14400 3600 1209600 60`)
}

// TestSemicolonIsDataInATOMLString: a comment is written with # after it.
func TestSemicolonIsDataInATOMLString(t *testing.T) {
	t.Parallel()
	lines, problems, _ := read(t, "", "example.org.toml", `
soa = { serial = 1 }
[records.x]
URI = ['1 2 http://a/;b', '1 2 "http://a/;b"', '1 2 ;']
CAA = ['0 issue ;', '0 issue ca.example;x=y', '0 issue "ca.example; x=y"', '0 issue ca.example\;\032x=y']
TXT = ['v=1; x', '"v=1; x" "\"; y"', ';']
HTTPS = '1 . dohpath="/;x{?dns}"'
CNAME = 'a\;b'
`)
	wantLines(t, "problems", problems, "")
	wantLines(t, "records", lines[:len(lines)-1], `
x.example.org. 300 URI 1 2 "http://a/;b"
x.example.org. 300 URI 1 2 "http://a/;b"
x.example.org. 300 URI 1 2 ";"
x.example.org. 300 CAA 0 issue ";"
x.example.org. 300 CAA 0 issue "ca.example;x=y"
x.example.org. 300 CAA 0 issue "ca.example; x=y"
x.example.org. 300 CAA 0 issue "ca.example; x=y"
x.example.org. 300 TXT "v=1; x"
x.example.org. 300 TXT "v=1; x" "\"; y"
x.example.org. 300 TXT ";"
x.example.org. 300 HTTPS 1 . dohpath="/\;x{?dns}"
x.example.org. 300 CNAME a\;b.example.org.`)
}

func TestSOADefaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, file, want string }{
		{"everything", `records = { "@" = { NS = ["x", "y"] } }`,
			"example.org. 300 SOA x.example.org. hostmaster.example.org. 1700000000 14400 3600 1209600 300"},
		{"nothing", "soa = { mname = 'a.', rname = 'b', serial = 4294967295, refresh = 1, retry = 2, expire = 3, minimum = 4, ttl = 5 }",
			"example.org. 5 SOA a. b.example.org. 4294967295 1 2 3 4"},
		{"no nameserver, which is for the zone's checks to tell", "ttl = 60",
			"example.org. 60 SOA example.org. hostmaster.example.org. 1700000000 14400 3600 1209600 300"},
		{"the nameserver of an included file", "include = ['old.zone']",
			"example.org. 300 SOA Old.example.net. hostmaster.example.org. 1700000000 14400 3600 1209600 300"},
	} {
		lines, problems, _ := read(t, "", "example.org.toml", test.file, "old.zone", "@ NS Old.example.net.\n")
		wantLines(t, test.name, problems, "")
		wantLines(t, test.name, lines[len(lines)-1:], test.want)
	}
}

func TestSerialRisesWithAnEditOfAnyFile(t *testing.T) {
	t.Parallel()
	folder := put(t,
		"example.org.toml", "include = ['a.zone']\nrecords = { '@' = { NS = 'ns' } }",
		"a.zone", "$INCLUDE b.zone\n",
		"b.zone", "ns A 192.0.2.1\n")
	for i, name := range []string{"example.org.toml", "a.zone", "b.zone"} {
		edited := fileTime.Add(time.Duration(i+1) * time.Second)
		if err := os.Chtimes(filepath.Join(folder, name), edited, edited); err != nil {
			t.Fatal(err)
		}
		var sink written
		_, problems := Read(filepath.Join(folder, "example.org.toml"), "", &sink)
		if last := sink.lines[len(sink.lines)-1]; len(problems) > 0 || !strings.Contains(last, " 170000000"+string(rune('1'+i))+" ") {
			t.Errorf("after an edit of %s: %v %s", name, problems, last)
		}
	}
}

// TestTOMLReplacesWhatIsIncluded: a zone that exists already needs only its geo names in TOML.
func TestTOMLReplacesWhatIsIncluded(t *testing.T) {
	t.Parallel()
	const old = `$TTL 3600
@ SOA ns1 hostmaster 1 7200 1800 259200 300
@ NS ns1
ns1 A 192.0.2.1
www A 192.0.2.2
www AAAA 2001:db8::2
www TXT "kept"
alias CNAME www
short 60 A 192.0.2.3
`
	const start = `example.org. 3600 SOA ns1.example.org. hostmaster.example.org. 1 7200 1800 259200 300
example.org. 3600 NS ns1.example.org.
ns1.example.org. 3600 A 192.0.2.1
`
	for _, test := range []struct{ name, records, want string }{
		{"geo replaces addresses", `www = { geo = "site" }`, start + `
www.example.org. 3600 TXT "kept"
alias.example.org. 3600 CNAME www.example.org.
short.example.org. 60 A 192.0.2.3
www.example.org. 300 geo site`},
		{"geo replaces an alias", `alias = { geo = "site" }`, start + `
www.example.org. 3600 A 192.0.2.2
www.example.org. 3600 AAAA 2001:db8::2
www.example.org. 3600 TXT "kept"
short.example.org. 60 A 192.0.2.3
alias.example.org. 300 geo site`},
		{"a type replaces that type", `www = { A = "192.0.2.9" }`, start + `
www.example.org. 3600 AAAA 2001:db8::2
www.example.org. 3600 TXT "kept"
alias.example.org. 3600 CNAME www.example.org.
short.example.org. 60 A 192.0.2.3
www.example.org. 300 A 192.0.2.9`},
		{"an alias replaces addresses", `short = { CNAME = "www" }`, start + `
www.example.org. 3600 A 192.0.2.2
www.example.org. 3600 AAAA 2001:db8::2
www.example.org. 3600 TXT "kept"
alias.example.org. 3600 CNAME www.example.org.
short.example.org. 300 CNAME www.example.org.`},
	} {
		lines, problems, _ := read(t, "", "example.org.toml", "soa = 'include'\ninclude = ['old.zone']\n[records]\n"+test.records, "old.zone", old)
		wantLines(t, test.name, problems, "")
		wantLines(t, test.name, lines, test.want)
	}
}

// TestSOAOfAnIncludedFileIsTheZonesIfTheZoneSaysSo: it names another provider's nameserver, and no edit raises its serial.
func TestSOAOfAnIncludedFileIsTheZonesIfTheZoneSaysSo(t *testing.T) {
	t.Parallel()
	const old = "$TTL 3600\n@ SOA old.example.net. old 2045678901 7200 1800 259200 300\n@ NS ns1\nns1 A 192.0.2.1\n"
	const made = "example.org. 300 SOA ns1.example.org. hostmaster.example.org. 1700000000 14400 3600 1209600 300"
	for _, test := range []struct{ soa, want, note, problem string }{
		{"", made, `old.zone:2: the SOA of an included file (serial 2045678901) is left out: the zone's own has the time of the newest file as its serial (soa = "include" keeps this one)`, ""},
		{"soa = { rname = 'me' }", strings.Replace(made, "hostmaster", "me", 1), "", ""},
		{"soa = { serial = 7 }", strings.Replace(made, "1700000000", "7", 1), "", ""},
		{"soa = 'include'", "example.org. 3600 SOA old.example.net. old.example.org. 2045678901 7200 1800 259200 300", "", ""},
		{"soa = 'included'", made, "", `example.org.toml:1: soa: want a table like { mname = "ns1" }, or "include" for the SOA of an included file, not "included"`},
	} {
		lines, problems, zone := read(t, "", "example.org.toml", test.soa+"\ninclude = 'old.zone'\n", "old.zone", old)
		wantLines(t, test.soa+": problems", problems, test.problem)
		var soas, notes []string
		for _, line := range lines {
			if strings.Contains(line, " SOA ") {
				soas = append(soas, line)
			}
		}
		wantLines(t, test.soa, soas, test.want)
		for _, n := range zone.Notes {
			notes = append(notes, filepath.Base(n.File)+strings.TrimPrefix(n.String(), n.File))
		}
		wantLines(t, test.soa+": notes", notes, test.note)
	}
	_, problems, _ := read(t, "", "example.org.toml", "\nsoa = 'include'\nrecords = { '@' = { NS = 'ns1' } }\n")
	wantLines(t, "none", problems, `example.org.toml:2: soa: "include", but no included file has an SOA record of the zone`)
}

func TestMistakesInATOMLZone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, file, want string }{
		{"syntax", "\nttl =", `2: unexpected EOF; expected value (after key ttl)`},
		{"unknown key", "origni = 'x'", `1: unknown key "origni" (did you mean "origin"?)`},
		{"unknown SOA key", "soa = { mnane = 'ns' }", `1: soa: unknown key "mnane" (did you mean "mname"?)`},
		{"key of the wrong kind", "\nttl = true", `2: ttl: want seconds, or a time like "1h30m"`},
		{"TTL", "ttl = 'soon'", `1: ttl: want seconds, or a time like "1h30m"`},
		{"TTL too long", "ttl = 2147483648", `1: ttl: 2147483648 is too long a time; the most is 2147483647`},
		{"name's TTL", "records = { www = { A = '192.0.2.1', ttl = -1 } }", `1: www: ttl: want seconds, or a time like "1h30m"`},
		{"name's TTL too long", "records = { www = { A = '192.0.2.1', ttl = 2147483648 } }", `1: www: ttl: 2147483648 is too long a time; the most is 2147483647`},
		{"type's TTL", "ttl = { A = 60,\nNS = 'soon' }", `2: ttl.NS: want seconds, or a time like "1h30m"`},
		{"TTL of no type", "ttl = { AA = 60 }", `1: ttl: unknown type "AA" (did you mean "A"?)`},
		{"TTL of a type in small letters", "records = { www = { A = '192.0.2.1', ttl = { ns = 5 } } }", `1: www: ttl: unknown key "ns" (did you mean "NS"?)`},
		{"TTL in a table", "records = { www = { A = '192.0.2.1', ttl = { A = { a = 1 } } } }", `1: www: ttl.A: want seconds, or a time like "1h30m"`},
		{"list of TTLs", "ttl = [1]", `1: ttl: want seconds, or a time like "1h30m"`},
		{"serial", "soa = { serial = -1 }", `1: soa.serial: -1 is out of range`},
		{"mname", "soa = { mname = 'a..b' }", `1: soa.mname "a..b" has an empty label (two dots, or a dot in front)`},
		{"rname", "soa = { rname = 'a b' }", `1: soa.rname "a b" has the character ' ' in it`},
		{"origin", "origin = 'a..b'", `1: "a..b" cannot be a zone's name: has an empty label (two dots, or a dot in front)`},
		{"another origin", "\norigin = 'example.net'", `2: origin is "example.net" here, but the configuration says "example.org"`},
		{"records", "records = 'www'", `1: records: want a table, not a string`},
		{"name without table", "records = { www = '192.0.2.1' }", `1: www: want a table like { A = "192.0.2.1" }, not a string`},
		{"outside", "records = { 'www.example.net.' = { A = '192.0.2.1' } }", `1: www.example.net.: outside zone example.org (a name without a final dot is relative to the zone)`},
		{"empty name", "records = { '' = { A = '192.0.2.1' } }", `1: name "" is empty (the zone's own name is @)`},
		{"international name", "records = { 'bücher' = { A = '192.0.2.1' } }", `1: name "bücher" is not ASCII: write an international name in its xn-- form`},
		{"same name twice", "[records]\nwww = { A = '192.0.2.1' }\n'WWW.example.org.' = { AAAA = '2001:db8::1' }", `3: WWW.example.org.: this name stands on line 2 already`},
		{"dotted name without quotes", "[records]\na.b = { A = '192.0.2.1' }", `2: a: "b": a name with a dot in it must stand in quotes, and a type in capitals`},
		{"unknown type", "records = { www = { AAA = '192.0.2.1' } }", `1: www: unknown type "AAA" (did you mean "AAAA"?)`},
		{"type in small letters", "records = { www = { mx = '10 mail' } }", `1: www: unknown key "mx" (types are written in capitals: MX)`},
		{"unknown word", "records = { www = { goe = 'site' } }", `1: www: unknown key "goe" (did you mean "geo"?)`},
		{"another's type", "records = { www = { ALIAS = 'example.net' } }", `1: www: unknown type "ALIAS" (other nameservers look its target up themselves; write geo = "map"`},
		{"another's word", "records = { www = { alias = 'example.net' } }", `1: www: unknown key "alias" (other nameservers look its target up themselves; write geo = "map"`},
		{"SOA as a type", "records = { '@' = { SOA = 'a b 1 2 3 4 5' } }", `1: @: SOA: written as soa = { mname = ..., rname = ... } at the top of the file`},
		{"address", "records = { www = { A = ['192.0.2.1',\n'192.0.2'] } }", `2: www: A: "192.0.2" is not an IPv4 address`},
		{"number for data", "records = { www = { A = 1 } }", `1: www: A: want a string or a list of strings, not a whole number`},
		{"number in the list", "records = { www = { A = [1] } }", `1: www: A: want a list of strings, but a whole number is in it`},
		{"empty list", "records = { www = { A = [] } }", `1: www: A: the list is empty`},
		{"empty data", "records = { www = { A = ' ' } }", `1: www: A: has no data`},
		{"two records in a string", "records = { www = { A = \"192.0.2.1\\n192.0.2.2\" } }", `1: www: A: more than one line: each record is a string of its own, in a list`},
		{"open quote", `records = { www = { CAA = '0 issue "ca' } }`, `1: www: CAA: a quote is not closed`},
		{"comment in the data", "records = { www = { A = '192.0.2.1 ; here' } }", `1: www: A: a ; outside of quotes: put the text in quotes, like '0 issue "ca.example; x=y"' (a comment begins with # after the string)`},
		{"text that goes on after a ;", "records = { www = { CAA = '0 issue ca.example; x=y' } }", `1: www: CAA: a ; outside of quotes`},
		{"; between texts", `records = { www = { TXT = '"a" ; "b"' } }`, `1: www: TXT: a ; outside of quotes`},
		{"; after a text", `records = { www = { TXT = '"a"; b' } }`, `1: www: TXT: a ; outside of quotes`},
		{"; in a parameter", `records = { www = { HTTPS = '1 . dohpath=/;x{?dns}' } }`, `1: www: HTTPS: a ; outside of quotes`},
		{"comment in brackets", "records = { www = { A = \"\"\"( ; here\n192.0.2.1 )\"\"\" } }", `1: www: A: a ; outside of quotes`},
		{"; and more", "records = { www = { URI = '1 2 http://a/;b c' } }", `1: www: URI: a ; outside of quotes`},
		{"long text", "records = { www = { TXT = '" + strings.Repeat("a", 66000) + "' } }", `1: www: TXT: has 66259 octets of data; the most is 65535`},
		{"escape", `records = { www = { TXT = 'a\25' } }`, `1: www: TXT: text "a\\25" has the escape "\\25"; write \ and three digits (a \ itself is written \\)`},
		{"lone backslash", `records = { www = { TXT = 'C:\' } }`, `1: www: TXT: text "C:\\" ends in a lone \ (a \ itself is written \\)`},
		{"geo and A", "[records.www]\nA = '192.0.2.1'\ngeo = 'site'", `3: www: geo and A at the same name (line 2): the map gives the addresses, keep one of the two`},
		{"geo and CNAME", "records = { www = { geo = 'site', CNAME = 'x' } }", `1: www: geo and CNAME at the same name (line 1): the map gives the addresses, keep one of the two`},
		{"geo is no name", "records = { www = { geo = ['site'] } }", `1: www: geo: want the name of a map, not a list`},
		{"empty geo", "records = { www = { geo = '' } }", `1: www: geo: want the name of a map, not an empty string`},
		{"empty name table", "[records]\nwww = {}", `2: www: says nothing: give it a type or geo`},
		{"only a TTL", "[records.www]\nttl = 5", `1: www: says nothing: give it a type or geo`},
		{"include", "include = [\n'none.zone']", `2: include: none.zone: no such file or directory`},
		{"include of itself", "include = ['zone.toml']", `1: include: zone.toml: a TOML zone includes master files only`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, problems, _ := read(t, "example.org", "zone.toml", test.file)
			if len(problems) != 1 || !strings.HasPrefix(problems[0], "zone.toml:"+test.want) {
				t.Errorf("got  %q\nwant %q", problems, test.want)
			}
		})
	}
}

func TestMistakeInAnIncludedFileNamesThatFile(t *testing.T) {
	t.Parallel()
	lines, problems, _ := read(t, "", "example.org.toml", "include = ['a.zone']\n[records]\nwww = { A = '192.0.2.1' }", "a.zone", "@ NS ns\n@ A x\n")
	wantLines(t, "problems", problems, `a.zone:2: the data of A is wrong (what is included is not quoted)`)
	wantLines(t, "records", lines[:2], "example.org. 86400 NS ns.example.org.\nwww.example.org. 300 A 192.0.2.1")
}

func TestProblemsStandInTheOrderOfTheFiles(t *testing.T) {
	t.Parallel()
	_, problems, _ := read(t, "", "example.org.toml", "soa = { mname = 'a..b' }\ninclude = ['a.zone',\n'none']\n[records]\nx = { B = '1' }\ny = 1\n", "a.zone", "@ A x\n")
	wantLines(t, "problems", problems, `
example.org.toml:1: soa.mname "a..b" has an empty label (two dots, or a dot in front)
example.org.toml:3: include: none: no such file or directory
example.org.toml:5: x: unknown type "B" (did you mean "A"?)
example.org.toml:6: y: want a table like { A = "192.0.2.1" }, not a whole number
a.zone:1: the data of A is wrong (what is included is not quoted)`)
}
