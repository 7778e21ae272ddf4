// Package zonestest lends zones to tests, with an oracle that knows their answers the plain way. Only tests import it.
package zonestest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// A Fixture is a set of zones, compiled and as the oracle knows them.
type Fixture struct {
	Store  *zones.Store
	Oracle *Oracle
	Loaded map[string]zones.Loaded // by the path of the zone's file
}

// New loads zones given as master files by their names. A name with the record "NAME TTL GEO" gets its addresses from
// the map "site", one with "NAME TTL GEO MAP" from that map; without any, the store has no maps. A zone with problems is
// in neither half of the fixture.
func New(t testing.TB, files map[string]string) (*Fixture, []diag.Problem) {
	t.Helper()
	f := &Fixture{Store: zones.NewStore()}
	if strings.Contains(strings.Join(slices.Collect(maps.Values(files)), ""), " GEO") {
		f.SetMaps(t, Maps(t))
	}
	return f, f.Load(t, files)
}

// SetMaps puts in these maps, in place of all that there were.
func (f *Fixture) SetMaps(t testing.TB, maps []*steer.Map) {
	t.Helper()
	if err := f.Store.Update(func(d *zones.Draft) error { d.SetMaps(maps); return nil }); err != nil {
		t.Fatal(err)
	}
}

// Load loads zones as New does, in place of all that there were. The maps stay.
func (f *Fixture) Load(t testing.TB, files map[string]string) (problems []diag.Problem) {
	t.Helper()
	f.Oracle, f.Loaded = &Oracle{zones: map[string]*oracleZone{}}, map[string]zones.Loaded{}
	dir := t.TempDir()
	err := f.Store.Update(func(d *zones.Draft) error {
		d.Keep(func([]byte) bool { return false })
		for apex, master := range files {
			z, geo := oracleOf(t, apex, master)
			path := filepath.Join(dir, apex+".toml")
			writeFile(t, path, fmt.Sprintf("origin = %q\nsoa = \"include\"\ninclude = [%q]\n[records]\n%s", apex, apex+".zone", geo))
			writeFile(t, filepath.Join(dir, apex+".zone"), withoutGeo(master))
			loaded := zones.Load(path, "", []string{"site", "two", "six"})
			if loaded.Value == nil {
				problems = append(problems, loaded.Problems...)
				continue
			}
			f.Oracle.zones[z.apex] = z
			f.Loaded[path] = loaded
			d.SetZone(loaded.Value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

// Must loads zones in which nothing is wrong.
func Must(t testing.TB, files map[string]string) *Fixture {
	t.Helper()
	f, problems := New(t, files)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return f
}

func writeFile(t testing.TB, path, s string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
}

// geoName is what a GEO line says of a name.
type geoName struct {
	ttl uint32
	of  string // the map
}

func isGeoLine(line string) (name string, geo geoName, ok bool) {
	f := strings.Fields(line)
	if len(f) < 3 || f[2] != "GEO" {
		return "", geo, false
	}
	geo.of = "site"
	if len(f) == 4 {
		geo.of = f[3]
	}
	fmt.Sscan(f[1], &geo.ttl)
	return f[0], geo, true
}

// InTOML writes a master file as a TOML zone that includes all but the geo names.
func InTOML(t testing.TB, apex, master, more string) (toml, included string) {
	t.Helper()
	_, geo := oracleOf(t, apex, master)
	return fmt.Sprintf("origin = %q\nsoa = \"include\"\ninclude = [%q]\n%s[records]\n%s", apex, apex+".zone", more, geo), withoutGeo(master)
}

func withoutGeo(master string) string {
	var b strings.Builder
	for line := range strings.Lines(master) {
		if _, _, ok := isGeoLine(line); !ok {
			b.WriteString(line)
		}
	}
	return b.String()
}

// oracleOf reads a master file the plain way, and gives the geo names as TOML too.
func oracleOf(t testing.TB, apex, master string) (*oracleZone, string) {
	t.Helper()
	z := &oracleZone{apex: dns.Fqdn(apex), records: map[string][]dns.RR{}, geo: map[string]geoName{}}
	var toml strings.Builder
	for line := range strings.Lines(master) {
		if name, geo, ok := isGeoLine(line); ok {
			fmt.Fprintf(&toml, "%q = { geo = %q, ttl = %d }\n", name, geo.of, geo.ttl)
			if name == "@" {
				name = ""
			}
			z.geo[strings.TrimPrefix(dns.Fqdn(name+"."+z.apex), ".")] = geo
		}
	}
	p := dns.NewZoneParser(strings.NewReader(withoutGeo(master)), z.apex, "")
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		owner := strings.ToLower(rr.Header().Name)
		z.records[owner] = append(z.records[owner], rr)
	}
	for name := range z.geo { // replaces what else would say where the name is
		z.records[name] = slices.DeleteFunc(z.records[name], func(rr dns.RR) bool {
			return slices.Contains([]uint16{dns.TypeA, dns.TypeAAAA, dns.TypeCNAME}, rr.Header().Rrtype)
		})
	}
	if err := p.Err(); err != nil {
		t.Fatalf("%s: %v\n%s", apex, err, master)
	}
	return z, toml.String()
}
