package state

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"tinycdn/geoip/plainfile"
	"tinycdn/zones/diag"

	"github.com/google/renameio/v2"
)

// copying is a copy that is written, and not yet in its place.
type copying struct {
	path string // absolute, of what is copied
	info fs.FileInfo
	file *renameio.PendingFile // nil: there is a copy like that
}

// copy copies the file at an absolute path, if it is still what info says. Where text is known it is that.
func (c *Copies) copy(path string, info fs.FileInfo, text []byte) (*copying, error) {
	is := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	if text == nil {
		is = func() (io.ReadCloser, error) { return openAs(path, info) }
	}
	at, err := c.place(path)
	if err != nil {
		return nil, err
	}
	if was, err := os.Lstat(at); err == nil && was.Mode().IsRegular() && was.Size() == info.Size() && was.ModTime().Equal(info.ModTime()) {
		same, err := holds(at, is)
		if err != nil || same {
			return &copying{path: path, info: info}, err
		}
	}
	file, err := newCopy(at)
	if err != nil {
		return nil, err
	}
	one := &copying{path, info, file}
	if err := one.fill(is); err != nil {
		one.Cleanup()
		return nil, err
	}
	return one, nil
}

// newCopy begins a file beside the place that it is for. It is for nobody else: it may be a key.
func newCopy(at string) (*renameio.PendingFile, error) {
	folder := filepath.Dir(at)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	return renameio.TempFile(folder, at)
}

// fill writes what the file holds, with its time: a zone's serial number may come of it.
func (o *copying) fill(is func() (io.ReadCloser, error)) error {
	from, err := is()
	if err != nil {
		return err
	}
	defer from.Close()
	if _, err := io.Copy(o.file, from); err != nil {
		return err
	}
	return os.Chtimes(o.file.Name(), o.info.ModTime(), o.info.ModTime())
}

func (o *copying) finish() error {
	if o.file == nil {
		return nil
	}
	return o.file.CloseAtomicallyReplace()
}

// Cleanup takes away what is not in its place.
func (o *copying) Cleanup() {
	if o.file != nil {
		o.file.Cleanup()
	}
}

// unchanged is an open file that has to be what info says until it has been read.
type unchanged struct {
	*os.File
	info fs.FileInfo
}

func openAs(path string, info fs.FileInfo) (io.ReadCloser, error) {
	file, now, err := plainfile.Open(path)
	if err != nil {
		return nil, errChanged
	}
	if !diag.SameFile(info, now) {
		file.Close()
		return nil, errChanged
	}
	return unchanged{file, info}, nil
}

func (u unchanged) Read(p []byte) (int, error) {
	n, err := u.File.Read(p)
	if err == io.EOF {
		if now, statErr := u.Stat(); statErr != nil || !diag.SameFile(u.info, now) {
			return n, errChanged
		}
	}
	return n, err
}

// WriteTo would get around Read.
func (u unchanged) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{u})
}

// holds says whether the file at a path holds the same.
func holds(at string, is func() (io.ReadCloser, error)) (bool, error) {
	there, err := os.Open(at)
	if err != nil {
		return false, nil
	}
	defer there.Close()
	from, err := is()
	if err != nil {
		return false, err
	}
	defer from.Close()
	var a, b [16 << 10]byte
	for {
		n, err := io.ReadFull(from, a[:])
		m, _ := io.ReadFull(there, b[:])
		switch {
		case n != m || !bytes.Equal(a[:n], b[:m]):
			return false, nil
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return true, nil
		case err != nil:
			return false, err
		}
	}
}
