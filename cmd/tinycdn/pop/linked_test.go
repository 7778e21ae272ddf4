package pop

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A POP of a cluster loads each generation from a tree of links of its own, always at the same path.
func TestOfALinkedTreeOnlyWhatChangedIsLoaded(t *testing.T) {
	h := newFixture(t)
	blobs := h.dir
	tree := func(name string) {
		from := os.DirFS(blobs)
		err := fs.WalkDir(from, ".", func(path string, e fs.DirEntry, err error) error {
			to := filepath.Join(blobs+name, path)
			if err != nil || e.IsDir() {
				return errors.Join(err, os.MkdirAll(to, 0o700))
			}
			return os.Link(filepath.Join(blobs, path), to)
		})
		os.Remove(blobs + "view")
		if err := errors.Join(err, os.Symlink(blobs+name, blobs+"view")); err != nil {
			t.Fatal(err)
		}
	}
	load := func() *Generation {
		h.dir = blobs + "view"
		defer func() { h.dir = blobs }()
		return h.load()
	}
	tree("1")
	first, before := load(), h.published()
	h.write("b.example.zone", "$TTL 60\n@ SOA ns h 2 2 3 4 5\n@ NS ns\nns A 192.0.2.2\n")
	tree("2")
	second, after := load(), h.published()
	if first.Err() != nil || second.Err() != nil || after["a.example"] != before["a.example"] || after["b.example"] == before["b.example"] {
		t.Errorf("before %v (%v), after %v (%v)", before, first.Err(), after, second.Err())
	}
}
