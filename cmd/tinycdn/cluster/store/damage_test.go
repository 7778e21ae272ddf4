package store

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// spoil changes what is in a file, with its size, and its time if nobody is to see it.
func spoil(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte("?"), int(info.Size())), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedContentIsMissing(t *testing.T) {
	t.Parallel()
	s := open(t)
	var damaged []manifest.Hash
	s.Damaged = func(h manifest.Hash) { damaged = append(damaged, h) }
	files := map[string]string{"a": "one", "b": "two"}
	first := serve(t, s, &manifest.Signed{}, files)
	f, _ := first.Find("b")
	spoil(t, s.blob(f.Hash))
	files["new"] = "three"
	second := list(t, first, files)
	missing := s.Missing(&second.Manifest)
	if len(missing) != 2 || len(damaged) != 1 || damaged[0] != f.Hash {
		t.Errorf("missing %v, damaged %v", missing, damaged)
	}
	if _, err := s.Build(second); err == nil {
		t.Error("a tree is made without it")
	}
	put(t, s, second, files)
	if _, err := s.Build(second); err != nil || whole(s, second) != nil {
		t.Errorf("%v, %v", err, whole(s, second))
	}
}

func TestWhatHasNotChangedIsNotReadAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	files := map[string]string{"a": "one", "b": "two", "c": "configuration"}
	first := serve(t, s, &manifest.Signed{}, files)
	second := serve(t, s, first, map[string]string{"a": "one", "b": "other"})
	for _, reopened := range []bool{false, true} {
		if reopened {
			var err error
			if s, err = Open(s.dir); err != nil {
				t.Fatal(err)
			}
		}
		for _, f := range append(first.Files, second.Files...) {
			info, err := os.Lstat(s.blob(f.Hash))
			if err != nil || !s.isStamped(f.Hash, info) {
				t.Errorf("reopened %v: %s of generation %d would be read again: %v", reopened, f.Path, 1, err)
			}
		}
	}
	if err := s.Remove(first); err != nil {
		t.Fatal(err)
	}
	for _, f := range second.Files {
		if info, _ := os.Lstat(s.blob(f.Hash)); !s.isStamped(f.Hash, info) {
			t.Errorf("%s would be read again once another tree is gone", f.Path)
		}
	}
}

func TestTheSlowWalkFindsAndMendsDamage(t *testing.T) {
	t.Parallel()
	s := open(t)
	files := map[string]string{"a": "one", "copy": "one", "site.key": "secret", "public": "secret"}
	first := serve(t, s, &manifest.Signed{}, files)
	files["b"] = "two"
	second := serve(t, s, first, files)
	var read int
	pace := func(n int) { read += n }
	get := func(p Part) error { return s.Put(p, bytes.NewReader([]byte("one"))) }
	if err := s.Verify(t.Context(), pace, func(Part) error { t.Error("nothing is damaged"); return nil }); err != nil || read == 0 {
		t.Fatal(err, read)
	}
	spoil(t, filepath.Join(s.Tree(first.ID), "a"))
	spoil(t, filepath.Join(s.Tree(second.ID), "site.key")) // a copy, of which the content is sound
	if err := s.Verify(t.Context(), pace, get); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*manifest.Signed{first, second} {
		if err := whole(s, m); err != nil {
			t.Errorf("generation %d: %v", m.Number, err)
		}
	}
}
