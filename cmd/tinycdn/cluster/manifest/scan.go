package manifest

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Scan reads files below a folder and gives them as a manifest has them, but for their times: see Follow.
func Scan(top string, paths []string) ([]File, error) {
	var files []File
	for _, path := range paths {
		f, err := scan(filepath.Join(top, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		f.Path = path
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}

// HashOf reads all of a file.
func HashOf(r io.Reader) (Hash, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, r)
	return Hash(sum.Sum(nil)), err
}

func scan(path string) (f File, err error) {
	file, err := os.Open(path)
	if err != nil {
		return f, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return f, err
	}
	if !info.Mode().IsRegular() {
		return f, fmt.Errorf("%s is not a plain file", path)
	}
	sum := sha256.New()
	if f.Size, err = io.Copy(sum, file); err != nil {
		return f, err
	}
	f.Hash, f.Mode = Hash(sum.Sum(nil)), info.Mode().Perm()
	return f, nil
}
