package zones_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones"
	"tinycdn/zones/zonestest"
)

// signers sign in all ways that there are.
var signers = map[string]zonestest.Signer{
	"NSEC":               {},
	"NSEC3":              {NSEC3: true},
	"NSEC3 with salt":    {NSEC3: true, Iterations: 3, Salt: "aabbcc"},
	"NSEC3 with opt-out": {NSEC3: true, OptOut: true},
}

// serveSigned loads signed zones, given by their names, and holds every answer against the records by the book. problems are those of
// zones that are refused.
func serveSigned(t testing.TB, signed map[string]string) (s *zones.Snapshot, problems []string) {
	t.Helper()
	store, dir := zones.NewStore(), t.TempDir()
	for apex, text := range signed {
		path := filepath.Join(dir, apex+".zone")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		problems = append(problems, publish(t, store, zones.Loader{}, path, apex)...)
	}
	return store.Current(), problems
}

// publish loads a zone, and holds every answer of it against the records by the book. problems are those of one that is refused.
func publish(t testing.TB, store *zones.Store, loader zones.Loader, path, apex string) (problems []string) {
	t.Helper()
	l := loader.Load(path, apex)
	for _, p := range l.Problems {
		problems = append(problems, p.String())
	}
	if l.Value == nil {
		return problems
	}
	if err := store.Update(func(d *zones.Draft) error { d.SetZone(l.Value); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, p := range store.Current().Verify(l.Value, path, apex, l.Files) {
		t.Errorf("%s: %v", path, p)
	}
	return problems
}

// validateAll asks for names of few labels, below apex and elsewhere, and validates every answer as a resolver does.
func validateAll(t testing.TB, s *zones.Snapshot, v *zonestest.Validator, names []string) (count int) {
	t.Helper()
	for _, name := range names {
		for _, typ := range []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeDS, dns.TypeANY, dns.TypeCNAME, dns.TypeNS, dns.TypeSOA, dns.TypeNSEC, dns.TypeDNSKEY, dns.TypeRRSIG, dns.TypeTXT, dns.TypeDNAME} {
			got, _ := ask(t, s, asked{name: name, typ: typ, do: true})
			if err := v.Validate(got); err != nil {
				t.Errorf("%s %s: %v\n%v", name, dns.Type(typ), err, got)
			}
			plain, _ := ask(t, s, asked{name: name, typ: typ})
			for _, rr := range append(plain.Answer, plain.Ns...) {
				if h := rr.Header(); (h.Rrtype == dns.TypeRRSIG || h.Rrtype == dns.TypeNSEC || h.Rrtype == dns.TypeNSEC3) && h.Rrtype != typ {
					t.Errorf("%s %s without DO: got %v", name, dns.Type(typ), rr)
				}
			}
			count++
		}
		if t.Failed() {
			return count
		}
	}
	return count
}

// fewLabels are names of few labels below apex.
func fewLabels(apex string) []string {
	names := []string{apex + "."}
	labels := []string{"a", "b", "c", "*", "x"}
	for _, l1 := range labels {
		names = append(names, l1+"."+apex+".")
		for _, l2 := range labels {
			names = append(names, l2+"."+l1+"."+apex+".", l1+"."+l2+"."+l1+"."+apex+".", "a.B."+l1+"."+l2+"."+apex+".")
		}
	}
	return names
}

// withoutMaps leaves the geo names of a zone out: nobody signs them elsewhere.
func withoutMaps(zone string) string {
	var b strings.Builder
	for line := range strings.Lines(zone) {
		if !strings.Contains(line, " GEO ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// FuzzSignedZones signs random zones, one inside the other, and holds each answer against the records by the book, and against the keys as
// a resolver does.
func FuzzSignedZones(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 2))
		drawn, signed, v := map[string]string{}, map[string]string{}, &zonestest.Validator{Keys: map[string][]*dns.DNSKEY{}}
		for _, apex := range []string{"example", "b.example"}[:1+r.IntN(2)] {
			drawn[apex] = withoutMaps(randomZone(r, apex))
			if _, problems := zonestest.New(t, map[string]string{apex: drawn[apex]}); len(problems) > 0 {
				return // such a zone is not served
			}
			how := [...]string{"NSEC", "NSEC3", "NSEC3 with salt", "NSEC3 with opt-out"}[r.IntN(4)]
			text, key := signers[how].Sign(t, apex, drawn[apex])
			signed[apex], v.Keys[apex+"."] = text, []*dns.DNSKEY{key}
		}
		s, problems := serveSigned(t, signed)
		if len(problems) > 0 {
			t.Errorf("refused: %q", problems)
		}
		validateAll(t, s, v, fewLabels("example"))
		if t.Failed() {
			t.Logf("zones: %v\nsigned: %v", drawn, signed)
		}
	})
}

