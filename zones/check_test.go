package zones

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// loadText loads a zone from text; the name's ending says which kind of file it is.
func loadText(t testing.TB, file, text string) Loaded {
	t.Helper()
	path := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path, "example.org", []string{"site"})
}

const sound = "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n" // four lines

func TestRecordsAreHeldAgainstEachOther(t *testing.T) {
	t.Parallel()
	tests := []struct {
		what, zone string
		want       string // LINE: and some of the text; "": nothing is wrong
	}{
		{"a sound zone", sound, ""},
		{"no SOA", "@ 60 NS ns\nns 60 A 192.0.2.1\n", "1: zone example.org has no SOA record"},
		{"no NS", "@ 60 SOA ns h 1 2 3 4 5\n", "1: zone example.org has no NS records"},
		{"CNAME beside an address", sound + "www A 192.0.2.2\nwww CNAME ns\n", "5: www.example.org: A beside a CNAME (line 6)"},
		{"CNAME beside TXT", sound + "www CNAME ns\nwww TXT x\n", "6: www.example.org: TXT beside a CNAME (line 5)"},
		{"CNAME beside KEY", sound + "www CNAME ns\nwww KEY 512 3 8 AQ==\n", ""},
		{"CNAME at the apex", sound + "@ CNAME ns\n", "beside a CNAME"},
		{"two CNAMEs", sound + "www CNAME ns\nwww CNAME mail\n", "6: www.example.org: a second CNAME record (the first is on line 5"},
		{"the same CNAME twice", sound + "www CNAME ns\nwww CNAME ns\n", ""},
		{"two DNAMEs", sound + "a DNAME b.example.\na DNAME c.example.\n", "6: a.example.org: a second DNAME"},
		{"two SOAs", sound + "@ SOA ns h 2 2 3 4 5\n", "5: example.org: a second SOA"},
		{"data below a DNAME", sound + "a DNAME b.example.\nx.a TXT x\n", "6: x.a.example.org: a record below the DNAME of a.example.org"},
		{"data below a DNAME at the apex", "@ 60 SOA ns.example. h 1 2 3 4 5\n@ 60 NS ns.example.\n@ 60 DNAME b.example.\nx 60 TXT x\n", "4: x.example.org: a record below the DNAME"},
		{"nameserver without address", "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\n", "2: example.org: no address for nameserver ns.example.org"},
		{"one nameserver without address", sound + "@ NS ns2\n", "5: example.org: no address for nameserver ns2.example.org (add an A"},
		{"nameserver without its final dot", sound + "@ NS ns.example.net\n", "5: example.org: no address for nameserver ns.example.net.example.org (add an A or AAAA record for it; or is a final dot missing?)"},
		{"nameserver is a CNAME", sound + "@ NS www\nwww CNAME ns\n", "5: example.org: nameserver www.example.org is a CNAME"},
		{"nameserver is a wildcard's CNAME", sound + "@ NS a.w\n*.w CNAME ns\n", "5: example.org: nameserver a.w.example.org is a CNAME"},
		{"nameserver below a DNAME", sound + "@ NS a.d\nd DNAME example.net.\n", "5: example.org: nameserver a.d.example.org lies below the DNAME of d.example.org"},
		{"nameserver below the DNAME of the apex", "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\n@ 60 DNAME example.net.\n", "2: example.org: nameserver ns.example.org lies below the DNAME of example.org"},
		{"nameserver is an address", sound + "@ NS 192.0.2.1\n", "5: example.org: no address for nameserver 192.0.2.1.example.org (name a host in place of an address)"},
		{"broken delegations", sound + "a NS ns.a\nb NS www\nwww CNAME ns\nc NS nothing\nd NS x.dn\ndn DNAME example.net.\ne NS 192.0.2.1\n", ""},
		{"glue at the cut itself", sound + "sub NS sub\nsub A 192.0.2.3\n", ""},
		{"nameserver elsewhere", sound + "sub NS ns.example.net.\n", ""},
		{"nameserver below another cut", sound + "sub NS ns.other\nother NS ns.other\nns.other AAAA 2001:db8::1\n", ""},
		{"nameserver below a wildcard", sound + "sub NS a.w\n*.w A 192.0.2.3\n", ""},
		{"NS at a wildcard", sound + "*.a NS ns\n", "5: *.a.example.org: NS at a wildcard"},
		{"DNAME at a wildcard", sound + "*.a DNAME b.example.\n", ""},
		{"duplicates", sound + "ns A 192.0.2.1\n", ""},
		{"a mistake between records beside one in a record", sound + "bad A nonsense\nwww CNAME ns\nwww TXT x\n", "7: www.example.org: TXT beside a CNAME"},
	}
	for _, tt := range tests {
		l := loadText(t, "zone.zone", tt.zone)
		var got []string
		for _, p := range l.Problems {
			_, line, _ := strings.Cut(p.String(), "zone.zone:")
			got = append(got, line)
		}
		all := strings.Join(got, "\n")
		if tt.want == "" && (all != "" || l.Value == nil) || tt.want != "" && (!strings.Contains(all, tt.want) || l.Value != nil) {
			t.Errorf("%s:\n got %q\nwant %q", tt.what, all, tt.want)
		}
	}
}

