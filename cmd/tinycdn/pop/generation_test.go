package pop

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones"
)

// fixture is a configuration in a folder of its own, and a POP that serves it.
type fixture struct {
	t   *testing.T
	dir string
	pop *POP
}

func newFixture(t *testing.T) *fixture {
	t.Parallel()
	h := &fixture{t: t, dir: t.TempDir(), pop: New("nyc", &config.Config{}, slog.New(slog.DiscardHandler))}
	t.Cleanup(h.pop.origins.Close)
	h.write("tinycdn.toml", `
zones = ["*.zone"]
[pops.nyc]
addresses = ["192.0.2.1"]
location = [40.71, -74.01]
[pops.fra]
addresses = ["192.0.2.2"]
location = [50.11, 8.68]
[maps.site]
default = "nyc"
nearest = false
`)
	h.write("a.example.zone", "$TTL 60\n@ SOA ns.b.example. h 1 2 3 4 5\n@ NS ns.b.example.\n")
	h.write("b.example.zone", "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n")
	return h
}

// write replaces a file by another, as an editor does.
func (h *fixture) write(name, text string) {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		h.t.Fatal(err)
	}
}

// load loads what has changed, and has the POP serve it.
func (h *fixture) load() *Generation {
	h.t.Helper()
	g := Load(filepath.Join(h.dir, "tinycdn.toml"), h.pop.current, h.pop.options())
	h.adopt(g)
	return g
}

func (h *fixture) adopt(g *Generation) {
	h.t.Helper()
	if err := h.pop.Adopt(g); err != nil {
		h.t.Fatal(err)
	}
}

// published gives the zones that answer, by name.
func (h *fixture) published() map[string]*zones.Zone {
	m := map[string]*zones.Zone{}
	for apex, z := range h.pop.store.Current().Zones {
		m[zones.NameText(apex)] = z
	}
	return m
}

func TestOnlyWhatWasTouchedIsCompiled(t *testing.T) {
	h := newFixture(t)
	h.load()
	before, site := h.published(), h.pop.current.maps.Value.maps[0]
	if before["a.example"] == nil || before["b.example"] == nil || site == nil {
		t.Fatalf("got %v", before)
	}
	h.write("b.example.zone", "$TTL 60\n@ SOA ns h 2 2 3 4 5\n@ NS ns\nns A 192.0.2.2\n")
	h.load()
	after := h.published()
	if after["a.example"] != before["a.example"] || after["b.example"] == before["b.example"] || h.pop.current.maps.Value.maps[0] != site {
		t.Errorf("before %v, after %v", before, after)
	}
	if got := after["b.example"].Serial; got != 2 {
		t.Errorf("serial: got %d, want 2", got)
	}
}

func TestABrokenZoneKeepsItsOldSelfAndCostsNoOther(t *testing.T) {
	h := newFixture(t)
	h.load()
	before := h.published()
	h.write("a.example.zone", "this is no zone")
	h.write("b.example.zone", "$TTL 60\n@ SOA ns h 2 2 3 4 5\n@ NS ns\nns A 192.0.2.2\n")
	next := h.load()
	after := h.published()
	if next.Err() == nil || after["a.example"] != before["a.example"] || after["b.example"] == before["b.example"] {
		t.Errorf("problems %v, before %v, after %v", next.Err(), before, after)
	}
}

func TestABrokenConfigurationStaysAndItsFilesAreFollowed(t *testing.T) {
	h := newFixture(t)
	h.load()
	before := h.published()
	for _, text := range []string{"zones = [", "log = 5", ""} {
		h.write("tinycdn.toml", text)
		h.write("b.example.zone", "$TTL 60\n@ SOA ns h 2 2 3 4 5\n@ NS ns\nns A 192.0.2.2\n")
		h.write("c.example.zone", "$TTL 60\n@ SOA ns.b.example. h 1 2 3 4 5\n@ NS ns.b.example.\n")
		if next := h.load(); next.Mistakes() == nil {
			t.Errorf("%q: no problem was found", text)
		}
		after := h.published()
		if len(after) != 3 || after["a.example"] != before["a.example"] || after["b.example"] == before["b.example"] {
			t.Errorf("%q: before %v, after %v", text, before, after)
		}
	}
}

