// Package store keeps the files of generations by what is in them: each content once, and each generation as a tree of hard
// links, which is read like any folder, and in which what has not changed is the same file as before.
package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/google/renameio/v2"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// Store is a folder on one file system:
//
//	blobs/3b/3b2c...        a content, by its hash
//	arriving/3b2c...        the beginning of one
//	generations/42-9c0e...  a tree
//	manifests/42-9c0e...    the signed list of it
//	current                 leads to the tree that is served
//
// It may be used by several goroutines at once.
type Store struct {
	dir string

	mu       sync.Mutex
	arriving map[manifest.Hash]*arrival // those that somebody sends
	changed  chan struct{}              // is closed when another begins to arrive, or is there
}

// Open makes the folders that are not there yet.
func Open(dir string) (*Store, error) {
	for _, name := range []string{"blobs", "arriving", "generations", "manifests"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o750); err != nil {
			return nil, err
		}
	}
	return &Store{dir: dir, arriving: map[manifest.Hash]*arrival{}, changed: make(chan struct{})}, nil
}

func (s *Store) blob(h manifest.Hash) string {
	name := h.String()
	return filepath.Join(s.dir, "blobs", name[:2], name)
}

// Tree is the folder of a generation.
func (s *Store) Tree(id manifest.ID) string { return filepath.Join(s.dir, "generations", name(id)) }

func (s *Store) list(id manifest.ID) string { return filepath.Join(s.dir, "manifests", name(id)) }

// name of a generation in the folders: two of one number can be there for a while.
func name(id manifest.ID) string {
	return strconv.FormatUint(id.Number, 10) + "-" + id.Hash.String()[:16]
}

// Has says whether a content is there as a whole.
func (s *Store) Has(h manifest.Hash) bool {
	_, err := os.Lstat(s.blob(h))
	return err == nil
}

// Missing are the contents of m that are not there, each once, and how much of each is.
func (s *Store) Missing(m *manifest.Manifest) (list []Part) {
	asked := map[manifest.Hash]bool{}
	for _, f := range m.Files {
		if !asked[f.Hash] && !s.Has(f.Hash) {
			list = append(list, Part{f.Hash, f.Size, s.begun(f.Hash)})
		}
		asked[f.Hash] = true
	}
	return list
}

// Part is a content of which the beginning may be there already.
type Part struct {
	Hash manifest.Hash
	Size int64
	Have int64
}

// Blob opens a content.
func (s *Store) Blob(h manifest.Hash) (*os.File, error) { return os.Open(s.blob(h)) }

// AddFile takes the content of a file that is at hand, by a hard link if from is never written to again.
func (s *Store) AddFile(path string) (h manifest.Hash, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return h, 0, err
	}
	defer f.Close()
	sum := sha256.New()
	if size, err = io.Copy(sum, f); err != nil {
		return h, 0, err
	}
	h = manifest.Hash(sum.Sum(nil))
	if s.Has(h) {
		return h, size, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return h, 0, err
	}
	return h, size, s.Put(Part{Hash: h, Size: size}, f)
}

// KeepManifest writes a signed list down.
func (s *Store) KeepManifest(m *manifest.Signed) error {
	return renameio.WriteFile(s.list(m.ID), m.Text, 0o640, renameio.IgnoreUmask())
}

// Manifest reads a list that was kept.
func (s *Store) Manifest(id manifest.ID) (*manifest.Signed, error) {
	text, err := os.ReadFile(s.list(id))
	if err != nil {
		return nil, err
	}
	m, err := manifest.Open(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", s.list(id), err)
	case m.ID != id:
		return nil, fmt.Errorf("%s: this is another generation, %v", s.list(id), m.ID)
	}
	return m, nil
}

// Switch makes the tree of a generation the current one, from one moment to the next.
func (s *Store) Switch(id manifest.ID) error {
	return renameio.Symlink(filepath.Join("generations", name(id)), s.Current())
}

// Current is the folder that is served, if there is one yet: a link that leads to another tree after a Switch.
func (s *Store) Current() string { return filepath.Join(s.dir, "current") }

// isGone says whether an error is that there is no such file.
func isGone(err error) bool { return errors.Is(err, fs.ErrNotExist) }
