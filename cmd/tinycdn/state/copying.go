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
	path   string // absolute, of what is copied
	info   fs.FileInfo
	file   *renameio.PendingFile // nil: there is a copy like that
	folder *os.Root              // that it is in
}

// copyIn makes a copy of that name of what is opened, if that is still what info says. Where text is known it is that.
func copyIn(root *os.Root, name string, info fs.FileInfo, text []byte, is func() (io.ReadCloser, error)) (*copying, error) {
	if text != nil {
		is = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	}
	if was, err := root.Lstat(name); err == nil && was.Mode().IsRegular() && was.Size() == info.Size() && was.ModTime().Equal(info.ModTime()) {
		same, err := holds(root, name, is)
		if err != nil || same {
			return &copying{info: info}, err
		}
	}
	one, err := newCopy(root, name, info)
	if err != nil {
		return nil, err
	}
	if err := one.fill(is); err != nil {
		one.Cleanup()
		return nil, err
	}
	return one, nil
}

// newCopy begins a file beside the place that it is for: Landlock may forbid to rename it into another folder. It is for nobody
// else: it may be a key.
func newCopy(root *os.Root, name string, info fs.FileInfo) (*copying, error) {
	if err := root.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return nil, err
	}
	folder, err := root.OpenRoot(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	file, err := renameio.NewPendingFile(filepath.Base(name), renameio.WithRoot(folder), renameio.WithStaticPermissions(0o600))
	if err != nil {
		folder.Close()
		return nil, err
	}
	return &copying{info: info, file: file, folder: folder}, nil
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
	return o.folder.Chtimes(filepath.Base(o.file.Name()), o.info.ModTime(), o.info.ModTime())
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
		o.folder.Close()
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

// holds says whether the copy of that name holds the same.
func holds(root *os.Root, name string, is func() (io.ReadCloser, error)) (bool, error) {
	there, _, err := plainfile.OpenIn(root, name)
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