func TestZonesComeAndGo(t *testing.T) {
	h := newFixture(t)
	h.load()
	if err := os.Remove(filepath.Join(h.dir, "a.example.zone")); err != nil {
		t.Fatal(err)
	}
	h.write("c.example.zone", "$TTL 60\n@ SOA ns.b.example. h 1 2 3 4 5\n@ NS ns.b.example.\n")
	h.load()
	after := h.published()
	if _, there := after["a.example"]; there || after["c.example"] == nil || len(after) != 2 {
		t.Errorf("got %v", after)
	}
}

func TestAZoneInTwoFilesIsAProblemOfTheSecond(t *testing.T) {
	h := newFixture(t)
	h.write("z.zone", "$ORIGIN a.example.\n$TTL 60\n@ SOA ns.b.example. h 2 2 3 4 5\n@ NS ns.b.example.\n")
	h.write("tinycdn.toml", `zones = ["a.example.zone", { origin = "a.example", file = "z.zone" }]`)
	next := h.load()
	if len(next.named) != 1 || !strings.Contains(next.named[0].Text, "z.zone:1: zone a.example is in ") {
		t.Errorf("got %v", next.named)
	}
	if z := h.published()["a.example"]; z == nil || z.Serial != 1 {
		t.Errorf("got %v", z)
	}
}

func TestTheRootCanBeServed(t *testing.T) {
	h := newFixture(t)
	h.write("root", "$TTL 60\n@ SOA a.root. h. 1 2 3 4 5\n@ NS a.root.\na.root. A 192.0.2.1\n")
	h.write("tinycdn.toml", `zones = [{ origin = ".", file = "root" }]`)
	if next := h.load(); next.Err() != nil || h.published()["."] == nil {
		t.Errorf("got %v, %v", next.Err(), h.published())
	}
}

func TestAZoneWhoseMapIsGoneStaysWithItsMap(t *testing.T) {
	h := newFixture(t)
	h.write("g.example.toml", "[records]\n\"@\" = { NS = \"ns.b.example.\", geo = \"site\" }\n")
	h.write("tinycdn.toml", strings.Replace(h.text("tinycdn.toml"), `"*.zone"`, `"*.zone", "g.*.toml"`, 1))
	h.load()
	before := h.published()
	if before["g.example"] == nil {
		t.Fatalf("got %v", before)
	}
	h.write("tinycdn.toml", strings.Replace(h.text("tinycdn.toml"), "[maps.site]", "[maps.other]", 1))
	h.write("b.example.zone", "$TTL 60\n@ SOA ns h 2 2 3 4 5\n@ NS ns\nns A 192.0.2.2\n")
	next := h.load()
	if len(next.named) != 1 || !strings.Contains(next.named[0].Text, `g.example.toml:2: g.example: map "site" is not defined`) {
		t.Errorf("got %v", next.named)
	}
	// The zone stays, with its map; the others go on.
	after := h.published()
	if after["g.example"] != before["g.example"] || after["b.example"] == before["b.example"] {
		t.Errorf("before %v, after %v", before, after)
	}
	h.write("b.example.zone", "$TTL 60\n@ SOA ns h 3 2 3 4 5\n@ NS ns\nns A 192.0.2.3\n")
	h.load()
	if last := h.published(); last["g.example"] != before["g.example"] || last["b.example"].Serial != 3 {
		t.Errorf("before %v, last %v", before, last)
	}
}

