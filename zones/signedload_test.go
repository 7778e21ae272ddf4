package zones_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"tinycdn/zones"
	"tinycdn/zones/diag"
	"tinycdn/zones/zonefile"
	"tinycdn/zones/zonestest"
)

const smallZone = `$TTL 300
@ SOA ns.test. hostmaster 1 14400 3600 1209600 60
@ NS ns.test.
www A 192.0.2.1
a.b.ent TXT "x"
sub NS ns.test.
*.wild A 192.0.2.2
`

// edit is a change of the first line that begins and goes on so.
type edit struct{ owner, typ, old, new string }

// apply makes an edit, or takes the line away where there is nothing new, and says which line it was.
func (e edit) apply(t *testing.T, text string) (edited string, line int) {
	t.Helper()
	lines := strings.Split(text, "\n")
	line = slices.IndexFunc(lines, func(l string) bool {
		f := strings.Fields(l)
		return len(f) > 4 && f[0] == e.owner && strings.HasPrefix(strings.Join(f[3:], " "), e.typ)
	})
	if line < 0 || !strings.Contains(lines[line], e.old) {
		t.Fatalf("no line %s %s with %q in\n%s", e.owner, e.typ, e.old, text)
	}
	if lines[line] = strings.Replace(lines[line], e.old, e.new, 1); e.new == "" {
		lines = slices.Delete(lines, line, line+1)
	}
	return strings.Join(lines, "\n"), line + 1
}

func loadSigned(t *testing.T, text string) zones.Loaded {
	t.Helper()
	path := filepath.Join(t.TempDir(), "example.zone")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return zones.Load(path, "example", nil)
}

// TestWhatWouldBeBogusIsRefused with its line, where a line is wrong, and with a line of that name, where one is missing.
func TestWhatWouldBeBogusIsRefused(t *testing.T) {
	t.Parallel()
	nsec, _ := zonestest.Signer{}.Sign(t, "example", smallZone)
	hashed, _ := zonestest.Signer{NSEC3: true}.Sign(t, "example", smallZone)
	_, other := zonestest.Signer{}.Sign(t, "example", smallZone)
	hash := func(name string) string {
		for _, line := range strings.Split(hashed, "\n") {
			if f := strings.Fields(line); len(f) > 4 && f[3] == "NSEC3" && zonestest.HashIs(f[0], name) {
				return f[0]
			}
		}
		t.Fatalf("no NSEC3 of %s", name)
		return ""
	}
	_, next, _ := strings.Cut(hashed[strings.Index(hashed, hash("www.example.")):], "NSEC3\t1 0 0 - ")
	next = next[:32]
	for _, test := range []struct {
		what, zone string
		edits      []edit
		want       string
	}{
		{"a set without a signature", nsec, []edit{{"www.example.", "RRSIG A", "www", ""}}, "www.example: A has no RRSIG"},
		{"a signature of nothing", nsec, []edit{{"www.example.", "A", "www", ""}}, "www.example: RRSIG of A, which the zone does not have there"},
		{"other data", nsec, []edit{{"www.example.", "A", "192.0.2.1", "192.0.2.3"}}, "www.example: the RRSIG of A is not by the zone's DNSKEY"},
		{"another key", nsec, []edit{{"example.", "DNSKEY", nsecKey(nsec), other.PublicKey}}, "example: no RRSIG of "},
		{"a foreign signer", nsec, []edit{{"www.example.", "RRSIG A", " example. ", " sample. "}}, "www.example: RRSIG of A by sample: only the keys of example count here"},
		{"labels", nsec, []edit{{"www.example.", "RRSIG A", "A 13 2", "A 13 1"}}, "www.example: RRSIG of A for a name of 1 labels"},
		{"a chain that leads astray", nsec, []edit{{"www.example.", "NSEC", "NSEC\texample.", "NSEC\tx.example."}}, "www.example: NSEC leads to x.example, and the next name is example"},
		{"a chain that is open", nsec, []edit{{"www.example.", "NSEC", "www", ""}, {"www.example.", "RRSIG NSEC", "www", ""}}, "www.example: has 0 NSEC records, want one"},
		{"a type denied", nsec, []edit{{"www.example.", "NSEC", " A RRSIG", " RRSIG"}}, "www.example: NSEC denies A, which is there"},
		{"a type invented", nsec, []edit{{"www.example.", "NSEC", " A RRSIG", " A MX RRSIG"}}, "www.example: NSEC tells of MX, which is not there"},
		{"a name that was added", nsec + "new.example. 60 IN A 192.0.2.9\n", nil, "new.example: A has no RRSIG"},
		{"no proofs", nsec, []edit{{"example.", "NSEC", "example", ""}, {"example.", "RRSIG NSEC", "example", ""}}, "has neither NSEC nor NSEC3PARAM"},
		{"a second NSEC3PARAM", hashed + "example. 60 IN NSEC3PARAM 1 0 1 -\n", nil, "example: a second NSEC3PARAM record"},
		{"a hash astray", hashed, []edit{{hash("www.example."), "NSEC3", next, "0000" + next[4:]}}, "NSEC3 does not lead to the next hash"},
		{"a name without a hash", hashed, []edit{{hash("ent.example."), "NSEC3", "e", ""}, {hash("ent.example."), "RRSIG NSEC3", "e", ""}}, "NSEC3 does not lead to the next hash"},
		{"a type denied by a hash", hashed, []edit{{hash("www.example."), "NSEC3", " A RRSIG", " RRSIG"}}, "www.example: NSEC3 denies A, which is there"},
		{"NSEC3 of another salt", hashed, []edit{{hash("www.example."), "NSEC3", "1 0 0 -", "1 0 0 AB"}}, "NSEC3 that is not as NSEC3PARAM says"},
		{"NSEC beside NSEC3", hashed + "www.example. 60 IN NSEC example. A\n", nil, "www.example: NSEC has no RRSIG"},
	} {
		text, line := test.zone, 0
		for _, e := range test.edits {
			text, line = e.apply(t, text)
		}
		l := loadSigned(t, text)
		if l.Value != nil || len(l.Problems) == 0 {
			t.Errorf("%s: it is served", test.what)
			continue
		}
		found := slices.IndexFunc(l.Problems, func(p diag.Problem) bool { return strings.Contains(p.Text, test.want) })
		if found < 0 || l.Problems[found].Line == 0 {
			t.Errorf("%s: got %v, want %q", test.what, l.Problems, test.want)
		} else if len(test.edits) == 1 && test.edits[0].new != "" && !slices.Contains([]string{"another key", "other data"}, test.what) && l.Problems[found].Line != line {
			t.Errorf("%s: got %v, want line %d", test.what, l.Problems[found], line)
		}
	}
}

