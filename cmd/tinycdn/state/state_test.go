package state

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/zones/diag"
)

// write writes a file, and gives it a time of its own.
func write(t *testing.T, path, text string, then time.Time) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

func keep(t *testing.T, c *Copies, all bool, sets ...Set) (left int) {
	t.Helper()
	left, err := c.Keep(sets, func(string) bool { return all })
	if err != nil {
		t.Fatal(err)
	}
	return left
}

func setOf(paths ...string) Set { return Set{Files: diag.Stat(paths)} }

func wantCopy(t *testing.T, c *Copies, path, want string) {
	t.Helper()
	text, _, err := c.Read(path, 1<<20)
	if got := string(text); got != want || (err != nil) != (want == "") {
		t.Errorf("the copy of %s: got %q, %v, want %q", path, got, err, want)
	}
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 5, time.UTC)

func TestCopiesAreTheFilesAsTheyWere(t *testing.T) {
	t.Parallel()
	folder, files := At(t.TempDir()), t.TempDir()
	if err := folder.Make(-1, -1); err != nil {
		t.Fatal(err)
	}
	zone, included, config := filepath.Join(files, "zones/a.zone"), filepath.Join(files, "zones/b.inc"), filepath.Join(files, "tinycdn.toml")
	write(t, zone, "a 1", noon)
	write(t, included, "b 1", noon)
	write(t, config, "written since", noon)
	c := folder.Copies(config)
	keep(t, c, true, Set{diag.Stat([]string{config}), []byte("as it was read")}, setOf(zone, included))
	wantCopy(t, c, config, "as it was read")
	wantCopy(t, c, zone, "a 1")
	wantCopy(t, c, included, "b 1")
	info, err := os.Stat(filepath.Join(c.Folder, zone))
	if err != nil || info.Mode() != 0o600 || !info.ModTime().Equal(noon) {
		t.Errorf("got %v %v, want a file of mode 0600 and its time, %v", info, err, noon)
	}
	if got := c.Files(); len(got) != 3 || !slices.Contains(got, zone) {
		t.Errorf("there are copies of %v", got)
	}

	// One of two files changes while they are copied: they belong together.
	write(t, zone, "a 2", noon.Add(time.Second))
	write(t, included, "b 2", noon.Add(time.Second))
	read := setOf(zone, included)
	write(t, included, "b 3", noon.Add(2*time.Second))
	keep(t, c, false, read)
	wantCopy(t, c, zone, "a 1")
	wantCopy(t, c, included, "b 1")
	keep(t, c, false, setOf(zone, included))
	wantCopy(t, c, zone, "a 2")
	wantCopy(t, c, included, "b 3")

	// Of the same size and time, found by one who has not seen the first: after a restart.
	write(t, zone, "a 3", noon.Add(time.Second))
	c = folder.Copies(config)
	keep(t, c, false, setOf(zone))
	wantCopy(t, c, zone, "a 3")

	// What was left over from a copy that was never finished goes, and so does what is named no more, but only if all is well.
	write(t, filepath.Join(c.Folder, filepath.Dir(zone), ".a.zone123"), "half", noon)
	c = folder.Copies(config)
	keep(t, c, false, setOf(zone))
	wantCopy(t, c, included, "b 3")
	keep(t, c, true, setOf(zone))
	if got := c.Files(); !slices.Equal(got, []string{zone}) {
		t.Errorf("there are copies of %v, want %s alone", got, zone)
	}

	// A folder where a file was, and the other way round.
	os.Remove(zone)
	below := filepath.Join(zone, "c.zone")
	write(t, below, "c", noon)
	keep(t, c, true, setOf(below))
	wantCopy(t, c, below, "c")
	os.RemoveAll(zone)
	write(t, zone, "a 4", noon)
	keep(t, c, true, setOf(zone))
	wantCopy(t, c, zone, "a 4")
}

func TestCopiesAreBounded(t *testing.T) {
	t.Parallel()
	folder, files := At(t.TempDir()), t.TempDir()
	small, large := filepath.Join(files, "small"), filepath.Join(files, "large")
	write(t, small, "small", noon)
	write(t, large, "", noon)
	if err := os.Truncate(large, MostBytes); err != nil {
		t.Fatal(err)
	}
	c := folder.Copies("tinycdn.toml")
	if left := keep(t, c, true, setOf(small), setOf(large)); left != 1 {
		t.Errorf("%d were left out, want 1", left)
	}
	wantCopy(t, c, small, "small")
	if got := c.Files(); len(got) != 1 {
		t.Errorf("there are copies of %v", got)
	}
}

func TestConfigurationsShareAFolder(t *testing.T) {
	t.Parallel()
	folder, file := At(t.TempDir()), filepath.Join(t.TempDir(), "a")
	write(t, file, "a", noon)
	one, other := folder.Copies("/etc/one.toml"), folder.Copies("/etc/other.toml")
	keep(t, one, true, setOf(file))
	keep(t, other, true)
	wantCopy(t, one, file, "a")
	wantCopy(t, other, file, "")
	if !strings.HasSuffix(one.Folder, "/last/etc-one.toml") {
		t.Errorf("they lie in %s", one.Folder)
	}
	folders := map[string]bool{}
	for _, config := range []string{"/etc/a/b.toml", "/etc/a-b.toml", "/etc/a%2Db.toml", "/etc-a/b.toml"} {
		folders[folder.Copies(config).Folder] = true
	}
	if len(folders) != 4 {
		t.Errorf("four configurations have the folders %v", folders)
	}
}

func TestFolderThatCannotBeMadeIsNamed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "", noon)
	err := At(filepath.Join(file, "state")).Make(-1, -1)
	if want := file + ": not a directory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
