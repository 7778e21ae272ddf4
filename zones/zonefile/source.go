package zonefile

import (
	"errors"
	"io"
	"os"
	"time"
)

// maxFiles bounds the files of one zone: files that include each other can multiply without a loop.
const maxFiles = 1000

// source is an open file of a zone.
type source struct {
	io.ReadCloser
	modified time.Time
}

// openFile opens a plain file. Others (a pipe, a device) could keep the loader waiting or reading for ever.
func openFile(path string) (source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return source{}, err
	}
	if info.IsDir() {
		return source{}, errors.New("is a folder, not a file")
	}
	if !info.Mode().IsRegular() {
		return source{}, errors.New("is not a plain file")
	}
	file, err := os.Open(path)
	if err != nil {
		return source{}, err
	}
	return source{file, info.ModTime()}, nil
}

// openCounted opens a file of the zone and notes it as one.
func (r *reader) openCounted(path string) (source, error) {
	if r.files++; r.files > maxFiles {
		return source{}, errors.New("more than 1000 files are included")
	}
	r.zone.Files = append(r.zone.Files, path)
	src, err := r.open(path)
	if err == nil && src.modified.After(r.newest) {
		r.newest = src.modified
	}
	return src, err
}
