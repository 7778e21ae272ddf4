package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/zones"
)

// house is a configuration in a folder of its own, with a loader and a store.
type house struct {
	t      *testing.T
	dir    string
	loader *loader
	store  *zones.Store
}

func newHouse(t *testing.T) *house {
	t.Parallel()
	h := &house{t: t, dir: t.TempDir(), store: zones.NewStore()}
	h.loader = &loader{path: filepath.Join(h.dir, "tinycdn.toml")}
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
`)
	h.write("a.example.zone", "$TTL 60\n@ SOA ns.b.example. h 1 2 3 4 5\n@ NS ns.b.example.\n")
	h.write("b.example.zone", "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n")
	return h
}

// write replaces a file by another, as an editor does.
func (h *house) write(name, text string) {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) load() *state {
	h.t.Helper()
	next := h.loader.read(false)
	if err := h.loader.adopt(next, h.store); err != nil && len(next.wrong) == 0 {
		h.t.Fatal(err)
	}
	return next
}

// published gives the zones that answer, by name.
func (h *house) published() map[string]*zones.Zone {
	m := map[string]*zones.Zone{}
	for apex, z := range h.store.Current().Zones {
		m[zones.NameText(apex)] = z
	}
	return m
}

func TestOnlyWhatWasTouchedIsCompiled(t *testing.T) {
	h := newHouse(t)
	h.load()
	before, site := h.published(), h.loader.last.geo.maps[0]
	if before["a.example"] == nil || before["b.example"] == nil || site == nil {
		t.Fatalf("got %v", before)
	}
	h.write("b.example.zone", "$TTL 60\n@ SOA ns h 2 2 3 4 5\n@ NS ns\nns A 192.0.2.2\n")
	h.load()
	after := h.published()
	if after["a.example"] != before["a.example"] || after["b.example"] == before["b.example"] || h.loader.last.geo.maps[0] != site {
		t.Errorf("before %v, after %v", before, after)
	}
	if got := after["b.example"].Serial; got != 2 {
		t.Errorf("serial: got %d, want 2", got)
	}
}

func TestABrokenZoneKeepsItsOldSelfAndCostsNoOther(t *testing.T) {
	h := newHouse(t)
	h.load()
	before := h.published()
	h.write("a.example.zone", "this is no zone")
	h.write("b.example.zone", "$TTL 60\n@ SOA ns h 2 2 3 4 5\n@ NS ns\nns A 192.0.2.2\n")
	next := h.load()
	after := h.published()
	if len(next.wrongZones) == 0 || after["a.example"] != before["a.example"] || after["b.example"] == before["b.example"] {
		t.Errorf("problems %v, before %v, after %v", next.wrongZones, before, after)
	}
}

func TestABrokenConfigurationKeepsAll(t *testing.T) {
	h := newHouse(t)
	h.load()
	before := h.published()
	h.write("tinycdn.toml", "zones = [")
	h.write("b.example.zone", "$TTL 60\n@ SOA ns h 2 2 3 4 5\n@ NS ns\nns A 192.0.2.2\n")
	if next := h.load(); len(next.wrong) == 0 {
		t.Error("no problem was found")
	}
	if after := h.published(); !maps.Equal(before, after) {
		t.Errorf("before %v, after %v", before, after)
	}
}

func TestZonesComeAndGo(t *testing.T) {
	h := newHouse(t)
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
	h := newHouse(t)
	h.write("z.zone", "$ORIGIN a.example.\n$TTL 60\n@ SOA ns.b.example. h 2 2 3 4 5\n@ NS ns.b.example.\n")
	h.write("tinycdn.toml", `zones = ["a.example.zone", { origin = "a.example", file = "z.zone" }]`)
	next := h.load()
	if len(next.wrongZones) != 1 || !strings.Contains(next.wrongZones[0].String(), "z.zone:1: zone a.example is in ") {
		t.Errorf("got %v", next.wrongZones)
	}
	if z := h.published()["a.example"]; z == nil || z.Serial != 1 {
		t.Errorf("got %v", z)
	}
}

func TestTheRootCanBeServed(t *testing.T) {
	h := newHouse(t)
	h.write("root", "$TTL 60\n@ SOA a.root. h. 1 2 3 4 5\n@ NS a.root.\na.root. A 192.0.2.1\n")
	h.write("tinycdn.toml", `zones = [{ origin = ".", file = "root" }]`)
	if next := h.load(); len(next.problems()) > 0 || h.published()["."] == nil {
		t.Errorf("got %v, %v", next.problems(), h.published())
	}
}

func TestAZoneWhoseMapIsGoneStaysWithItsMap(t *testing.T) {
	h := newHouse(t)
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
	if len(next.wrongZones) != 1 || !strings.Contains(next.wrongZones[0].String(), `g.example.toml:2: g.example: map "site" is not defined`) {
		t.Errorf("got %v", next.wrongZones)
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

func (h *house) text(name string) string {
	h.t.Helper()
	b, err := os.ReadFile(filepath.Join(h.dir, name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}
