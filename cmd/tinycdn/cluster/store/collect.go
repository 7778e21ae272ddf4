package store

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// blobAge is how long a content stays that no tree has any more: what is sent again tomorrow need not be.
const blobAge = 24 * time.Hour

// Kept is a generation that is there.
type Kept struct {
	*manifest.Signed
	Since time.Time // when its list came
}

// All are the generations that are there, the newest first. Lists that cannot be read are passed over.
func (s *Store) All() (list []Kept, err error) {
	names, err := s.generations()
	for _, name := range names {
		path := filepath.Join(s.dir, "manifests", name)
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		info, err := os.Lstat(path)
		if err != nil {
			continue
		}
		if m, err := manifest.Open(text); err == nil {
			list = append(list, Kept{m, info.ModTime()})
		}
	}
	slices.SortFunc(list, func(a, b Kept) int { return cmp.Compare(b.ID.Number, a.ID.Number) })
	return list, err
}

// Remove takes the tree of a generation away, and its list. The current one stays.
func (s *Store) Remove(id manifest.ID) error {
	if to, err := os.Readlink(s.Current()); err == nil && filepath.Base(to) == name(id) {
		return nil
	}
	if err := os.RemoveAll(s.Tree(id)); err != nil {
		return err
	}
	return os.Remove(s.list(id))
}

// Sweep takes away the contents that no tree has had for a day, and beginnings that nobody has gone on with.
func (s *Store) Sweep(now time.Time) error {
	for _, pattern := range []string{"blobs/*/*", "arriving/*"} {
		files, err := filepath.Glob(filepath.Join(s.dir, pattern))
		if err != nil {
			return err
		}
		for _, path := range files {
			info, err := os.Lstat(path)
			if err == nil && links(info) == 1 && now.Sub(info.ModTime()) > blobAge {
				err = os.Remove(path)
			}
			if err != nil && !isGone(err) {
				return err
			}
		}
	}
	return nil
}
