package compare

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/config"
)

// lay makes a folder of files.
func lay(t *testing.T, files map[string]string) Folder {
	t.Helper()
	top := t.TempDir()
	for name, text := range files {
		path := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Folder{config.Load(filepath.Join(top, "tinycdn.toml")), top}
}

const zone = "$TTL 300\n@ SOA ns h 1 2 3 4 30\n@ NS ns.test.\n"

func TestZonesOfFoldersAreComparedByName(t *testing.T) {
	t.Parallel()
	was := lay(t, map[string]string{
		"tinycdn.toml": "zones = ['zones/*', 'db.other']", "db.other": zone,
		"zones/a.example": zone + "$INCLUDE inc/part", "zones/inc/part": "p A 192.0.2.1\n", "zones/b.example": zone, "zones/bad.example": zone,
		"zones/gone.example": zone, "zones/moves.example": zone + "www A 192.0.2.1\n", "zones/becomes": "$ORIGIN one.example.\n" + zone,
	})
	is := lay(t, map[string]string{
		"tinycdn.toml": "zones = ['zones/*']", "db.other": zone,
		"zones/a.example": zone + "$INCLUDE inc/part", "zones/inc/part": "p A 192.0.2.2\n", "zones/b.example": zone + "; nothing\n", "zones/bad.example": "\x00\x01",
		"zones/new.example": zone, "zones/zz.db": "$ORIGIN moves.example.\n" + zone + "www A 192.0.2.2\n", "zones/becomes": "$ORIGIN two.example.\n" + zone,
	})
	changed := []string{"tinycdn.toml", "zones/inc/part", "zones/b.example", "zones/bad.example", "zones/gone.example", "zones/moves.example", "zones/new.example", "zones/zz.db", "zones/becomes"}
	d := Folders(t.Context(), was, is, changed)
	want := map[string]string{
		"tinycdn.toml":        `zones: ["zones/*", "db.other"] -> ["zones/*"]`,
		"db.other":            "zone db.other is gone: 2 records",
		"zones/a.example":     "p A: 192.0.2.1 -> 192.0.2.2",
		"zones/b.example":     "no record differs",
		"zones/bad.example":   "its records cannot be compared: " + filepath.Join(is.Top, "zones/bad.example") + ":1: ",
		"zones/gone.example":  "zone gone.example is gone: 2 records",
		"zones/new.example":   "new zone new.example: 2 records",
		"zones/zz.db":         "www A: 192.0.2.1 -> 192.0.2.2",
		"zones/moves.example": "",
		"zones/becomes":       "zone one.example is gone: 2 records; new zone two.example: 2 records",
		"zones/inc/part":      "",
	}
	for file, want := range want {
		if got := d.Of(file, "tinycdn.toml"); got != want && !(file == "zones/bad.example" && strings.HasPrefix(got, want)) {
			t.Errorf("%s: got %s, want %s", file, got, want)
		}
	}
	if len(d.Zones) != 9 {
		t.Errorf("told of %d: %+v", len(d.Zones), d.Zones)
	}
}

func TestOnlyZonesWhoseFilesDifferAreRead(t *testing.T) {
	t.Parallel()
	was := lay(t, map[string]string{"tinycdn.toml": "zones = ['a', 'b']", "a": zone, "b": zone})
	is := lay(t, map[string]string{"tinycdn.toml": "zones = ['a', 'b']", "a": zone + "x TXT 1\n", "b": zone + "x TXT 1\n"})
	if d := Folders(t.Context(), was, is, []string{"b"}); len(d.Zones) != 1 || d.Of("b", "") != `+ x TXT "1"` {
		t.Errorf("got %+v", d)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if d := Folders(ended, was, is, []string{"b"}); !strings.Contains(d.Of("b", ""), "it takes too long to read all of it") {
		t.Errorf("without time: %+v", d)
	}
}

func TestSitesDatabasesAndKeysAreNotCompared(t *testing.T) {
	t.Parallel()
	f := lay(t, map[string]string{"tinycdn.toml": "zones = 'z'\n[geoip]\ndatabases = 'x.mmdb'\n[web]\ncerts = [['c.pem', 'k.pem']]\n[sites.\"example.org\"]\nroot = 'public'\n" +
		"[sites.\"example.net\"]\npages = 'blog'\n[sites.\"example.net\".paths]\n'/s/*' = { root = 'static/all' }\n"})
	names := []string{"tinycdn.toml", "z", "x.mmdb", "c.pem", "k.pem", "public/index.html", "public.toml", "blog/content/_index.md", "static/all/a/b", "static/zone"}
	if got, want := strings.Join(f.Alone(names), " "), "tinycdn.toml z public.toml static/zone"; got != want {
		t.Errorf("got %s, want %s (%v)", got, want, f.Config.Mistakes)
	}
}
