package protocol

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// What a publication changes in zones and settings is told in words, whether the generation before is at hand or not.
func TestPublishSaysInWordsWhatChanges(t *testing.T) {
	t.Parallel()
	c := newCluster(t, strings.Replace(clusterFiles, "[pops.nyc]", "[maps.world]\ndefault = \"nyc\"\n[maps.europe]\ndefault = \"fra\"\n[pops.nyc]", 1))
	const zone = "zones/example.org.toml"
	text := func(records string) string {
		return "soa = { mname = \"ns\", rname = \"hostmaster\" }\ninclude = \"old.part\"\n[records]\n\"@\" = { NS = \"ns\" }\nns = { A = \"127.0.0.1\" }\n" + records
	}
	c.edit("zones/old.part", "old A 192.0.2.9\n")
	c.edit(zone, text("www = { A = \"192.0.2.1\" }\nshop = { geo = \"world\" }\n"))
	c.run(0, "changed     + public/about.html   + public/index.html   + tinycdn.toml   + zones/example.org.toml", "publish")

	c.edit(zone, text("www = { A = \"192.0.2.1\", ttl = 60 }\nshop = { geo = \"world\" }\n"))
	c.run(0, "~ zones/example.org.toml (www: ttl 300 -> 60)\n", "publish", "-n")
	c.run(0, "~ zones/example.org.toml (www: ttl 300 -> 60)\n", "diff")
	os.RemoveAll(filepath.Join(c.folder, ".tinycdn", "before")) // as in a fresh checkout
	c.run(0, "changed     ~ zones/example.org.toml (www: ttl 300 -> 60)\n", "publish")

	c.edit("zones/old.part", "")
	c.edit(zone, text("www = { A = \"192.0.2.1\", AAAA = \"2001:db8::1\", ttl = 60 }\nshop = { geo = \"europe\" }\n\"*\" = { TXT = \"any\\n\" }\n"))
	want := `~ zones/example.org.toml (+ * TXT "any\010", - old A 192.0.2.9, geo name shop: map world -> europe, + www AAAA 2001:db8::1)`
	c.run(0, want, "publish", "-n")
	var told struct {
		Since   int
		Changes []string
		Zones   []struct {
			File, Zone string
			Was, Is    int
			Changes    []map[string]any
		}
		Settings []any
	}
	if err := json.Unmarshal([]byte(c.run(0, "", "diff", "--json")), &told); err != nil {
		t.Fatal(err)
	}
	wantChanges := []map[string]any{
		{"name": "*", "type": "TXT", "is": `"any\010"`},
		{"name": "old", "type": "A", "was": "192.0.2.9"},
		{"name": "shop", "type": "geo", "was": "world", "is": "europe"},
		{"name": "www", "type": "AAAA", "is": "2001:db8::1"},
	}
	if len(told.Zones) != 1 || told.Zones[0].File != zone || told.Zones[0].Zone != "example.org" || told.Since != 2 || !reflect.DeepEqual(told.Zones[0].Changes, wantChanges) {
		t.Errorf("got %+v, want %v", told, wantChanges)
	}
	c.run(0, want, "publish")

	// What is included stands in a file of its own, and a page in none of them.
	c.edit("zones/old.part", "new A 192.0.2.10\n")
	c.edit("public/index.html", "two\n")
	c.run(0, "changed     ~ public/index.html   ~ zones/old.part   zones/example.org.toml (+ new A 192.0.2.10)", "publish")
	c.edit("zones/old.part", "new A 192.0.2.10\n; nothing\n")
	c.edit(zone, text("www = { A = \"192.0.2.1\" }\nwww1 = { A = \"192.0.2.1\" }\nwww2 = { A = \"192.0.2.1\" }\nwww3 = { A = \"192.0.2.1\" }\nwww4 = { A = \"192.0.2.1\" }\n"))
	c.run(0, "(- * TXT \"any\\010\", - shop geo europe, www A: ttl 60 -> 300, - www AAAA 2001:db8::1, + www1 A 192.0.2.1, and 3 more)   ~ zones/old.part", "publish")

	// Zones that come and go, and settings.
	if err := os.Rename(filepath.Join(c.folder, zone), filepath.Join(c.folder, "zones/moved.toml")); err != nil {
		t.Fatal(err)
	}
	c.edit("zones/moved.toml", "origin = \"example.org\"\n"+text("www = { A = \"192.0.2.7\" }\n"))
	c.edit("zones/example.net.toml", text("www = { A = \"192.0.2.1\" }\n"))
	toml, _ := os.ReadFile(filepath.Join(c.folder, "tinycdn.toml"))
	c.edit("tinycdn.toml", strings.NewReplacer("-33.87", "-33.9", "[maps.europe]\ndefault = \"fra\"\n", "[maps.asia]\ndefault = \"fra\"\n").Replace(string(toml)))
	out := c.run(0, "~ tinycdn.toml (+ maps.asia, - maps.europe, pops.syd.location: [-33.87, 151.21] -> [-33.9, 151.21])", "diff")
	for _, want := range []string{"+ zones/example.net.toml (new zone example.net: ", "+ zones/moved.toml (www A: 192.0.2.1 -> 192.0.2.7, - www1 A"} {
		if !strings.Contains(out, want) {
			t.Errorf("want %s in\n%s", want, out)
		}
	}
	c.run(0, "live", "publish")
	c.run(0, "+ zones/example.org.toml (www A: 192.0.2.7 -> 192.0.2.1", "diff", "live", "5")
	c.run(0, "- zones/example.net.toml (zone example.net is gone: ", "rollback", "-n")
}
