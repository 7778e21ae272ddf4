package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"tinycdn/zones/diag"
)

// tree is the folder of a site. Whatever symbolic links say, no name leads out of it.
type tree struct {
	root *os.Root // is closed when nothing refers to it any more
	path string   // of root, without symbolic links
}

var errChanged = errors.New("it changes while it is read; it will be read again when it has settled")

// open opens a file without waiting for a writer, should it have become a pipe.
func (t tree) open(name string) (*os.File, error) {
	return t.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// read reads a file as a whole: exactly the one that was found.
func (t tree) read(f *file) ([]byte, error) {
	in, err := t.open(f.name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if err := unchanged(in, f.info); err != nil {
		return nil, err
	}
	body := make([]byte, f.info.Size())
	switch _, err := io.ReadFull(in, body); err {
	case nil:
		return body, unchanged(in, f.info)
	case io.EOF, io.ErrUnexpectedEOF:
		return nil, errChanged
	default:
		return nil, err
	}
}

// full is the path of a file in the machine's file system.
func (t tree) full(name string) string { return filepath.Join(t.path, filepath.FromSlash(name)) }

func unchanged(in *os.File, was fs.FileInfo) error {
	is, err := in.Stat()
	if err == nil && !diag.SameFile(was, is) {
		err = errChanged
	}
	return err
}
