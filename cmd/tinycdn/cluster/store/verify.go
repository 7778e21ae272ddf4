package store

import (
	"context"
	"os"
	"path/filepath"
	"syscall"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// Verify reads the files of all trees, each once, and finds those that are damaged: discs forget. Such a content is thrown away, get
// has to bring it anew, and what it brings is put in its place in all trees. Pace is told how many octets were read, each time,
// and may wait.
func (s *Store) Verify(ctx context.Context, pace func(n int), get func(Part) error) error {
	all, err := s.All()
	if err != nil {
		return err
	}
	seen := map[uint64]bool{}
	for _, k := range all {
		for _, f := range k.Files {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			path := filepath.Join(s.Tree(k.ID), filepath.FromSlash(f.Path))
			info, err := os.Lstat(path)
			stat, ok := (*syscall.Stat_t)(nil), false
			if err == nil {
				stat, ok = info.Sys().(*syscall.Stat_t)
			}
			if !ok || seen[uint64(stat.Ino)] {
				continue
			}
			seen[uint64(stat.Ino)] = true
			if got, err := hashOf(path, pace); err == nil && got != f.Hash {
				if err := s.mend(f, all, get); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// mend brings a damaged content anew, and puts it in its place.
func (s *Store) mend(f manifest.File, all []Kept, get func(Part) error) error {
	s.mu.Lock()
	delete(s.stamps, f.Hash) // its file is another one now, or the same
	s.asked[f.Hash] = f.Size
	s.mu.Unlock()
	if info, err := s.sound(f.Hash); err != nil {
		return err
	} else if info == nil {
		if err := get(Part{Hash: f.Hash, Size: f.Size}); err != nil {
			return err
		}
	}
	for _, k := range all {
		for _, other := range k.Files {
			if other.Hash != f.Hash {
				continue
			}
			path := filepath.Join(s.Tree(k.ID), filepath.FromSlash(other.Path))
			if got, err := hashOf(path, func(int) {}); err != nil || got == f.Hash {
				continue
			}
			beside := s.Tree(k.ID) + ".mended.new" // outside the tree, in which everything has a name of its own
			os.Remove(beside)
			if err := s.place(other, beside); err != nil {
				return err
			}
			if err := os.Rename(beside, path); err != nil {
				return err
			}
		}
	}
	return nil
}
