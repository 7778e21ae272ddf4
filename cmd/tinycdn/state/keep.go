package state

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"tinycdn/zones/diag"
)

// MostBytes is how much there is of copies, in all. Zones that are larger are few, and room on the disk is for others, too.
const MostBytes = 64 << 20

// A Set is files that are only right together, each as it was when it was read.
type Set struct {
	Files diag.Files
	Text  []byte // of the only one, if it is known; nil: it is read again
}

// errChanged says that a file is not any more what it was when it was found right.
var errChanged = errors.New("has changed")

// Keep makes copies of sets, the first ones first, until there are MostBytes, and says how many sets were left out. Of what
// is in none of them, goes says by absolute path whether it does. Each file is written whole or not at all. A set that has changed meanwhile stays as it was.
func (c *Copies) Keep(sets []Set, goes func(path string) bool) (left int, err error) {
	root, err := c.make()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", c.Folder, reason(err))
	}
	defer root.Close()
	c.look()
	wanted, size := map[string]bool{}, int64(0)
	var small []Set
	for _, set := range sets {
		if size+set.size() > MostBytes {
			left++
			continue
		}
		size += set.size()
		small = append(small, set)
		for path := range set.Files {
			if path, err := filepath.Abs(path); err == nil {
				wanted[path] = true
			}
		}
	}
	// Before anything is written: where a file was there may be a folder now.
	c.prune(root, func(path string) bool { return !wanted[path] && goes(path) })
	for _, set := range small { // one that cannot be written may be for itself: the others are tried all the same
		if setErr := c.keepSet(root, set); setErr != nil && !errors.Is(setErr, errChanged) {
			err = cmp.Or(err, setErr)
		}
	}
	return left, err
}

// look looks once at what there is.
func (c *Copies) look() {
	if c.there != nil {
		return
	}
	c.there = map[string]fs.FileInfo{}
	for _, path := range c.Files() {
		c.there[path] = nil
	}
}

// size is how many octets the files have together.
func (s *Set) size() (n int64) {
	for _, info := range s.Files {
		if info != nil {
			n += info.Size()
		}
	}
	return n
}

// keepSet copies the files of a set that are not copied yet: all of them, or if one has changed none.
func (c *Copies) keepSet(root *os.Root, set Set) error {
	var made []*copying
	defer func() {
		for _, one := range made {
			one.Cleanup()
		}
	}()
	for path, info := range set.Files {
		abs, err := filepath.Abs(path)
		if err != nil || info == nil {
			return errChanged
		}
		name := strings.TrimPrefix(abs, "/")
		if _, err := root.Lstat(name); err == nil && diag.SameFile(c.there[abs], info) {
			continue
		}
		one, err := copyIn(root, name, info, set.Text, func() (io.ReadCloser, error) { return openAs(abs, info) })
		if err != nil {
			return c.at(name, err)
		}
		one.path = abs
		made = append(made, one)
	}
	for _, one := range made {
		if err := one.finish(); err != nil {
			return c.at(strings.TrimPrefix(one.path, "/"), err)
		}
		c.there[one.path] = one.info
	}
	return nil
}

// at is what is wrong with a copy. It names the copy, not the file beside it that it is written in, whose name is another each time.
func (c *Copies) at(name string, err error) error {
	if errors.Is(err, errChanged) {
		return err
	}
	return fmt.Errorf("%s: %w", filepath.Join(c.Folder, name), reason(err))
}

// prune takes away the copies that go, and folders without any.
func (c *Copies) prune(root *os.Root, goes func(path string) bool) {
	for path := range maps.Clone(c.there) {
		if !goes(path) {
			continue
		}
		name := strings.TrimPrefix(path, "/")
		if err := root.Remove(name); err == nil || errors.Is(err, fs.ErrNotExist) {
			delete(c.there, path)
			for folder := filepath.Dir(name); folder != "." && root.Remove(folder) == nil; {
				folder = filepath.Dir(folder)
			}
		}
	}
}
