package zones

import (
	"strings"
	"testing"
)

func TestOddRecordsAreNoted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what, zone string
		want       string // all notes, each LINE: text
	}{
		{"a sound zone", sound, ""},
		{"names that exist", sound + "a CNAME ns\nb CNAME @\nc MX 1 ns\nd PTR b\ne CNAME x.w\n*.w A 192.0.2.1\nf CNAME ent\nx.ent TXT x\ng CNAME *.w\nh DNAME ent\n", ""},
		{"names elsewhere", sound + "a CNAME x.example.net.\nb MX 1 x.example.net.\nc MX 0 .\nd HTTPS 1 . alpn=h2\ne NAPTR 1 2 s x \"\" .\nf NS ns.example.\n", ""},
		{"names of other zones", sound + "sub NS ns\na CNAME x.sub\nb MX 1 sub\nc CNAME y.d\nd DNAME example.net.\ne MX 1 y.d\nx.sub CNAME nothing\n", ""},

		{"a dot is missing", sound + "www CNAME pages.example.com\n", "5: www.example.org: CNAME to pages.example.com.example.org, which does not exist (final dot missing?)"},
		{"a host is missing", sound + "@ MX 1 mail\n", "5: example.org: MX to mail.example.org, which does not exist"},
		{"of every type", sound + "a SRV 1 2 3 n\nb PTR n\nc DNAME n\nd AFSDB 1 n\ne HTTPS 1 n\nf NAPTR 1 2 s x \"\" n\ng SVCB 1 n\n",
			"5: a.example.org: SRV to n.example.org, which does not exist\n6: b.example.org: PTR to n.example.org, which does not exist\n" +
				"7: c.example.org: DNAME to n.example.org, which does not exist\n8: d.example.org: AFSDB to n.example.org, which does not exist\n" +
				"9: e.example.org: HTTPS to n.example.org, which does not exist\n10: f.example.org: NAPTR to n.example.org, which does not exist\n" +
				"11: g.example.org: SVCB to n.example.org, which does not exist"},
		{"a wildcard of another branch", sound + "a CNAME x.y.w\n*.w A 192.0.2.1\ny.w TXT x\n", "5: a.example.org: CNAME to x.y.w.example.org, which does not exist (final dot missing?)"},

		{"a host without an address", sound + "@ MX 1 txt\ntxt TXT x\n", "5: example.org: MX to txt.example.org, which has no address"},
		{"a CNAME in the way", sound + "@ MX 1 a\n_x._tcp SRV 1 2 3 a\na CNAME ns\n",
			"5: example.org: MX to a.example.org, which is a CNAME (RFC 2181, 10.3: name the host itself)\n6: _x._tcp.example.org: SRV to a.example.org, which is a CNAME (RFC 2181, 10.3: name the host itself)"},

		{"loops", sound + "a CNAME a\nb CNAME c\nc CNAME d\nd CNAME b\ninto CNAME b\n*.w CNAME x.w\ne DNAME x.e\nf DNAME g\ng DNAME f\n",
			"5: a.example.org: CNAME to a.example.org, which leads back here without end\n6: b.example.org: CNAME to c.example.org, which leads back here without end\n" +
				"7: c.example.org: CNAME to d.example.org, which leads back here without end\n8: d.example.org: CNAME to b.example.org, which leads back here without end\n" +
				"10: *.w.example.org: CNAME to x.w.example.org, which leads back here without end\n11: e.example.org: DNAME to x.e.example.org, which leads back here without end\n" +
				"12: f.example.org: DNAME to g.example.org, which leads back here without end\n13: g.example.org: DNAME to f.example.org, which leads back here without end"},
		{"no loops", sound + "d DNAME e\nx.e CNAME d\nb CNAME x.d\n", ""},

		{"two SPF texts", sound + "@ TXT \"v=spf1 -all\"\n@ TXT \"V=SP\" \"F1\"\n", "6: example.org: a second SPF text (the first is on line 5; with two, receivers heed none: RFC 7208, 4.5)"},
		{"one SPF text", sound + "@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 -all\"\n@ TXT v=spf10\n@ TXT \"v=spf2.0/pra\"\n", ""},

		{"broken delegations", sound + "a NS ns.a\nb NS www\nwww CNAME ns\nc NS nothing\nd NS x.dn\ndn DNAME example.net.\ne NS 192.0.2.1\nf NS x.w\n*.w CNAME ns\n",
			"5: a.example.org: no glue for nameserver ns.a.example.org (add an A or AAAA record for it)\n6: b.example.org: nameserver www.example.org is a CNAME (RFC 2181, 10.3: name the host itself)\n" +
				"8: c.example.org: no address for nameserver nothing.example.org (add an A or AAAA record for it)\n" +
				"9: d.example.org: nameserver x.dn.example.org lies below the DNAME of dn.example.org, which takes it elsewhere (RFC 6672, 2.3: name a host that is not below it)\n" +
				"11: e NS: target \"192.0.2.1\" is an address: the name of a host belongs here\n" +
				"12: f.example.org: nameserver x.w.example.org is a CNAME (RFC 2181, 10.3: name the host itself)"},
	} {
		l := loadText(t, "zone.zone", tt.zone)
		var got []string
		for _, n := range l.Notes {
			_, line, _ := strings.Cut(n.String(), "zone.zone:")
			got = append(got, line)
		}
		if all := strings.Join(got, "\n"); all != tt.want || len(l.Problems) > 0 || l.Value == nil {
			t.Errorf("%s: %v\n got %s\nwant %s", tt.what, l.Problems, all, tt.want)
		}
	}
	l := loadText(t, "zone.toml", "[records]\n'@' = { NS = 'ns' }\nns = { geo = 'site' }\n")
	if len(l.Notes) != 1 || !strings.Contains(l.Notes[0].Text, "nameserver ns.example.org is a geo name") {
		t.Errorf("got %v", l.Notes)
	}
}

// Where not every record could be read, nothing is called missing.
func TestNothingIsNotedAsMissingInABrokenZone(t *testing.T) {
	t.Parallel()
	if l := loadText(t, "zone.zone", sound+"www CNAME mail\nmail A nonsense\n"); len(l.Notes) > 0 {
		t.Errorf("got %v", l.Notes)
	}
}
