package zones_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones"
	"tinycdn/zones/zonefile"
	"tinycdn/zones/zonestest"
)

// line is a TXT record to lay over a zone, as a zone's file has it.
type line struct {
	name string // below the zone's
	ttl  uint32
	text string
}

func (l line) String() string {
	text := l.text
	if len(text) > 255 {
		text = text[:255] + `" "` + text[255:]
	}
	return fmt.Sprintf("%s %d TXT \"%s\"\n", l.name, l.ttl, text)
}

func overlay(t testing.TB, apex string, lines ...line) (records []zonefile.Record) {
	t.Helper()
	for _, l := range lines {
		name := l.name + "." + apex
		if l.name == "@" {
			name = apex
		}
		owner, err := zones.Name(name)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, zones.Text(owner, l.ttl, l.text))
	}
	return records
}

// lay lays records over a zone of a store.
func lay(t testing.TB, s *zones.Store, apex string, lines ...line) error {
	t.Helper()
	wire, err := zones.Name(apex)
	if err != nil {
		t.Fatal(err)
	}
	return s.Update(func(d *zones.Draft) error { return d.SetOverlay(wire, overlay(t, apex, lines...)) })
}

// judgeTwins holds that two stores answer alike whatever they are asked.
func judgeTwins(t testing.TB, names []string, got, want *zones.Store) {
	t.Helper()
	for _, name := range names {
		for _, typ := range types {
			g, gotOutcome := ask(t, got.Current(), asked{name: name, typ: typ, do: true})
			w, wantOutcome := ask(t, want.Current(), asked{name: name, typ: typ, do: true})
			g.Id, w.Id = 0, 0
			if g.String() != w.String() || gotOutcome != wantOutcome {
				t.Errorf("%s %s: got\n%v%+v\nwant\n%v%+v", name, dns.Type(typ), g, gotOutcome, w, wantOutcome)
			}
		}
	}
}

func TestAnOverlayAnswersAsTheFileWould(t *testing.T) {
	t.Parallel()
	list := []line{
		{"new", 30, "beside nothing"}, {"_acme-challenge", 60, "a"}, {"_acme-challenge", 20, "b"}, {"_acme-challenge.www", 60, "c"},
		{"www", 60, "beside geo and another TXT"}, {"@", 60, "at the apex"}, {"x.y.wild", 60, "beside a wildcard"}, {"a.wild", 60, "an old name"},
		{"wild", 60, "an empty non-terminal with a wildcard below"}, {"dn", 60, "beside a DNAME"}, {"p.q.r.s", 60, strings.Repeat("long", 100)},
		{"er.still", 9, "an empty non-terminal"}, {"_acme-challenge", 60, "a"}, {"wgeo", 1, "x"}, {"alone.child2", 1, "x"},
	}
	files := maps.Clone(zonestest.Everything)
	covered := zonestest.Must(t, files)
	for _, l := range list {
		files["example.org"] += l.String()
	}
	twin := zonestest.Must(t, files)
	before := sumOf(covered, "example.org")
	if err := lay(t, covered.Store, "example.org", list...); err != nil {
		t.Fatal(err)
	}
	judgeTwins(t, twin.Names(), covered.Store, twin.Store)
	if err := lay(t, covered.Store, "example.org"); err != nil {
		t.Fatal(err)
	}
	if sumOf(covered, "example.org") != before {
		t.Error("what was laid over the zone has left a trace")
	}
	judgeTwins(t, twin.Names(), covered.Store, zonestest.Must(t, zonestest.Everything).Store)
}

func sumOf(f *zonestest.Fixture, apex string) [32]byte {
	for name, z := range f.Store.Current().Zones {
		if zones.NameText(name) == apex {
			return z.Sum()
		}
	}
	return [32]byte{}
}

func TestRandomOverlaysAnswerAsFilesWould(t *testing.T) {
	t.Parallel()
	covered, _ := zonestest.New(t, nil)
	covered.SetMaps(t, zonestest.Maps(t))
	twin, _ := zonestest.New(t, nil)
	twin.SetMaps(t, zonestest.Maps(t))
	laid := 0
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 5))
		text := randomZone(r, "example")
		if problems := covered.Load(t, map[string]string{"example": text}); len(problems) > 0 {
			continue
		}
		var list []line
		with := text
		for range 1 + r.IntN(4) {
			l := line{[]string{"a", "b", "c.a", "a.b.c", "x.b", "x.x.a", "@"}[r.IntN(7)], uint32(50 + r.IntN(20)), fmt.Sprint(r.IntN(3))}
			list, with = append(list, l), with+l.String()
		}
		err := lay(t, covered.Store, "example", list...)
		if problems := twin.Load(t, map[string]string{"example": with}); len(problems) > 0 && err == nil {
			t.Errorf("%v was laid over\n%s\nand a file with it has %v", list, text, problems)
		}
		if err != nil {
			continue // a file may have what nobody sees, below a delegation
		}
		laid++
		judgeTwins(t, twin.Names(), covered.Store, twin.Store)
		if t.Failed() {
			t.Fatalf("seed %d: %v over\n%s", seed, list, text)
		}
	}
	if laid < 20 {
		t.Errorf("only %d overlays were laid", laid)
	}
}

