package store

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// Limits say what is kept.
type Limits struct {
	Keep   int           // generations
	Assets time.Duration // since the next one came: how long the files of a generation are kept, however many there are
	Disk   int64         // octets of all generations together
}

// DefaultLimits are those of which nothing else is said.
func DefaultLimits() Limits { return Limits{Keep: 10, Assets: 7 * 24 * time.Hour, Disk: 2 << 30} }

// offerTime is how long a list is kept of which there is no tree: its publisher may come back with the rest.
const offerTime = 24 * time.Hour

// blobAge is how long a content stays that no tree has any more: what is sent again tomorrow need not be.
const blobAge = 24 * time.Hour

// leftoverAge is how old something half-made has to be to be taken for what a crash left.
const leftoverAge = time.Hour

// Kept is a generation that is there.
type Kept struct {
	*manifest.Signed
	Since time.Time // when its list came, or it became the current one
}

// All are the generations of which there is a list, the newest first. Lists that cannot be read are passed over.
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

// Collect takes away the generations that the limits do not keep, and first of all the oldest where there is not room for need
// octets more. What is served stays, the one before it, all that is newer, and what is named. Then it sweeps.
func (s *Store) Collect(now time.Time, l Limits, need int64, named ...manifest.ID) error {
	all, err := s.All()
	if err != nil {
		return err
	}
	var trees, offers []Kept
	for _, k := range all {
		if _, err := os.Lstat(s.Tree(k.ID)); err == nil {
			trees = append(trees, k)
		} else if now.Sub(k.Since) <= offerTime || slices.Contains(named, k.ID) {
			offers = append(offers, k)
		} else if err := os.Remove(s.list(k.ID)); err != nil && !isGone(err) {
			return err
		}
	}
	offered := s.offered(offers)
	current := slices.IndexFunc(trees, func(k Kept) bool { return s.isCurrent(k.ID) })
	for i := len(trees) - 1; current >= 0 && i > current+1; i-- {
		short := need > 0 && s.Room(l) < need
		expired := i >= l.Keep && now.Sub(trees[i-1].Since) > l.Assets
		if slices.Contains(named, trees[i].ID) || !short && !expired {
			continue
		}
		if err := s.Remove(trees[i].Signed); err != nil {
			return err
		}
		if short {
			s.free(trees[i].Signed, offered)
		}
	}
	return s.sweep(now, offered)
}

// offered are the contents of generations that are about to come. What is asked for is of them.
func (s *Store) offered(offers []Kept) map[manifest.Hash]bool {
	of := map[manifest.Hash]bool{}
	for _, k := range offers {
		for _, f := range k.Files {
			of[f.Hash] = true
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for h := range s.asked {
		if !of[h] {
			delete(s.asked, h)
		}
	}
	return of
}

func (s *Store) isCurrent(id manifest.ID) bool {
	to, err := os.Readlink(s.Current())
	return err == nil && filepath.Base(to) == name(id)
}

// Room is how many octets more there may be.
func (s *Store) Room(l Limits) int64 {
	free, err := s.Free()
	if err != nil {
		return 0
	}
	return max(0, min(free, l.Disk-s.Used()))
}

// Used is how many octets there are of all generations together.
func (s *Store) Used() (sum int64) {
	s.eachFile("blobs", func(_ string, info fs.FileInfo) { sum += info.Size() })
	return sum
}

// Remove takes the tree of a generation away, and its list. The current one stays.
func (s *Store) Remove(m *manifest.Signed) error {
	if s.isCurrent(m.ID) {
		return nil
	}
	// Half a tree must not look like a whole one.
	old := s.Tree(m.ID) + ".old"
	if err := os.Rename(s.Tree(m.ID), old); err != nil && !isGone(err) {
		return err
	}
	for _, f := range m.Files {
		err := s.keepStamped(f.Hash, func() error { return os.Remove(filepath.Join(old, filepath.FromSlash(f.Path))) })
		if err != nil && !isGone(err) {
			return err
		}
	}
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Remove(s.list(m.ID)); !isGone(err) {
		return err
	}
	return nil
}

// free takes away at once what no tree has any more of a generation that was removed.
func (s *Store) free(m *manifest.Signed, offered map[manifest.Hash]bool) {
	for _, f := range m.Files {
		if info, err := os.Lstat(s.blob(f.Hash)); err == nil && links(info) == 1 && !offered[f.Hash] {
			s.forget(f.Hash)
		}
	}
}

func (s *Store) forget(h manifest.Hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.stamps, h)
	os.Remove(s.blob(h))
}

// stay has a content that no tree has yet stay for another day, as somebody counts on it.
func (s *Store) stay(h manifest.Hash) {
	if info, err := os.Lstat(s.blob(h)); err == nil && links(info) == 1 {
		s.keepStamped(h, func() error { return os.Chmod(s.blob(h), info.Mode().Perm()) })
	}
}

// sweep takes away the contents that no tree has had for a day, beginnings that nobody has gone on with, and what a crash left
// half-made. How old a content is, the last change of its names says: its time is that of the file.
func (s *Store) sweep(now time.Time, offered map[manifest.Hash]bool) error {
	old := func(info fs.FileInfo, age time.Duration) bool { return now.Sub(changed(info)) > age }
	s.eachFile("blobs", func(path string, info fs.FileInfo) {
		h, err := manifest.ParseHash(filepath.Base(path))
		switch {
		case err != nil:
			os.Remove(path)
		case links(info) == 1 && old(info, blobAge) && !offered[h]:
			s.forget(h)
		}
	})
	s.eachFile("arriving", func(path string, info fs.FileInfo) {
		if old(info, blobAge) {
			os.Remove(path)
		}
	})
	for _, folder := range []string{"generations", "manifests", "."} {
		entries, err := os.ReadDir(filepath.Join(s.dir, folder))
		if err != nil {
			return err
		}
		for _, e := range entries {
			half := strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".new") || strings.HasSuffix(e.Name(), ".old")
			if info, err := e.Info(); half && err == nil && old(info, leftoverAge) {
				if err := os.RemoveAll(filepath.Join(s.dir, folder, e.Name())); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// eachFile does something with all files below a folder of the store.
func (s *Store) eachFile(folder string, do func(path string, info fs.FileInfo)) {
	filepath.WalkDir(filepath.Join(s.dir, folder), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		if info, err := e.Info(); err == nil {
			do(path, info)
		}
		return nil
	})
}
