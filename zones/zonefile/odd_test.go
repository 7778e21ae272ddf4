package zonefile

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatIsOddIsNoted, and served all the same.
func TestWhatIsOddIsNoted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, file, text, want string }{
		{"nothing", "z.zone", "a 2 MX 10 mail\nexample.org. 2 NS a.example.org.\nb.example.org.example.org. 2 A 192.0.2.1\nc 2 CAA 128 ISSUE \";\"\nd 2 NS a1.2.3.4\n$ORIGIN .\nexample.org 2 TXT x\nwww.example.org 2 TXT x\n", ""},
		{"the zone's name twice", "z.zone", "www.example.org 2 A 192.0.2.1\nb 2 A 192.0.2.1\nwww.example.org 2 A 192.0.2.2\nEXAMPLE.org 2 TXT x\nanexample.org 2 TXT x\n$ORIGIN b.example.org.\nx.b.example.org 2 TXT y\n", `
z.zone:1: www.example.org: ends in the zone's own name; it is www.example.org.example.org (write www, or a dot at its end)
z.zone:4: EXAMPLE.org: ends in the zone's own name; it is example.org.example.org (write @, or a dot at its end)
z.zone:7: x.b.example.org: ends in the zone's own name; it is x.b.example.org.b.example.org (write x.b, or a dot at its end)`},
		{"the zone's name twice, in TOML", "z.toml", "[records]\n'@' = { NS = 'a' }\n'www.example.org' = { geo = 'site' }\n'x.example.org.' = { A = '192.0.2.1' }\n", `
z.toml:3: www.example.org: ends in the zone's own name; it is www.example.org.example.org (write www, or a dot at its end)`},
		{"an origin without its dot, told once", "z.zone", "$ORIGIN Example.org\n@ 2 A 192.0.2.1\nwww 2 A 192.0.2.1\n", `
z.zone:1: Example.org: ends in the zone's own name; it is Example.org.example.org (write @, or a dot at its end)`},
		{"names of the SOA", "z.zone", "@ 2 SOA ns1.example.org. h 1 2 3 4 5\n@ 2 SOA ns1.Example.org h 1 2 3 4 5\n@ 2 SOA ns1 h.example.org 1 2 3 4 5\n", `
z.zone:2: @ SOA: primary server ns1.Example.org ends in the zone's own name; it is ns1.Example.org.example.org (write ns1, or a dot at its end)
z.zone:3: @ SOA: mailbox h.example.org ends in the zone's own name; it is h.example.org.example.org (write h, or a dot at its end)`},
		{"names of the SOA in TOML", "z.toml", "soa = { mname = 'ns1.example.org', rname = 'h@example.org' }\n[records]\n'@' = { NS = 'a' }", `
z.toml:1: soa.mname: ns1.example.org ends in the zone's own name; it is ns1.example.org.example.org (write ns1, or a dot at its end)`},
		{"mailbox of the SOA in TOML", "z.toml", "[soa]\nmname = 'ns1.example.org.'\nrname = 'h.example.org'\n[records]\n'@' = { NS = 'a' }", `
z.toml:3: soa.rname: h.example.org ends in the zone's own name; it is h.example.org.example.org (write h, or a dot at its end)`},
		{"addresses in place of names", "z.zone", "a 2 MX 10 192.0.2.1\nb 2 CNAME 192.0.2.1.\nc 2 NS 2001:db8::1\nd 2 SRV 1 2 3 192.0.2.1\n", `
z.zone:1: a MX: mail server "192.0.2.1" is an address: the name of a host belongs here
z.zone:2: b CNAME: target "192.0.2.1." is an address: the name of a host belongs here
z.zone:3: c NS: target "2001:db8::1" is an address: the name of a host belongs here
z.zone:4: d SRV: target "192.0.2.1" is an address: the name of a host belongs here`},
		{"an address in TOML", "z.toml", "[records]\n'@' = { NS = 'a', MX = ['10 mail',\n'20 192.0.2.1'] }", `
z.toml:3: @ MX: mail server "192.0.2.1" is an address: the name of a host belongs here`},
		{"a mail address", "z.zone", "@ 2 SOA ns admin.x@example.org. 1 2 3 4 5\n", `
z.zone:1: @ SOA: mailbox "admin.x@example.org." has an @: write admin\.x.example.org.`},
		{"tags", "z.zone", "@ 2 CAA 0 isue \"ca.example\"\n@ 2 CAA 0 zzzzzzzz \"x\"\n", `
z.zone:1: @ CAA: tag "isue" is not known (did you mean "issue"?): it restricts nobody
z.zone:2: @ CAA: tag "zzzzzzzz" is not known: it restricts nobody`},
		{"one second, once", "z.zone", "a 1 A 192.0.2.1\nb 1 A 192.0.2.1\n", `
z.zone:1: a: a TTL of one second: resolvers keep nothing (Cloudflare's exports write 1 for "automatic", which is 300 there)`},
		{"one second of a geo name", "z.toml", "[records]\n'@' = { NS = 'a', ttl = 2 }\nb = { geo = 'site', ttl = 1 }", `
z.toml:3: b: a TTL of one second: resolvers keep nothing (Cloudflare's exports write 1 for "automatic", which is 300 there)`},
	} {
		folder := put(t, test.file, test.text)
		zone, problems := Read(filepath.Join(folder, test.file), "example.org", new(written))
		if len(problems) > 0 {
			t.Errorf("%s: got problems %v", test.name, problems)
		}
		var notes []string
		for _, n := range zone.Notes {
			notes = append(notes, strings.ReplaceAll(n.String(), folder+string(filepath.Separator), ""))
		}
		wantLines(t, test.name, notes, test.want)
	}
}

// TestNamesOfReverseZonesAreNoAddresses: there they are made of numbers.
func TestNamesOfReverseZonesAreNoAddresses(t *testing.T) {
	t.Parallel()
	folder := put(t, "z", "5 2 CNAME 5.64.2.0\n")
	zone, problems := Read(filepath.Join(folder, "z"), "192.in-addr.arpa", new(written))
	if len(problems) > 0 || len(zone.Notes) > 0 {
		t.Errorf("got %v, %v", problems, zone.Notes)
	}
}
