package zones_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"tinycdn/zones"
	"tinycdn/zones/sign"
	"tinycdn/zones/zonestest"
)

// keysFor makes keys of zones, and returns their folder, with what a resolver knows of them.
func keysFor(t testing.TB, apexes ...string) (folder string, v *zonestest.Validator) {
	t.Helper()
	folder, v = t.TempDir(), &zonestest.Validator{Keys: map[string][]*dns.DNSKEY{}}
	for _, apex := range apexes {
		v.Keys[dns.Fqdn(apex)] = []*dns.DNSKEY{zonestest.NewKey(t, folder, apex)}
	}
	return folder, v
}

// writeHere writes a zone that is to be signed here, given as a master file, and returns its path.
func writeHere(t testing.TB, dir, apex, master string) string {
	t.Helper()
	path := filepath.Join(dir, apex+".toml")
	toml, included := zonestest.InTOML(t, apex, master, "dnssec = true\n")
	for name, text := range map[string]string{path: toml, filepath.Join(dir, apex+".zone"): included} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// signHere loads zones that are signed here, and holds every answer against the records by the book.
func signHere(t testing.TB, loader zones.Loader, masters map[string]string) (*zones.Snapshot, []string) {
	t.Helper()
	store, dir := zones.NewStore(), t.TempDir()
	if err := store.Update(func(d *zones.Draft) error { d.SetMaps(zonestest.Maps(t)); return nil }); err != nil {
		t.Fatal(err)
	}
	loader.Maps, loader.Families = []string{"site", "two", "six"}, zones.FamiliesOf(zonestest.Maps(t))
	var problems []string
	for apex, master := range masters {
		problems = append(problems, publish(t, store, loader, writeHere(t, dir, apex, master), "")...)
	}
	return store.Current(), problems
}

func TestEveryProofOfAZoneSignedHereHolds(t *testing.T) {
	t.Parallel()
	keys, v := keysFor(t, "example")
	zone := everyProof + "geo 300 GEO\ntwo.geo 300 GEO two\n*.wg 60 GEO six\ntogeo CNAME geo\n*.cg CNAME x.wg\ngeo MX 10 mail\n"
	s, problems := signHere(t, zones.Loader{Signing: zones.Signing{Keys: keys}}, map[string]string{"example": zone})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	names := append(proofNames(), "geo.example.", "GEO.example.", "two.geo.example.", "x.two.geo.example.", "wg.example.", "*.wg.example.", "a.b.wg.example.", "togeo.example.", "y.cg.example.")
	if n := validateAll(t, s, v, names); n < 500 && !t.Failed() {
		t.Errorf("only %d questions were asked", n)
	}
}

// FuzzZonesSignedHere signs random zones, one inside the other, and holds each answer against the records by the book, and against the keys
// as a resolver does.
func FuzzZonesSignedHere(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 3))
		drawn := map[string]string{}
		for _, apex := range []string{"example", "b.example"}[:1+r.IntN(2)] {
			drawn[apex] = randomZone(r, apex)
			if _, problems := zonestest.New(t, map[string]string{apex: drawn[apex]}); len(problems) > 0 {
				return // such a zone is not served
			}
		}
		keys, v := keysFor(t, "example", "b.example")
		s, problems := signHere(t, zones.Loader{Signing: zones.Signing{Keys: keys, Cache: new(sign.Cache)}}, drawn)
		if len(problems) > 0 {
			t.Errorf("refused: %q", problems)
		}
		validateAll(t, s, v, fewLabels("example"))
		if t.Failed() {
			t.Logf("zones: %v", drawn)
		}
	})
}

