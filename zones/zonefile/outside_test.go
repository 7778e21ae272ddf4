package zonefile

import "testing"

// Other programs write the addresses of nameservers of other zones into a zone.
func TestAddressesOfForeignNameserversAreLeftOut(t *testing.T) {
	t.Parallel()
	const (
		head = "$TTL 5\n@ SOA ns h 1 2 3 4 5\n@ NS ns.other.test.\n"
		left = ": outside zone example.org, and left out: a nameserver's address is its own zone's to give"
		hint = ": outside zone example.org (it belongs into the zone of that name)"
	)
	for _, tt := range []struct{ what, zone, note, problem string }{
		{"an address", head + "ns.other.test. A 192.0.2.7\n", "zone:4: ns.other.test" + left, ""},
		{"two, in any case", head + "NS.other.test. 300 IN A 192.0.2.7\n IN 300 AAAA 2001:db8::7\n", "zone:4: ns.other.test" + left, ""},
		{"before the NS", "ns.other.test. 5 A 192.0.2.7\n" + head, "zone:1: ns.other.test" + left, ""},
		{"of a delegation", head + "sub NS a.b.test.\na.b.test. A 192.0.2.7\n", "zone:5: a.b.test" + left, ""},
		{"of a mail server", head + "@ MX 1 a.b.test.\na.b.test. A 192.0.2.7\n", "", "zone:5: a.b.test." + hint},
		{"beside other records", head + "ns.other.test. A 192.0.2.7\n TXT x\n A 192.0.2.8\n", "", "zone:5: ns.other.test." + hint},
		{"other records alone", head + "ns.other.test. TXT x\n A 192.0.2.7\n", "", "zone:4: ns.other.test." + hint},
		{"generated", head + "$GENERATE 7-8 ns.other.test. A 192.0.2.$\n", "zone:4: ns.other.test" + left, ""},
	} {
		_, problems, zone := read(t, "example.org", "zone", tt.zone)
		var notes []string
		for _, n := range zone.Notes {
			n.File = "zone"
			notes = append(notes, n.String())
		}
		wantLines(t, tt.what+": problems", problems, tt.problem)
		wantLines(t, tt.what+": notes", notes, tt.note)
	}
	// An old provider's, whose NS records the TOML replaces.
	_, problems, zone := read(t, "", "example.org.toml", "include = 'old'\n[records]\n'@' = { NS = 'ns.example.' }\n", "old", head+"ns.other.test. A 192.0.2.7\n")
	if len(problems) > 0 || len(zone.Notes) != 2 {
		t.Errorf("got %v, %v", problems, zone.Notes)
	}
}
