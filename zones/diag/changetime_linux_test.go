package diag

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// An edit in place that leaves the size and puts back the time (rsync --inplace --times) is seen.
func TestAnEditThatPutsBackSizeAndTimeIsSeen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	if err := rewrite(path, "text", noon); err != nil {
		t.Fatal(err)
	}
	before := Stat([]string{path})
	for end := time.Now().Add(30 * time.Second); before.Unchanged(); { // the kernel's clock for files ticks every few milliseconds
		if err := rewrite(path, "TEXT", noon); err != nil || time.Now().After(end) {
			t.Fatal("not seen", err)
		}
	}
}

// Each generation of a cluster is a tree of links to the same files.
func TestAnotherNameIsNoChange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "blob")
	if err := rewrite(path, "text", time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	link := func(name string) {
		if err := os.Link(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("41")
	before := Stat([]string{filepath.Join(dir, "41")})
	then := changedAt(t, path)
	for end := time.Now().Add(30 * time.Second); changedAt(t, path) == then; { // the kernel's clock for files ticks every few milliseconds
		os.Remove(filepath.Join(dir, "42"))
		if link("42"); time.Now().After(end) {
			t.Fatal("a link changes nothing here")
		}
	}
	if !before.Unchanged() {
		t.Error("a link is taken for a change")
	}
}

func changedAt(t *testing.T, path string) syscall.Timespec {
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Ctim
}