// TestPOPsSignAlike: the same files and keys make the same octets, at any time of 60 days, whatever was signed before; and no signature has
// less than two weeks left.
func TestPOPsSignAlike(t *testing.T) {
	t.Parallel()
	keys, _ := keysFor(t, "example")
	dir := t.TempDir()
	path := writeHere(t, dir, "example", smallZone)
	start := time.Now().Truncate(time.Hour)
	pops := [3]zones.Signing{{Keys: keys, Cache: new(sign.Cache)}, {Keys: keys, Cache: new(sign.Cache)}, {Keys: keys, Cache: new(sign.Cache)}}
	for hour := range 60 * 24 {
		now := start.Add(time.Duration(hour) * time.Hour)
		if hour%200 == 0 {
			pops[2].Cache = nil // it has started anew
		} else if pops[2].Cache == nil {
			pops[2].Cache = new(sign.Cache)
		}
		if hour%333 == 332 {
			writeHere(t, dir, "example", fmt.Sprintf("%sn%d A 192.0.2.9\n", smallZone, hour))
		}
		var sums [3][32]byte
		for i := range pops {
			pops[i].Clock = func() time.Time { return now }
			l := zones.Loader{Signing: pops[i]}.Load(path, "")
			if l.Value == nil {
				t.Fatal(l.Problems)
			}
			sums[i] = l.Value.Sum()
			if left := l.Value.Expires.Sub(now); left < 14*24*time.Hour {
				t.Fatalf("%v: %v left", now, left)
			}
		}
		if sums[0] != sums[1] || sums[0] != sums[2] {
			t.Fatalf("%v: %x", now, sums)
		}
	}
}

// TestWhatCannotBeSignedHereIsTold, with its line.
func TestWhatCannotBeSignedHereIsTold(t *testing.T) {
	t.Parallel()
	keys, _ := keysFor(t, "example")
	signed, _ := zonestest.Signer{}.Sign(t, "example", smallZone)
	for _, test := range []struct{ what, keys, zone, want string }{
		{"a TTL of more than a day", keys, smallZone + "mail 86401 A 192.0.2.3\n", "example.zone:8: ...: ... has a TTL of 86401 seconds, and one day (86400) is the most in a signed zone"},
		{"a zone that is signed already", keys, signed, "in a zone that is signed here (give the unsigned file; or leave dnssec out"},
		{"CDS by hand", keys, smallZone + "@ CDS 0 0 0 00\n", "example.zone:8: ...: ... in a zone that is signed here: it is made of the key (leave it out)"},
		{"no key", t.TempDir(), smallZone, "there is no key of zone example (tinycdn dnssec key new example makes one)"},
		{"no keys", "", smallZone, "example.toml:4: dnssec = true, and there is no folder of keys here"},
		{"no SOA", keys, "$TTL 300\n@ NS ns.test.\n", "no included file has an SOA record"},
	} {
		l := zones.Loader{Signing: zones.Signing{Keys: test.keys}}.Load(writeHere(t, t.TempDir(), "example", test.zone), "")
		if l.Value != nil || !strings.Contains(fmt.Sprint(l.Problems), test.want) {
			t.Errorf("%s: got %v, want %s", test.what, l.Problems, test.want)
		}
	}
	// A record of a delegation may be kept for longer: it is not signed.
	if l := (zones.Loader{Signing: zones.Signing{Keys: keys}}).Load(writeHere(t, t.TempDir(), "example", smallZone+"d NS ns.d\nns.d 172800 A 192.0.2.3\n"), ""); l.Value == nil {
		t.Error(l.Problems)
	}
}

// TestASignedZoneStaysSigned where somebody takes the word away that has it signed, until he says that this is meant; and a key of a zone
// that is not signed is noted.
func TestASignedZoneStaysSigned(t *testing.T) {
	t.Parallel()
	keys, _ := keysFor(t, "example")
	loader := zones.Loader{Signing: zones.Signing{Keys: keys}}
	path := writeHere(t, t.TempDir(), "example", smallZone)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before := loader.Load(path, "").Value
	for dnssec, want := range map[string]string{"": "[example.toml:1: the zone was signed until now, and no longer says dnssec = true", "dnssec = false\n": "[]", "dnssec = true\n": "[]"} {
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), "dnssec = true\n", dnssec, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		l := loader.LoadNext(path, "", before, true)
		if got := strings.ReplaceAll(fmt.Sprint(l.Problems), filepath.Dir(path)+"/", ""); !strings.HasPrefix(got, want) || (l.Value == nil) != (want != "[]") {
			t.Errorf("%q: got %s, want %s", dnssec, got, want)
		}
		l = loader.Load(path, "") // as after a start
		if noted := strings.Contains(fmt.Sprint(l.Notes), "there is a key in "+filepath.Join(keys, "example")+", and the zone is not signed with it"); noted != (dnssec == "") || l.Value == nil {
			t.Errorf("%q at a start: got %v", dnssec, l.Notes)
		}
	}
}

