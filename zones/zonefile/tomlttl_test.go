package zonefile

import "testing"

// TestWhatStandsNearestIsTheTTL: at the name before at the zone's top, by type before for all. The zone's nameservers get a
// day where nothing is said.
func TestWhatStandsNearestIsTheTTL(t *testing.T) {
	t.Parallel()
	const records = `
"@" = { NS = ["ns1", "NS2.example.org.", "ns.example.net."], MX = "10 mail", geo = "site" }
ns1 = { A = "192.0.2.1", AAAA = "2001:db8::1", TXT = "x" }
ns2 = { geo = "site" }
mail = { A = "192.0.2.2" }
sub = { NS = "ns1" }
`
	for _, test := range []struct{ name, file, want string }{
		{"nothing is said", "[records]" + records, `
example.org. 86400 NS ns1.example.org.
example.org. 86400 NS NS2.example.org.
example.org. 86400 NS ns.example.net.
example.org. 300 MX 10 mail.example.org.
example.org. 300 geo site
ns1.example.org. 86400 A 192.0.2.1
ns1.example.org. 86400 AAAA 2001:db8::1
ns1.example.org. 300 TXT "x"
ns2.example.org. 300 geo site
mail.example.org. 300 A 192.0.2.2
sub.example.org. 300 NS ns1.example.org.
example.org. 300 SOA ns1.example.org. hostmaster.example.org. 1700000000 14400 3600 1209600 300`},
		{"one time for the zone", "ttl = 60\n[records]" + records, `
example.org. 60 NS ns1.example.org.
example.org. 60 NS NS2.example.org.
example.org. 60 NS ns.example.net.
example.org. 60 MX 10 mail.example.org.
example.org. 60 geo site
ns1.example.org. 60 A 192.0.2.1
ns1.example.org. 60 AAAA 2001:db8::1
ns1.example.org. 60 TXT "x"
ns2.example.org. 60 geo site
mail.example.org. 60 A 192.0.2.2
sub.example.org. 60 NS ns1.example.org.
example.org. 60 SOA ns1.example.org. hostmaster.example.org. 1700000000 14400 3600 1209600 300`},
		{"times by type for the zone", "ttl = { geo = 20, A = '1h', MX = 0, SOA = 900 }\n[records]" + records, `
example.org. 86400 NS ns1.example.org.
example.org. 86400 NS NS2.example.org.
example.org. 86400 NS ns.example.net.
example.org. 0 MX 10 mail.example.org.
example.org. 20 geo site
ns1.example.org. 3600 A 192.0.2.1
ns1.example.org. 86400 AAAA 2001:db8::1
ns1.example.org. 300 TXT "x"
ns2.example.org. 20 geo site
mail.example.org. 3600 A 192.0.2.2
sub.example.org. 300 NS ns1.example.org.
example.org. 900 SOA ns1.example.org. hostmaster.example.org. 1700000000 14400 3600 1209600 300`},
		{"at the name", `ttl = { default = 100, NS = 50 }
soa.ttl = 7
[records]
"@" = { NS = "ns1", MX = "10 ns1", geo = "site", ttl = { NS = "1d", A = 60 } }
a = { geo = "site", TXT = "x", ttl = { AAAA = 40, A = 60, default = 5 } }
b = { geo = "site", TXT = "x", ttl = { geo = 30, A = 60 } }
c = { geo = "site", TXT = "x", ttl = { TXT = 9 } }
ns1 = { A = "192.0.2.1", NS = "x", ttl = 8 }
d = { NS = "x", TYPE65400 = '\# 0', ttl = { TYPE65400 = 1 } }
`, `
example.org. 86400 NS ns1.example.org.
example.org. 100 MX 10 ns1.example.org.
example.org. 60 geo site
a.example.org. 40 geo site
a.example.org. 5 TXT "x"
b.example.org. 30 geo site
b.example.org. 100 TXT "x"
c.example.org. 100 geo site
c.example.org. 9 TXT "x"
ns1.example.org. 8 A 192.0.2.1
ns1.example.org. 8 NS x.example.org.
d.example.org. 50 NS x.example.org.
d.example.org. 1 TYPE65400 \# 0
example.org. 7 SOA ns1.example.org. hostmaster.example.org. 1700000000 14400 3600 1209600 300`},
		{"of included records that have none", "include = 'a.zone'\nsoa.serial = 1\n[records]\nns2 = { A = '192.0.2.2' }", `
example.org. 86400 NS ns1.example.org.
example.org. 86400 NS ns2.example.org.
ns1.example.org. 86400 A 192.0.2.1
x.example.org. 300 A 192.0.2.3
y.example.org. 9 A 192.0.2.4
z.example.org. 300 A 192.0.2.5
z.example.org. 11 TXT "x"
ns2.example.org. 86400 A 192.0.2.2
example.org. 300 SOA ns1.example.org. hostmaster.example.org. 1 14400 3600 1209600 300`},
		{"of included records that have none, where the zone says one", "ttl = 77\ninclude = 'a.zone'\nsoa.serial = 1", `
example.org. 77 NS ns1.example.org.
example.org. 77 NS ns2.example.org.
ns1.example.org. 77 A 192.0.2.1
x.example.org. 77 A 192.0.2.3
y.example.org. 9 A 192.0.2.4
z.example.org. 77 A 192.0.2.5
z.example.org. 11 TXT "x"
example.org. 77 SOA ns1.example.org. hostmaster.example.org. 1 14400 3600 1209600 300`},
	} {
		lines, problems, zone := read(t, "", "example.org.toml", test.file,
			"a.zone", "@ NS ns1\n  NS ns2\nns1 A 192.0.2.1\nx A 192.0.2.3\ny 9 A 192.0.2.4\nz A 192.0.2.5\n$TTL 11\n  TXT x\n")
		wantLines(t, test.name+": problems", problems, "")
		wantLines(t, test.name, lines, test.want)
		if len(zone.Notes) > 0 && test.name != "at the name" {
			t.Errorf("%s: got notes %v", test.name, zone.Notes)
		}
	}
}

func TestTTLOfATypeThatANameDoesNotHaveIsNoted(t *testing.T) {
	t.Parallel()
	_, problems, zone := read(t, "", "example.org.toml", `[records]
www = { geo = "site", ttl = { A = 60, AAAA = 60, geo = 60, MX = 60, default = 5 } }
x = { TYPE1 = "192.0.2.1", ttl = { A = 60, geo = 60 } }`)
	wantLines(t, "problems", problems, "")
	var notes []string
	for _, n := range zone.Notes {
		notes = append(notes, n.Text)
	}
	wantLines(t, "notes", notes, "www: ttl: no MX stands beside it\nx: ttl: no geo stands beside it")
}