// nsecKey is the public key of a signed zone.
func nsecKey(zone string) string {
	for _, line := range strings.Split(zone, "\n") {
		if f := strings.Fields(line); len(f) > 7 && f[3] == "DNSKEY" {
			return f[7]
		}
	}
	return ""
}

func TestSignaturesHaveTheirTimes(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, test := range []struct {
		what        string
		from, until time.Duration
		refused     bool
		want        string
	}{
		{"valid", -time.Hour, time.Hour, false, ""},
		{"expired", -2 * time.Hour, -time.Hour, false, "have expired, the first at " + now.Add(-time.Hour).UTC().Format(time.RFC3339)},
		{"not yet valid", time.Hour, 2 * time.Hour, true, "is not valid before " + now.Add(time.Hour).UTC().Format(time.RFC3339)},
	} {
		text, _ := zonestest.Signer{Inception: now.Add(test.from), Expiration: now.Add(test.until)}.Sign(t, "example", smallZone)
		l := loadSigned(t, text)
		said := fmt.Sprint(l.Problems, l.Notes)
		if (l.Value == nil) != test.refused || !strings.Contains(said, test.want) || test.want == "" && said != "[] []" {
			t.Errorf("%s: got %s", test.what, said)
		}
		if l.Value != nil && l.Value.Expires.Unix() != now.Add(test.until).Unix() {
			t.Errorf("%s: it expires at %v", test.what, l.Value.Expires)
		}
	}
}

func TestNSEC3HasFewIterations(t *testing.T) {
	t.Parallel()
	for iterations, want := range map[uint16]bool{0: true, 50: true, 51: false, 2500: false} {
		text, _ := zonestest.Signer{NSEC3: true, Iterations: iterations, Salt: "ab"}.Sign(t, "example", smallZone)
		if l := loadSigned(t, text); (l.Value != nil) != want || !want && !strings.Contains(fmt.Sprint(l.Problems), fmt.Sprintf("NSEC3 with %d iterations, of which 50 are the most", iterations)) {
			t.Errorf("%d: got %v", iterations, l.Problems)
		}
	}
}

// TestNothingIsLaidOverASignedZone: nobody here could sign it.
func TestNothingIsLaidOverASignedZone(t *testing.T) {
	t.Parallel()
	text, _ := zonestest.Signer{}.Sign(t, "example", smallZone)
	l := loadSigned(t, text)
	store := zones.NewStore()
	err := store.Update(func(d *zones.Draft) error {
		d.SetZone(l.Value)
		owner, _ := zones.Name("_acme-challenge.example")
		return d.SetOverlay(l.Apex, []zonefile.Record{zones.Text(owner, 60, "x")})
	})
	if err == nil || !strings.Contains(err.Error(), "was signed elsewhere") {
		t.Errorf("got %v", err)
	}
}

// TestAnAlgorithmThatNobodyHereKnowsIsNoted, and the zone is served: others know it.
func TestAnAlgorithmThatNobodyHereKnowsIsNoted(t *testing.T) {
	t.Parallel()
	text, _ := zonestest.Signer{}.Sign(t, "example", smallZone)
	lines := strings.Split(text, "\n")
	tag := ""
	for i, line := range lines {
		f := strings.Fields(line)
		switch {
		case len(f) > 7 && f[3] == "DNSKEY":
			lines[i] = strings.Replace(line, " 3 13 ", " 3 16 ", 1) // Ed448
			record, err := dns.NewRR(lines[i])
			if err != nil {
				t.Fatal(err)
			}
			tag = fmt.Sprint(record.(*dns.DNSKEY).KeyTag())
		}
	}
	for i, line := range lines {
		if f := strings.Fields(line); len(f) > 10 && f[3] == "RRSIG" {
			f[5], f[10] = "16", tag
			lines[i] = strings.Join(f, " ")
		}
	}
	l := loadSigned(t, strings.Join(lines, "\n"))
	if said := fmt.Sprint(l.Notes); l.Value == nil || strings.Count(said, "signatures of algorithm 16 cannot be checked here") != 1 {
		t.Errorf("got %v, %v", l.Problems, l.Notes)
	}
}
