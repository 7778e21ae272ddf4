// Package store keeps the files of generations by what is in them: each content once, and each generation as a tree of hard
// links, which is read like any folder, and in which what has not changed is the same file as before.
package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

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
//	checked                 when which content was known to be what its name says
//
// It may be used by several goroutines at once.
type Store struct {
	// Damaged is told of a content that was thrown away, as it is not what it was; nil: nobody is. It is set before all else.
	Damaged func(manifest.Hash)

	dir string

	mu       sync.Mutex
	arriving map[manifest.Hash]*arrival // those that somebody sends
	changed  chan struct{}              // is closed when another begins to arrive, or is there
	stamps   map[manifest.Hash]stamp
	asked    map[manifest.Hash]int64 // the sizes of what was said to be missing
	used     int64                   // octets of all contents, if they are counted
	counted  bool
	swept    time.Time // when the last sweep was
}

// Open makes the folders that are not there yet.
func Open(dir string) (*Store, error) {
	for _, name := range []string{"blobs", "arriving", "generations", "manifests"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o750); err != nil {
			return nil, err
		}
	}
	s := &Store{dir: dir, arriving: map[manifest.Hash]*arrival{}, changed: make(chan struct{}), stamps: map[manifest.Hash]stamp{}, asked: map[manifest.Hash]int64{}}
	s.readStamps()
	return s, nil
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

// Missing are the contents of m that are not there, each once, and how much of each is. What is there stays for a day.
func (s *Store) Missing(m *manifest.Manifest) []Part {
	return s.missing(m, func(h manifest.Hash) bool {
		info, err := s.sound(h)
		if info == nil || err != nil {
			return false
		}
		s.stay(h, info)
		return true
	})
}

// Unknown is Missing, but for what was there when it was last looked at: that it still is, Build finds, which looks at each content
// itself.
func (s *Store) Unknown(m *manifest.Manifest) []Part {
	return s.missing(m, func(h manifest.Hash) bool {
		s.mu.Lock()
		_, known := s.stamps[h]
		s.mu.Unlock()
		if !known {
			info, err := s.sound(h)
			known = info != nil && err == nil
		}
		return known
	})
}

func (s *Store) missing(m *manifest.Manifest, isThere func(manifest.Hash) bool) (list []Part) {
	seen := make(map[manifest.Hash]bool, len(m.Files))
	for _, f := range m.Files {
		if seen[f.Hash] {
			continue
		}
		seen[f.Hash] = true
		if isThere(f.Hash) {
			continue
		}
		p := Part{f.Hash, f.Size, s.begun(f.Hash)}
		if p.Have > p.Size { // it was begun as something else
			p.Have = 0
		}
		list = append(list, p)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range list {
		s.asked[p.Hash] = p.Size
	}
	return list
}

// Asked says whether a content of that size was said to be missing.
func (s *Store) Asked(h manifest.Hash, size int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked, ok := s.asked[h]
	return ok && asked == size
}

// Part is a content of which the beginning may be there already.
type Part struct {
	Hash manifest.Hash
	Size int64
	Have int64
}

// Blob opens a content.
func (s *Store) Blob(h manifest.Hash) (*os.File, error) { return os.Open(s.blob(h)) }

// Switch makes the tree of a generation the current one, from one moment to the next.
func (s *Store) Switch(id manifest.ID) error {
	if err := renameio.Symlink(filepath.Join("generations", name(id)), s.Current()); err != nil {
		return err
	}
	os.Chtimes(s.list(id), time.Time{}, time.Now()) // the one before is kept from now on: see Collect
	return SyncDir(s.dir)
}

// SyncDir waits until the names in a folder are on the disk.
func SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// Current is the folder that is served, if there is one yet: a link that leads to another tree after a Switch.
func (s *Store) Current() string { return filepath.Join(s.dir, "current") }

// isGone says whether an error is that there is no such file.
func isGone(err error) bool { return errors.Is(err, fs.ErrNotExist) }
