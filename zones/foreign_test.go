package zones_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones/zonestest"
)

// tool runs a program in a folder, and returns what it says.
func tool(t testing.TB, dir, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v (make validators gets what is missing)\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// bindKey makes a key as BIND and ldns take it, and says how it is called.
func bindKey(t testing.TB, dir string) string {
	t.Helper()
	return strings.TrimSpace(tool(t, dir, "dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "-n", "ZONE", "example"))
}

// foreign are signers that others have written: each reads the file "plain" and writes "signed".
var foreign = map[string]func(t testing.TB, dir string){
	"dnssec-signzone":          func(t testing.TB, dir string) { signBIND(t, dir) },
	"dnssec-signzone, NSEC3":   func(t testing.TB, dir string) { signBIND(t, dir, "-3", "abcd", "-H", "5") },
	"dnssec-signzone, opt-out": func(t testing.TB, dir string) { signBIND(t, dir, "-3", "-", "-H", "0", "-A") },
	"ldns-signzone":            func(t testing.TB, dir string) { signLDNS(t, dir) },
	"ldns-signzone, NSEC3":     func(t testing.TB, dir string) { signLDNS(t, dir, "-n", "-t", "1", "-s", "beef") },
	"ldns-signzone, opt-out":   func(t testing.TB, dir string) { signLDNS(t, dir, "-n", "-p") },
	"kzonesign":                func(t testing.TB, dir string) { signKnot(t, dir, "nsec3: off") },
	"kzonesign, NSEC3":         func(t testing.TB, dir string) { signKnot(t, dir, "nsec3: on\n    nsec3-iterations: 0") },
	"kzonesign, opt-out": func(t testing.TB, dir string) {
		signKnot(t, dir, "nsec3: on\n    nsec3-iterations: 2\n    nsec3-opt-out: on")
	},
}

func signBIND(t testing.TB, dir string, args ...string) {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(dir, bindKey(t, dir)+".key"))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := os.ReadFile(filepath.Join(dir, "plain"))
	if err != nil {
		t.Fatal(err)
	}
	writeAll(t, filepath.Join(dir, "keyed"), string(plain)+string(key))
	tool(t, dir, "dnssec-signzone", append(args, "-z", "-o", "example", "-f", "signed", "keyed")...)
}

func signLDNS(t testing.TB, dir string, args ...string) {
	t.Helper()
	tool(t, dir, "ldns-signzone", append(args, "-o", "example", "-f", "signed", "plain", bindKey(t, dir))...)
}

func signKnot(t testing.TB, dir, how string) {
	t.Helper()
	writeAll(t, filepath.Join(dir, "knot.conf"), fmt.Sprintf("database:\n    storage: %q\npolicy:\n  - id: p\n    algorithm: ecdsap256sha256\n    single-type-signing: on\n    %s\nzone:\n  - domain: example\n    storage: %q\n    file: plain\n    dnssec-policy: p\n",
		filepath.Join(dir, "db"), how, dir))
	for _, folder := range []string{"db", "out"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	tool(t, dir, "kzonesign", "-c", "knot.conf", "-o", "out", "example")
	if err := os.Rename(filepath.Join(dir, "out", "plain"), filepath.Join(dir, "signed")); err != nil {
		t.Fatal(err)
	}
}

func writeAll(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestZonesOfForeignSignersAreServedRight: what BIND's, ldns' and Knot's signers make of a zone with everything in it, and of drawn ones.
func TestZonesOfForeignSignersAreServedRight(t *testing.T) {
	t.Parallel()
	drawn := []string{everyProof}
	for seed := uint64(0); len(drawn) < 5; seed++ {
		zone := strings.Join(slices.DeleteFunc(strings.SplitAfter(withoutMaps(randomZone(rand.New(rand.NewPCG(seed, 3)), "example")), "\n"), func(line string) bool {
			return strings.Contains(line, " DS ") // BIND's refuses it where there is no delegation
		}), "")
		if _, problems := zonestest.New(t, map[string]string{"example": zone}); len(problems) == 0 && strings.Count(zone, "\n") > 8 {
			drawn = append(drawn, zone)
		}
	}
	for signer, sign := range foreign {
		t.Run(signer, func(t *testing.T) {
			t.Parallel()
			for _, zone := range drawn {
				dir := t.TempDir()
				writeAll(t, filepath.Join(dir, "plain"), "$ORIGIN example.\n"+zone)
				sign(t, dir)
				text, err := os.ReadFile(filepath.Join(dir, "signed"))
				if err != nil {
					t.Fatal(err)
				}
				v := &zonestest.Validator{Keys: map[string][]*dns.DNSKEY{}}
				p := dns.NewZoneParser(strings.NewReader(string(text)), "example.", "")
				for rr, ok := p.Next(); ok; rr, ok = p.Next() {
					if key, isKey := rr.(*dns.DNSKEY); isKey {
						v.Keys["example."] = append(v.Keys["example."], key)
					}
				}
				s, problems := serveSigned(t, map[string]string{"example": string(text)})
				if len(problems) > 0 {
					t.Fatalf("refused: %q\n%s", problems, text)
				}
				validateAll(t, s, v, append(fewLabels("example"), proofNames()...))
				if t.Failed() {
					t.Fatalf("of the zone\n%s", zone)
				}
			}
		})
	}
}