// TestASignedZoneKeepsItsKey where somebody lays another in its place: with a DS at the parent that would make all of it bogus. Once it was
// served unsigned, any key will do.
func TestASignedZoneKeepsItsKey(t *testing.T) {
	t.Parallel()
	keys, _ := keysFor(t, "example")
	path := writeHere(t, t.TempDir(), "example", smallZone)
	loader := zones.Loader{Signing: zones.Signing{Keys: keys}}
	before := loader.Load(path, "").Value
	loader.Keys, _ = keysFor(t, "example")
	l := loader.LoadNext(path, "", before, true)
	if got := fmt.Sprint(l.Problems); l.Value != nil || !strings.Contains(got, "the zone was signed by key ") {
		t.Errorf("got %s", got)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, dnssec := range []string{"dnssec = false\n", "dnssec = true\n"} {
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), "dnssec = true\n", dnssec, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		l := loader.LoadNext(path, "", before, true)
		if before = l.Value; before == nil {
			t.Fatalf("%q: got %v", dnssec, l.Problems)
		}
	}
}

// TestSerialNumbersOfSignedZonesRise with each renewal, of files that are as they were, and with an edit.
func TestSerialNumbersOfSignedZonesRise(t *testing.T) {
	t.Parallel()
	keys, _ := keysFor(t, "example")
	path := filepath.Join(t.TempDir(), "example.toml")
	if err := os.WriteFile(path, []byte("dnssec = true\n[records]\n\"@\" = { NS = \"ns.test.\", A = \"192.0.2.1\" }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	loader := zones.Loader{Signing: zones.Signing{Keys: keys, Clock: func() time.Time { return now }}}
	served := loader.Load(path, "").Value
	for range 10 {
		if again := loader.LoadNext(path, "", served, false).Value; again.Serial != served.Serial || again.Sum() != served.Sum() {
			t.Errorf("read again: serial number %d, was %d", again.Serial, served.Serial)
		}
		if edited := loader.LoadNext(path, "", served, true).Value; int32(edited.Serial-served.Serial) <= 0 {
			t.Errorf("edited: serial number %d, was %d", edited.Serial, served.Serial)
		}
		at := served.RenewAt()
		if !at.After(now) || at.Sub(now) > 24*time.Hour {
			t.Fatalf("at %v it is to be renewed at %v", now, at)
		}
		now = at
		next := loader.LoadNext(path, "", served, false).Value
		if next.Serial != uint32(at.Unix()) || next.Sum() == served.Sum() {
			t.Errorf("renewed at %d: serial number %d, was %d", at.Unix(), next.Serial, served.Serial)
		}
		served = next
	}
	// A clock that has fallen back is behind the files.
	now = time.Unix(0, 0).Add(25 * 365 * 24 * time.Hour)
	if err := os.Chtimes(path, time.Time{}, now.Add(20*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if z := loader.Load(path, "").Value; !z.RenewAt().After(now.Add(20 * time.Hour)) {
		t.Errorf("it is signed by a clock that is behind: renewed at %v", z.RenewAt())
	}
}

// TestACopyOfAZoneIsSignedWithTheCopyOfItsKey, where neither is there any more.
func TestACopyOfAZoneIsSignedWithTheCopyOfItsKey(t *testing.T) {
	t.Parallel()
	keys, _ := keysFor(t, "example")
	path, under := writeHere(t, t.TempDir(), "example", smallZone), t.TempDir()
	loader := zones.Loader{Signing: zones.Signing{Keys: keys}}
	want := loader.Load(path, "")
	for _, dir := range []string{filepath.Dir(path), keys} {
		if err := os.CopyFS(filepath.Join(under, dir), os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	got := loader.LoadCopy(under, path, "")
	if want.Value == nil || got.Value == nil || want.Value.Sum() != got.Value.Sum() {
		t.Fatalf("got %v", got.Problems)
	}
	for file := range want.Files {
		if got.Files[file] == nil {
			t.Errorf("%s is not among the files of the copy: %v", file, got.Files)
		}
	}
}