func (h *fixture) text(name string) string {
	h.t.Helper()
	b, err := os.ReadFile(filepath.Join(h.dir, name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}

func TestAZoneThatMovesToABrokenFileStays(t *testing.T) {
	h := newFixture(t)
	h.load()
	before := h.published()
	if err := os.Remove(filepath.Join(h.dir, "a.example.zone")); err != nil {
		t.Fatal(err)
	}
	h.write("tinycdn.toml", strings.Replace(h.text("tinycdn.toml"), `"*.zone"`, `"*.zone", { origin = "a.example", file = "moved" }`, 1))
	h.write("moved", "$TTL 60\n@ SOA ns.b.example. h 2 2 3 4 5\n@ NS ns.b.example.\nwww A 192.0.2.256\n")
	g := h.load()
	if after := h.published(); after["a.example"] != before["a.example"] || len(after) != 2 {
		t.Errorf("before %v, after %v", before, after)
	}
	if len(g.named) != 1 || g.named[0].Effect != "the zone stays as it was" {
		t.Errorf("got %v", g.named)
	}
}

func TestAMistakeInTheConfigurationIsNoReasonToForgetSites(t *testing.T) {
	h := newWholeFixture(t)
	h.load()
	h.write("tinycdn.toml", h.text("tinycdn.toml")+"nonsense")
	h.write("public/index.html", "the second")
	h.load()
	if got := h.served(); !strings.Contains(got, "www.example says the second") || !strings.Contains(got, "www.g.example is [192.0.2.1]") {
		t.Errorf("got %s", got)
	}
}

func TestWhatIsReadAtOnceAndWhatWaits(t *testing.T) {
	h := newWholeFixture(t)
	h.load()
	h.write("public/index.html", "the second")
	h.write("a.example.zone", "nonsense")
	path := filepath.Join(h.dir, "tinycdn.toml")

	o := h.pop.options()
	o.OnlyFiles = true
	g := Load(path, h.pop.current, o)
	if g.Err() == nil || g.sites[whole("www.example")] != h.pop.current.sites[whole("www.example")] {
		t.Error("the zones' files have settled: want them read, and not the sites")
	}
	o.OnlyFiles, o.OnlySites = false, true
	g = Load(path, h.pop.current, o)
	if g.Err() != nil || g.sites[whole("www.example")] == h.pop.current.sites[whole("www.example")] {
		t.Error("the sites' files have settled: want them read, and not the zones")
	}
	o.OnlySites, o.Again = false, true
	h.write("a.example.zone", "$TTL 60\n@ SOA ns.b.example. h 1 2 3 4 5\n@ NS ns.b.example.\n")
	g = Load(path, h.pop.current, o)
	for file, z := range g.zones {
		if z == h.pop.current.zones[file] {
			t.Errorf("asked to read everything again: %s was not", file.Path)
		}
	}
	if g.sites[whole("app.example")].Value != h.pop.current.sites[whole("app.example")].Value {
		t.Error("the application's cache was thrown away")
	}
}

// A deep check asks the zones as they were read: what it holds them against must be the same files.
func TestADeepCheckHoldsTheZonesAgainstTheirFiles(t *testing.T) {
	h := newFixture(t)
	h.write("geo.example.toml", "[records]\n\"@\" = { NS = \"ns.b.example.\", geo = \"site\" }\nwww = { CNAME = \"@\" }\n")
	h.write("tinycdn.toml", strings.Replace(h.text("tinycdn.toml"), `"*.zone"`, `"*.zone", "geo.example.toml"`, 1))
	g := h.load()
	if err := g.CheckZones(true); err != nil {
		t.Fatal(err)
	}
	h.write("a.example.zone", "$TTL 60\n@ SOA ns.b.example. h 1 2 3 4 5\n@ NS ns.b.example.\nnew A 192.0.2.1\n")
	if err := g.CheckZones(false); err != nil {
		t.Error(err)
	}
	err := g.CheckZones(true)
	if err == nil || !strings.Contains(err.Error(), "a.example.zone: the zone has changed while it was checked") {
		t.Errorf("got %v", err)
	}
}
