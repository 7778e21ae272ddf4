package pop

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/geoip/plainfile/plainfiletest"
	"tinycdn/zones/diag"
)

// TestTablesOnAFullDiskAreToldOnce has the disk of the state folder full: maps are made and go on, each reload tries again, and a person is
// told once. When there is room they are kept, and what was half written is not there.
func TestTablesOnAFullDiskAreToldOnce(t *testing.T) {
	t.Parallel()
	if !plainfiletest.MayMount(t) {
		return
	}
	c, _ := tablesIn(t, t.TempDir())
	disk := plainfiletest.Disk(t, "1m")
	path, fill := filepath.Join(disk, "tables"), filepath.Join(disk, "fill")
	for n := 1 << 20; n > 0; n /= 2 { // to the last page
		f, err := os.OpenFile(fill, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(make([]byte, n))
		f.Close()
	}
	var out bytes.Buffer
	kept := newKeptTables(path, slog.New(slog.NewTextHandler(&out, nil)))
	set, err := kept.make(c, diag.Stat(c.GeoIP.Databases), nil)
	if err != nil {
		t.Fatal(err)
	}
	g := &Generation{Config: c, maps: &mapsPart{nil, &part[mapSettings, *mapSet]{Loaded: diag.Loaded[*mapSet]{Value: set}}}}
	if _, err := g.Snapshot(); err != nil {
		t.Errorf("nothing can be answered: %v", err)
	}
	for range 3 {
		kept.keep(set)
	}
	if log := out.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "cannot be kept") || !strings.Contains(log, "no space left on device") {
		t.Errorf("log %q", log)
	}
	if left, _ := filepath.Glob(filepath.Join(disk, "*tables*")); left != nil {
		t.Errorf("left behind: %q", left)
	}
	if left, _ := filepath.Glob(filepath.Join(disk, ".tables*")); left != nil {
		t.Errorf("left behind: %q", left)
	}
	if err := os.Remove(fill); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	kept.keep(set)
	if again, log, anew := made(t, c, path); anew || !same(again, set) || log != "" || out.Len() > 0 {
		t.Errorf("once there is room: made anew: %v, log %q %q", anew, log, out.String())
	}
}