func TestHalfOfASignedZoneIsRefusedWithOneProblem(t *testing.T) {
	t.Parallel()
	const (
		rrsig = " RRSIG A 8 3 300 20300101000000 20200101000000 1 example.org. AAAA\n"
		hash  = "0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM"
	)
	for _, tt := range []struct{ what, file, zone, want string }{
		{"RRSIG", "zone.zone", sound + "ns" + rrsig + "@" + rrsig, "5: zone example.org is signed (RRSIG)"},
		{"NSEC beside a CNAME", "zone.zone", sound + "www CNAME ns\nwww NSEC ns CNAME NSEC\nwww" + rrsig, "6: zone example.org is signed (NSEC)"},
		{"NSEC3", "zone.zone", sound + hash + " NSEC3 1 0 0 - " + hash + " A\n@ NSEC3PARAM 1 0 0 -\n", "5: zone example.org is signed (NSEC3)"},
		{"NSEC3PARAM", "zone.zone", sound + "@ NSEC3PARAM 1 0 0 -\n", "5: zone example.org is signed (NSEC3PARAM)"},
		{"DNSKEY alone", "zone.zone", sound + "@ DNSKEY 257 3 8 AQ==\n@ DNSKEY 256 3 8 AQ==\n", "5: zone example.org is signed (DNSKEY)"},
		{"DNSKEY by number", "zone.zone", sound + "@ TYPE48 \\# 5 0101030801\n", "5: zone example.org is signed (DNSKEY)"},
		{"RRSIG as octets", "zone.zone", sound + "@ TYPE46 \\# 20 0001 0802 0000012C 70DBD880 5E0BE100 0001 00 01\n", "5: zone example.org is signed (RRSIG)"},
		{"NSEC by number in TOML", "zone.toml", "[records]\n'@' = { NS = 'ns.example.' }\nwww = { A = '192.0.2.1', TYPE47 = '\\# 4 00000140' }\n",
			"3: zone example.org is signed (NSEC)"},
		{"below a cut", "zone.zone", sound + "sub NS ns.example.\nsub" + rrsig, "6: zone example.org is signed (RRSIG)"},
		{"in TOML", "zone.toml", "[records]\n'@' = { NS = 'ns.example.' }\nwww = { A = '192.0.2.1', RRSIG = 'A 8 3 300 20300101000000 20200101000000 1 @ AAAA' }\n",
			"3: zone example.org is signed (RRSIG)"},
		{"what is about the keys of others, or asks for no DS", "zone.zone",
			sound + "sub NS ns.example.\nsub DS 1 8 2 " + strings.Repeat("00", 32) + "\n@ CDS 0 0 0 00\n@ CDNSKEY 0 3 0 AA==\n", ""},
	} {
		l := loadText(t, tt.file, tt.zone)
		all := ""
		for _, p := range l.Problems {
			_, line, _ := strings.Cut(p.String(), tt.file+":")
			all += line + "\n"
		}
		want := tt.want
		if want != "" {
			want += ", but not whole: its DNSKEY or the RRSIG of its SOA is missing (give the file as its signer has written it; or, without a DS at the registrar, the unsigned one)\n"
		}
		if all != want || (l.Value == nil) != (want != "") {
			t.Errorf("%s:\n got %q\nwant %q", tt.what, all, want)
		}
	}
}

func TestNothingIsCalledMissingWhereARecordCouldNotBeRead(t *testing.T) {
	t.Parallel()
	l := loadText(t, "zone.zone", "$TTL 60\n@ SOA ns h 1 2 3 4 nonsense\n@ NS ns\nns A nonsense\n")
	if len(l.Problems) != 2 {
		t.Errorf("got %v, want the two records", l.Problems)
	}
}