// everyProof is a zone in which each proof is needed somewhere.
const everyProof = `$TTL 300
@ SOA ns hostmaster 1 14400 3600 1209600 60
@ NS ns
@ MX 10 mail
ns A 192.0.2.1
mail A 192.0.2.2
mail AAAA 2001:db8::2
WWW CNAME Ns
*.wild A 192.0.2.9
*.wild TXT "x"
*.cn CNAME nowhere.wild
*.out CNAME elsewhere.test.
*.loop CNAME y.x.loop
*.deep.ent2 A 192.0.2.9
a.b.ent A 192.0.2.4
sub NS ns.sub
ns.sub A 192.0.2.5
sec NS ns.sec
sec DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000
ns.sec A 192.0.2.6
x.insecure.only NS ns.test.
dn DNAME mail
dnout DNAME wild
long.name.Mixed TXT "y"
\000x A 192.0.2.7
\001 A 192.0.2.8
\033.bang A 192.0.2.8
z TXT "one" "two"
`

// proofNames are names that need them.
func proofNames() (names []string) {
	for _, name := range []string{"", "www.", "nope.", "nope.www.", "a.nope.", "x.wild.", "y.x.wild.", "*.wild.", "wild.", "x.cn.", "cn.", "*.cn.", "x.out.", "x.loop.",
		"ent.", "b.ent.", "a.b.ent.", "x.ent.", "x.b.ent.", "ent2.", "deep.ent2.", "q.deep.ent2.", "q.ent2.", "sub.", "x.sub.", "ns.sub.", "sec.", "a.b.sec.", "only.", "insecure.only.",
		"x.insecure.only.", "y.x.insecure.only.", "y.only.", "y.insecure.only.", "dn.", "x.dn.", "dnout.", "x.dnout.", "MIXED.", "name.mixed.", "x.long.name.mixed.", "\\000.", "\\000x.", "\\001.", "\\002.", "a.\\000x.", "\\255.", "~.",
		"bang.", "x.bang.", "zz.", "mail.", strings.Repeat("a.", 120), strings.Repeat("l", 63) + "."} {
		names = append(names, name+"example.")
	}
	return names
}

func TestEveryProofHolds(t *testing.T) {
	t.Parallel()
	for how, signer := range signers {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			text, key := signer.Sign(t, "example", everyProof)
			s, problems := serveSigned(t, map[string]string{"example": text})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			v := &zonestest.Validator{Keys: map[string][]*dns.DNSKEY{"example.": {key}}}
			if n := validateAll(t, s, v, proofNames()); n < 500 && !t.Failed() {
				t.Errorf("only %d questions were asked", n)
			}
		})
	}
}

func TestTheRootCanBeSigned(t *testing.T) {
	t.Parallel()
	for how, signer := range signers {
		text, key := signer.Sign(t, ".", "$TTL 300\n. SOA ns.x. h.x. 1 2 3 4 60\n. NS ns.x.\nns.x. A 192.0.2.1\norg. NS ns.test.\nnet. NS ns.test.\nnet. DS 1 13 2 "+strings.Repeat("00", 32)+"\n*.w. A 192.0.2.2\n")
		s, problems := serveSigned(t, map[string]string{".": text})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		v := &zonestest.Validator{Keys: map[string][]*dns.DNSKEY{".": {key}}}
		validateAll(t, s, v, []string{".", "x.", "ns.x.", "a.x.", "org.", "a.org.", "net.", "a.net.", "zz.", "a.zz.", "w.", "a.w.", "*.w."})
		if t.Failed() {
			t.Fatal(how)
		}
	}
}

// TestANameOfOursBelowAnotherHasItsDSFromTheParent: where we have both sides of a cut.
func TestANameOfOursBelowAnotherHasItsDSFromTheParent(t *testing.T) {
	t.Parallel()
	child, childKey := zonestest.Signer{NSEC3: true}.Sign(t, "b.example", "$TTL 60\n@ SOA ns.test. h.test. 1 2 3 4 30\n@ NS ns.test.\na A 192.0.2.1\n")
	ds := childKey.ToDS(dns.SHA256)
	parent, key := zonestest.Signer{}.Sign(t, "example", fmt.Sprintf("$TTL 60\n@ SOA ns.test. h.test. 1 2 3 4 30\n@ NS ns.test.\nb NS ns.test.\n%s\nc NS ns.test.\n*.w CNAME x.b\n", ds))
	s, problems := serveSigned(t, map[string]string{"example": parent, "b.example": child})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	v := &zonestest.Validator{Keys: map[string][]*dns.DNSKEY{"example.": {key}, "b.example.": {childKey}}}
	validateAll(t, s, v, append(fewLabels("example"), "q.w.example."))
	got, _ := ask(t, s, asked{name: "b.example.", typ: dns.TypeDS, do: true})
	if len(got.Answer) != 2 || got.Answer[1].(*dns.RRSIG).SignerName != "example." {
		t.Errorf("DS: got %v", got)
	}
	// A wildcard of one zone leads to a name that another denies: both proofs, after all of Answer.
	got, _ = ask(t, s, asked{name: "q.w.example.", typ: dns.TypeA, do: true})
	if len(got.Answer) != 2 || got.Rcode != dns.RcodeNameError || len(got.Ns) < 6 {
		t.Errorf("a chain: got %v", got)
	}
}
