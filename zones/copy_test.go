package zones

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A copy of a zone is that zone: with the files that it includes, by relative and by absolute paths, with its serial number, and
// with the names of its files where they belong.
func TestACopyIsTheZone(t *testing.T) {
	t.Parallel()
	elsewhere, folder, under := t.TempDir(), t.TempDir(), t.TempDir()
	hosts := filepath.Join(elsewhere, "hosts.inc")
	files := map[string]string{
		filepath.Join(folder, "example.org.zone"): sound + "$INCLUDE below/mail.inc\n$INCLUDE " + hosts + "\n",
		filepath.Join(folder, "below/mail.inc"):   "mail A 192.0.2.2\n",
		hosts:                                     "www A 192.0.2.3\n",
		filepath.Join(folder, "example.net.toml"): "include = ['below/mail.inc']\n[records]\n'@' = { NS = 'ns.example.com.' }\nwww = { A = '192.0.2.4' }\n",
	}
	then := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for path, text := range files {
		for _, path := range []string{path, filepath.Join(under, path)} {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, then, then); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range []string{"example.org.zone", "example.net.toml"} {
		path := filepath.Join(folder, name)
		zone := Load(path, "", nil, elsewhere)
		if zone.Value == nil {
			t.Fatal(zone.Problems)
		}
		for path := range zone.Files {
			if err := os.WriteFile(path, []byte("half of a"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if name == "example.net.toml" {
			os.Remove(path)
		}
		if broken := Load(path, "", nil, elsewhere); broken.Value != nil {
			t.Errorf("%s is not broken", path)
		}
		again := Loader{}.LoadCopy(under, path, "")
		if again.Value == nil {
			t.Fatal(again.Problems)
		}
		if string(again.Apex) != string(zone.Apex) || again.Value.Serial != zone.Value.Serial || again.Value.Records != zone.Value.Records {
			t.Errorf("%s: got serial %d, %d records, want %d, %d", path, again.Value.Serial, again.Value.Records, zone.Value.Serial, zone.Value.Records)
		}
		for path := range zone.Files {
			if info := again.Files[path]; info == nil || !info.ModTime().Equal(then) {
				t.Errorf("%s is not among the copy's files, or has another time: %v", path, info)
			}
		}
		for path, text := range files {
			os.WriteFile(path, []byte(text), 0o600)
			os.Chtimes(path, then, then)
		}
	}
}

// What is not in the copy is not read, whatever stands in a copy or in its place.
func TestACopyLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	folder, under := t.TempDir(), t.TempDir()
	outside := filepath.Join(folder, "example.org.zone")
	if err := os.WriteFile(outside, []byte(sound), 0o600); err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(under, outside)
	if err := os.MkdirAll(filepath.Dir(inside), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, inside); err != nil {
		t.Fatal(err)
	}
	l := Loader{}.LoadCopy(under, outside, "")
	if l.Value != nil || len(l.Problems) != 1 || !strings.Contains(l.Problems[0].Text, "escapes") {
		t.Errorf("got %v %v", l.Value, l.Problems)
	}
}
