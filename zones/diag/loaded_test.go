package diag

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Whatever a file's owner does to it, the next look sees it, with nothing but that changed.
func TestEveryChangeOfAFileIsSeen(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for what, change := range map[string]func(path string) error{
		"its mode": func(path string) error { return os.Chmod(path, 0o640) },
		"its time": func(path string) error { return os.Chtimes(path, noon, noon.Add(time.Nanosecond)) },
		"its size": func(path string) error { return rewrite(path, "longer", noon) },
		"another file of the same size and time": func(path string) error {
			if err := rewrite(path+".new", "text", noon); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		},
		"gone":         os.Remove,
		"now a folder": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := rewrite(path, "text", noon); err != nil {
			t.Fatal(err)
		}
		before := Stat([]string{path})
		if !before.Unchanged() || !before.Equal(Stat([]string{path})) {
			t.Fatal("a file that nobody touched has changed")
		}
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		if before.Unchanged() || before.Equal(Stat([]string{path})) {
			t.Errorf("%s: not seen", what)
		}
	}
}

func TestAFileThatComesIsSeen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	before := Stat([]string{path})
	if !before.Unchanged() {
		t.Error("a file that is still missing has changed")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if before.Unchanged() {
		t.Error("a new file was not seen")
	}
}

// rewrite writes a file as if it had been written then.
func rewrite(path, text string, then time.Time) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Chtimes(path, then, then)
}
