package manifest

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Index remembers what was in files, so that those that have not changed since need not be read again.
type Index map[string]Known

// Known is a file when it was read.
type Known struct {
	Hash             Hash
	Size             int64
	Inode            uint64
	Written, Changed int64 // its mtime and ctime in nanoseconds since 1970: who sets the one back cannot set the other
}

// settled is how old the last change of a file has to be for it to be remembered: another one within the same tick of the
// file system's clock would not show.
const settled = 2 * time.Second

// Scan reads files below a folder and gives them as a manifest has them, but for their times: see Follow. What is in the index
// and has not changed is not read; the next index is of these files alone.
func (i Index) Scan(top string, paths []string, now time.Time) ([]File, Index, error) {
	files, next := make([]File, 0, len(paths)), make(Index, len(paths))
	for _, path := range paths {
		f, known, err := scan(filepath.Join(top, filepath.FromSlash(path)), i[path])
		if err != nil {
			return nil, nil, err
		}
		if f.Path = path; known.Changed != 0 && known.Changed < now.Add(-settled).UnixNano() {
			next[path] = known
		}
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, next, nil
}

// HashOf reads all of a file.
func HashOf(r io.Reader) (Hash, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, r)
	return Hash(sum.Sum(nil)), err
}

// Scan reads all files.
func Scan(top string, paths []string) ([]File, error) {
	files, _, err := Index(nil).Scan(top, paths, time.Time{})
	return files, err
}

func scan(path string, last Known) (f File, known Known, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return f, known, err
	}
	if !info.Mode().IsRegular() { // to open a pipe would wait for somebody who writes to it
		return f, known, fmt.Errorf("%s is not a plain file", path)
	}
	f.Mode = Private
	if info.Mode()&0o077 != 0 && filepath.Ext(path) != ".private" { // a zone's key is, though its group may read it
		f.Mode = Plain
	}
	known = knownOf(info)
	if known.Hash = last.Hash; known == last && known.Changed != 0 {
		f.Hash, f.Size = last.Hash, last.Size
		return f, known, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return f, known, err
	}
	defer file.Close()
	sum := sha256.New()
	if f.Size, err = io.Copy(sum, file); err != nil {
		return f, known, err
	}
	f.Hash = Hash(sum.Sum(nil))
	known.Hash = f.Hash
	if after, err := file.Stat(); err != nil || !sameState(info, after) {
		return f, known, fmt.Errorf("%s was changed while it was read: try again", path)
	}
	return f, known, nil
}

func sameState(a, b fs.FileInfo) bool { return knownOf(a) == knownOf(b) }