func TestGeoNamesAreHeldAgainstTheRest(t *testing.T) {
	t.Parallel()
	const head = "[records]\n\"@\" = { NS = \"ns.example.\" }\n"
	for _, tt := range []struct{ what, records, want string }{
		{"a map that is", `www = { geo = "site" }`, ""},
		{"a map that is not", `www = { geo = "sita" }`, `3: www.example.org: map "sita" is not defined (did you mean "site"?)`},
		{"a map unlike any", `www = { geo = "x" }`, `3: www.example.org: map "x" is not defined (add [maps.x] to tinycdn.toml)`},
		{"geo at a delegation", `www = { geo = "site", NS = "ns.example." }`, "3: www.example.org: geo at a delegation"},
		{"geo below a delegation", "sub = { NS = \"ns.example.\" }\n\"www.sub\" = { geo = \"site\" }", "4: www.sub.example.org: geo below a delegation"},
		{"geo at the apex", "", ""},
	} {
		l := loadText(t, "zone.toml", head+tt.records+"\n")
		all := ""
		for _, p := range l.Problems {
			_, line, _ := strings.Cut(p.String(), "zone.toml:")
			all += line + "\n"
		}
		if tt.want == "" && all != "" || !strings.Contains(all, tt.want) {
			t.Errorf("%s:\n got %q\nwant %q", tt.what, all, tt.want)
		}
	}
}

// A message holds 65,535 octets, and the header and the question take some of them.
func TestAnAnswerMayFillAMessage(t *testing.T) {
	t.Parallel()
	const most = (65535 - 12 - len(".big.example.org.") - 4) / 16
	for _, tt := range []struct {
		what, line string
		n          int
		want       string
	}{
		{"addresses", "big A 10.%d.%d.%d\n", 4000, ""},
		{"as many as there is room for", "big A 10.%d.%d.%d\n", most, ""},
		{"one more", "big A 10.%d.%d.%d\n", most + 1, "big.example.org: its records take 65504 octets, and an answer here holds 65502"},
		{"one TXT record 300 times", "big TXT \"" + strings.Repeat("x", 240) + "\" ; %d %d %d\n", 300, ""},
		{"a wildcard, which any name may be asked for", "*.big A 10.%d.%d.%d\n", most, "*.big.example.org: its records take"},
		{"a wildcard", "*.big A 10.%d.%d.%d\n", 4000, ""},
		{"a delegation", "sub NS ns.%d.%d.%d.test.\n", 4000, "sub.example.org: its records take"},
	} {
		var b strings.Builder
		b.WriteString(sound)
		for i := range tt.n {
			fmt.Fprintf(&b, tt.line, 1+i>>16, i>>8&255, i&255)
		}
		l := loadText(t, "zone.zone", b.String())
		text := fmt.Sprint(l.Problems)
		if tt.want == "" && l.Value == nil || tt.want != "" && (len(l.Problems) != 1 || !strings.Contains(text, "zone.zone:5: "+tt.want)) {
			t.Errorf("%s: got %s, want %q", tt.what, text, tt.want)
		}
	}
}

func TestANameMayHaveAnyNumberOfTypes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "example.org.zone")
	var b strings.Builder
	b.WriteString(sound)
	for typ := 1000; typ < 1700; typ++ {
		fmt.Fprintf(&b, "many TYPE%d \\# 2 %04x\n", typ, typ)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	l := Load(path, "", nil)
	if l.Value == nil {
		t.Fatal(l.Problems)
	}
	if problems := NewStore().Current().Verify(l.Value, path, "", l.Files); len(problems) > 0 {
		t.Error(problems)
	}
}

// TestSOAThatStandsThereTwiceInAnotherLetterCaseIsOne, but its numbers are no letters.
func TestSOAThatStandsThereTwiceInAnotherLetterCaseIsOne(t *testing.T) {
	t.Parallel()
	const aaaa, lower = "1094795585", "1633771873" // the octets of AAAA and aaaa
	soa := "@ SOA NS H " + aaaa + " 2 3 4 5\n"
	for text, want := range map[string]bool{soa: true, strings.Replace(soa, aaaa, lower, 1): false} {
		whole := strings.Replace(sound, "ns h 1 ", "ns h "+aaaa+" ", 1) + text
		if l := loadText(t, "example.org.zone", whole); (len(l.Problems) == 0) != want {
			t.Errorf("%q: got %v", whole, l.Problems)
		}
	}
	if l := loadText(t, "example.org.zone", sound+"x CNAME A.test.\nx CNAME a.test.\ny DNAME A.test.\ny DNAME a.test.\n"); len(l.Problems) > 0 {
		t.Errorf("CNAME and DNAME in another letter case: got %v", l.Problems)
	}
}
