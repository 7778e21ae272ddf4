package pop

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/zones/zonestest"
)

// TestSignedZonesAreRenewedInTime: a generation says when, only that zone is read again then, and its keys go where its file goes.
func TestSignedZonesAreRenewedInTime(t *testing.T) {
	h := newFixture(t)
	toml := h.text("tinycdn.toml")
	zonestest.NewKey(t, h.dir+"/keys", "signed.example")
	h.write("signed.example.toml", "dnssec = true\n[records]\n\"@\" = { NS = \"ns.test.\", A = \"192.0.2.1\" }\n")
	h.write("tinycdn.toml", strings.Replace(toml, "zones = [", "zones = [\"signed.example.toml\", ", 1))
	g := h.load()
	if err := g.Err(); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	at := g.renewal(now)
	if !at.After(now) || at.Sub(now) > 24*time.Hour {
		t.Fatalf("the next renewal is at %v", at)
	}
	if next := g.renewal(at); !next.IsZero() {
		t.Errorf("and then at %v, though nothing was renewed", next)
	}
	due := 0
	for _, z := range g.zones {
		if z.isDue(now) {
			t.Errorf("%s is due", z.file.Path)
		}
		if z.isDue(at) {
			due++
		}
	}
	if due != 1 {
		t.Errorf("%d zones are due at %v", due, at)
	}
	keys := 0
	for _, path := range g.Files() {
		if strings.Contains(path, "/keys/signed.example/K") {
			keys++
		}
	}
	if keys != 2 {
		t.Errorf("%q are the files, want both of the key", g.Files())
	}
	sets, _ := g.goodSets("nyc")
	kept := 0
	for _, set := range sets {
		for path, info := range set.Files {
			if strings.Contains(path, "/keys/") {
				if kept++; info == nil || info.IsDir() {
					t.Errorf("%s is to be copied", path)
				}
			}
		}
	}
	if kept != 2 {
		t.Errorf("%d files of keys are copied with their zone", kept)
	}
	again := h.load()
	if !slices.Equal(g.answered, again.answered) {
		t.Error("zones that are not due are read again")
	}
	if err := os.RemoveAll(h.dir + "/keys"); err != nil {
		t.Fatal(err)
	}
	gone := h.load()
	if err := gone.Err(); err == nil || !strings.Contains(err.Error(), "there is no key of zone signed.example") || gone.renewal(now) != at {
		t.Errorf("without a key: %v, renewed at %v", err, gone.renewal(now))
	}
}
