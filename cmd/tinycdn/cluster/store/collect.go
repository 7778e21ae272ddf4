package store

import (
	"io/fs"
	"maps"
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

// Collect takes away the generations that the limits do not keep, and first of all the oldest where there is not room for need
// octets more. What is served stays, the one before it, all that is newer, and what is named. Then it sweeps.
func (s *Store) Collect(now time.Time, l Limits, need int64, named ...manifest.ID) error {
	asked := s.askedFor()
	all, err := s.listed()
	if err != nil {
		return err
	}
	stays := map[string]bool{}
	for _, id := range named {
		stays[name(id)] = true
	}
	var trees []listed
	var offers []*manifest.Signed
	for _, k := range all {
		if _, err := os.Lstat(filepath.Join(s.dir, "generations", k.name)); err == nil {
			trees = append(trees, k)
		} else if now.Sub(k.since) <= offerTime || stays[k.name] {
			if m, err := s.readList(k.name); err == nil {
				offers = append(offers, m)
			}
		} else if err := os.Remove(filepath.Join(s.dir, "manifests", k.name)); err != nil && !isGone(err) {
			return err
		}
	}
	offered := s.offered(offers, asked)
	current := slices.IndexFunc(trees, func(k listed) bool { return k.name == s.currentName() })
	for i := len(trees) - 1; current >= 0 && i > current+1; i-- {
		short := need > 0 && s.Room(l) < need
		expired := i >= l.Keep && now.Sub(trees[i-1].since) > l.Assets
		if stays[trees[i].name] || !short && !expired {
			continue
		}
		m, err := s.readList(trees[i].name)
		if err != nil {
			continue
		}
		if err := s.Remove(m); err != nil {
			return err
		}
		if short {
			s.free(m, offered)
		}
	}
	return s.sweep(now, need > 0, offered)
}

// askedFor are the contents that were said to be missing, of lists that are here by now.
func (s *Store) askedFor() []manifest.Hash {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.asked))
}

// offered are the contents of generations that are about to come. What was asked for before these lists were read and is not of them is
// asked for no longer; what was asked for since is of others.
func (s *Store) offered(offers []*manifest.Signed, asked []manifest.Hash) map[manifest.Hash]bool {
	of := map[manifest.Hash]bool{}
	for _, k := range offers {
		for _, f := range k.Files {
			of[f.Hash] = true
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range asked {
		if !of[h] {
			delete(s.asked, h)
		}
	}
	return of
}

func (s *Store) isCurrent(id manifest.ID) bool { return s.currentName() == name(id) }

// currentName is that of the tree that is served; "": there is none.
func (s *Store) currentName() string {
	to, err := os.Readlink(s.Current())
	if err != nil {
		return ""
	}
	return filepath.Base(to)
}

// Room is how many octets more there may be.
func (s *Store) Room(l Limits) int64 {
	free, err := s.Free()
	if err != nil {
		return 0
	}
	return max(0, min(free, l.Disk-s.Used()))
}

// Used is how many octets there are of all generations together, as they were counted once, and what has come and gone since.
func (s *Store) Used() int64 {
	s.mu.Lock()
	counted := s.counted
	s.mu.Unlock()
	if !counted {
		var all int64
		s.eachFile("blobs", func(_ string, info fs.FileInfo) { all += info.Size() })
		s.mu.Lock()
		s.used, s.counted = all, true
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used
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
			s.forget(f.Hash, info.Size())
		}
	}
}

func (s *Store) forget(h manifest.Hash, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.stamps, h)
	if os.Remove(s.blob(h)) == nil {
		s.used -= size
	}
}

// stay has a content that no tree has yet stay for another day, as somebody counts on it.
func (s *Store) stay(h manifest.Hash, info fs.FileInfo) {
	if links(info) == 1 {
		s.keepStamped(h, func() error { return os.Chmod(s.blob(h), info.Mode().Perm()) })
	}
}

// sweepTime is how long it may take until what is old enough to go is seen: all contents are looked at for it.
const sweepTime = time.Hour

// sweep takes away the contents that no tree has had for a day, beginnings that nobody has gone on with, and what a crash left
// half-made. How old a content is, the last change of its names says: its time is that of the file.
func (s *Store) sweep(now time.Time, short bool, offered map[manifest.Hash]bool) error {
	s.mu.Lock()
	due := short || now.Sub(s.swept) >= sweepTime
	if due {
		s.swept, s.counted = now, false
	}
	s.mu.Unlock()
	if !due {
		return nil
	}
	old := func(info fs.FileInfo, age time.Duration) bool { return now.Sub(changed(info)) > age }
	s.eachFile("blobs", func(path string, info fs.FileInfo) {
		h, err := manifest.ParseHash(filepath.Base(path))
		switch {
		case err != nil:
			os.Remove(path)
		case links(info) == 1 && old(info, blobAge) && !offered[h]:
			s.forget(h, info.Size())
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