func TestWhatDoesNotFitAZoneIsRefusedWithWords(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	for _, c := range []struct {
		apex, name string
		want       string
	}{
		{"example.org", "_acme-challenge.sub", "_acme-challenge.sub.example.org TXT: sub.example.org is delegated away: its nameservers answer, not this zone"},
		{"example.org", "sub", "sub.example.org TXT: sub.example.org is delegated away: its nameservers answer, not this zone"},
		{"example.org", "old", "old.example.org TXT: the name is a CNAME, which can have no other data (put the record where that leads)"},
		{"example.org", "x.dn", "x.dn.example.org TXT: the DNAME of dn.example.org takes every name there elsewhere"},
		{"example.org", "*.wild", "*.wild.example.org TXT: a wildcard belongs in the zone's file"},
		{"example.invalid", "www", "there is no zone example.invalid to lay records over"},
	} {
		before := f.Store.Current()
		if err := lay(t, f.Store, c.apex, line{c.name, 60, "x"}); err == nil || err.Error() != c.want || f.Store.Current() != before {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
	apex, _ := zones.Name("example.org")
	elsewhere, _ := zones.Name("www.example.net")
	for _, r := range []zonefile.Record{
		{Owner: elsewhere, Type: dns.TypeTXT, Data: []byte{0}}, {Owner: apex, Type: dns.TypeA, Data: []byte{192, 0, 2, 1}}, {Owner: apex, Type: dns.TypeNS, Data: []byte{0}},
		{Owner: []byte("\x0dx\x07example\x03org\x00"), Type: dns.TypeTXT, Data: []byte{0}}, {Owner: []byte{0}, Type: dns.TypeTXT, Data: []byte{0}},
	} {
		if err := f.Store.Update(func(d *zones.Draft) error { return d.SetOverlay(apex, []zonefile.Record{r}) }); err == nil {
			t.Errorf("%v was taken", r)
		}
	}
	many := slices.Repeat([]line{{"big", 60, strings.Repeat("x", 255)}}, 300)
	for i := range many {
		many[i].text = fmt.Sprintf("%0255d", i)
	}
	if err := lay(t, f.Store, "example.org", many...); err == nil || !strings.Contains(err.Error(), "an answer here holds") {
		t.Errorf("got %v", err)
	}
}

// A reload sets all zones anew; one whose file is broken meanwhile is as it was; one that has changed so that the records fit it no
// longer has none, until they do again.
func TestAnOverlaySurvivesReloads(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	if err := lay(t, f.Store, "example.org", line{"_acme-challenge", 60, "x"}); err != nil {
		t.Fatal(err)
	}
	isThere := func() bool {
		got, _ := ask(t, f.Store.Current(), asked{name: "_acme-challenge.example.org.", typ: dns.TypeTXT})
		return len(got.Answer) == 1
	}
	f.Load(t, zonestest.Everything)
	if !isThere() {
		t.Error("the record is not there after a reload")
	}
	changed := maps.Clone(zonestest.Everything)
	changed["example.org"] += "_acme-challenge NS ns.elsewhere.example.\n"
	f.Load(t, changed)
	if isThere() {
		t.Error("the record is there below a delegation")
	}
	f.Load(t, zonestest.Everything)
	if !isThere() {
		t.Error("the record does not come back")
	}
	apex, _ := zones.Name("example.org")
	if err := f.Store.Update(func(d *zones.Draft) error {
		d.Keep(func([]byte) bool { return false })
		d.Fail(apex)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	f.Load(t, zonestest.Everything)
	if !isThere() {
		t.Error("the record does not come back after SERVFAIL")
	}
	delete(changed, "example.org")
	f.Load(t, changed)
	f.Load(t, zonestest.Everything)
	if isThere() {
		t.Error("the record outlives its zone")
	}
}

// The serial number and the counts: the zone is what its files say, with some more records.
func TestAnOverlayIsCountedAndHasNoSerial(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	zone := func() (z *zones.Zone) {
		for name, zone := range f.Store.Current().Zones {
			if zones.NameText(name) == "example.org" {
				z = zone
			}
		}
		return z
	}
	before := zone()
	if err := lay(t, f.Store, "example.org", line{"a.b.new", 60, "x"}, line{"www", 60, "x"}, line{"www", 60, "x"}); err != nil {
		t.Fatal(err)
	}
	if z := zone(); z.Serial != before.Serial || z.Records != before.Records+2 || z.Names != before.Names+3 {
		t.Errorf("got serial %d, %d records, %d names; before: %d, %d, %d", z.Serial, z.Records, z.Names, before.Serial, before.Records, before.Names)
	}
}

// Laying a record over a zone of a million costs a copy of it, and nothing of the others.
func BenchmarkOverlayOfAMillion(b *testing.B) {
	path := filepath.Join(b.TempDir(), "example.org.zone")
	text := "$TTL 60\n@ SOA ns.test. h.test. 1 2 3 4 5\n@ NS ns.test.\n"
	for i := range 20 {
		text += fmt.Sprintf("$GENERATE 0-49999 h$.n%d A 192.0.2.1\n", i)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	store := zones.NewStore()
	loaded := zones.Load(path, "", nil)
	if loaded.Value == nil {
		b.Fatal(loaded.Problems)
	}
	if err := store.Update(func(d *zones.Draft) error { d.SetZone(loaded.Value); return nil }); err != nil {
		b.Fatal(err)
	}
	used := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := used()
	for i := 0; b.Loop(); i++ {
		if err := lay(b, store, "example.org", line{"_acme-challenge", 60, fmt.Sprint(i)}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(int64(used()-before))/(1<<20), "MB-more")
	runtime.KeepAlive(store)
	runtime.KeepAlive(loaded)
}
