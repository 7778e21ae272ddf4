package zonefile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// maxFiles bounds the files of one zone: files that include each other can multiply without a loop.
const maxFiles = 1000

// source is an open file of a zone.
type source struct {
	io.ReadCloser
	info fs.FileInfo
}

// openFile opens a plain file. Others (a pipe, a device) could keep the loader waiting or reading for ever, and a pipe
// even while it is opened (O_NONBLOCK). What the file is, the open file itself is asked: the path may lead to another one
// already. info is there for whatever could be opened.
func openFile(path string) (source, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return source{}, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = errors.New("is a folder, not a file")
	case !info.Mode().IsRegular():
		err = errors.New("is not a plain file")
	}
	if err != nil {
		file.Close()
		return source{info: info}, err
	}
	return source{file, info}, nil
}

// openCounted opens a file of the zone and notes it as one, as it is before it is read: a change meanwhile is then seen
// as a change later. Of a file that is read twice the first look counts, for the same reason.
func (r *reader) openCounted(path string) (source, error) {
	if r.files++; r.files > maxFiles {
		return source{}, errors.New("more than 1000 files are included")
	}
	src, err := r.open(path)
	if _, known := r.zone.Files[path]; !known {
		r.order = append(r.order, path)
		r.zone.Files[path] = src.info
	}
	if err == nil && (r.newestFile == "" || src.info.ModTime().After(r.newest)) {
		r.newest, r.newestFile = src.info.ModTime(), path
	}
	return src, err
}
