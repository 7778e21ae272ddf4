package manifest

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestAScanReadsWhatChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	paths := []string{"b", "a"}
	for _, path := range paths {
		write(t, filepath.Join(dir, path), "one", 0o644)
	}
	later := time.Now().Add(time.Hour)
	first, index, err := Index(nil).Scan(dir, paths, later)
	if err != nil || len(index) != 2 || first[0].Path != "a" {
		t.Fatal(first, index, err)
	}
	// What the index says is believed as long as the file is the same: so whether it was read shows.
	lie := maps.Clone(index)
	for path, known := range lie {
		known.Hash = Hash{7}
		lie[path] = known
	}
	got, _, err := lie.Scan(dir, paths, later)
	if err != nil || got[0].Hash != (Hash{7}) || got[1].Hash != (Hash{7}) {
		t.Errorf("unchanged files were read: %v, %v", got, err)
	}
	for name, change := range map[string]func(path string) error{
		"written with its old time": func(path string) error {
			info, _ := os.Stat(path)
			write(t, path, "two", 0o644)
			return os.Chtimes(path, info.ModTime(), info.ModTime())
		},
		"replaced": func(path string) error {
			write(t, path+".new", "two", 0o644)
			return os.Rename(path+".new", path)
		},
	} {
		path := filepath.Join(dir, "a")
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		if got, _, err := lie.Scan(dir, paths, later); err != nil || got[0].Hash == (Hash{7}) || got[1].Hash != (Hash{7}) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, index, _ := index.Scan(dir, paths, time.Now()); len(index) != 0 {
		t.Error("what was changed this very moment is believed the next time")
	}
}

func TestModesAreOfTwoKinds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a")
	for mode, want := range map[os.FileMode]os.FileMode{0o600: Private, 0o400: Private, 0o700: Private, 0o644: Plain, 0o640: Plain, 0o664: Plain, 0o755: Plain} {
		write(t, path, "x", mode)
		if files, err := Scan(filepath.Dir(path), []string{"a"}); err != nil || files[0].Mode != want {
			t.Errorf("%o: %v, %v", mode, files, err)
		}
		os.Remove(path)
	}
}

func TestWhatIsNoFileIsNotScanned(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"pipe", ".", "missing"} {
		if _, err := Scan(dir, []string{path}); err == nil {
			t.Errorf("%s is scanned", path)
		}
	}
	write(t, filepath.Join(dir, "a"), "x", 0o644)
	if err := os.Symlink("a", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if files, err := Scan(dir, []string{"link"}); err != nil || files[0].Size != 1 {
		t.Errorf("a link: %v, %v", files, err)
	}
}

func TestAnIndexIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	index := Index{"a": {Hash{1}, 2, 3, 4, 5}, "with space": {Hash{2}, 0, 1<<64 - 1, -1, 1}, "line\nend": {}, "\xff": {}}
	text := index.Marshal()
	if got := ParseIndex(text); !reflect.DeepEqual(got, index) {
		t.Errorf("got %v, want %v", got, index)
	}
	for _, wrong := range []string{"", "x", strings.Replace(string(text), " 2 3", " x 3", 1), string(text) + "more\n", strings.Replace(string(text), "index 1", "index 2", 1)} {
		if got := ParseIndex([]byte(wrong)); len(got) != 0 {
			t.Errorf("%q is %v", wrong, got)
		}
	}
}

func FuzzIndex(f *testing.F) {
	f.Add(Index{"a": {Hash{1}, 2, 3, 4, 5}}.Marshal())
	f.Fuzz(func(t *testing.T, text []byte) {
		index := ParseIndex(text)
		if again := ParseIndex(index.Marshal()); !reflect.DeepEqual(again, index) {
			t.Errorf("%v became %v", index, again)
		}
	})
}
