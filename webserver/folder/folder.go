// Package folder reads the folder of a site safely: whatever symbolic links say, no name leads out of it.
package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"tinycdn/geoip/plainfile"
	"tinycdn/zones/diag"
)

// Folder is the folder of a site. The zero value is one without any file.
type Folder struct {
	root *os.Root // is closed when nothing refers to it any more; nil: path is opened for each file
	path string   // of root, without symbolic links: should one be switched, all that is read is still of one release
}

// At is a folder that is not held open.
func At(path string) Folder { return Folder{path: path} }

// Open opens a plain file; whatever else it may have become, nobody waits for it.
func (f Folder) Open(name string) (*os.File, error) {
	if f.root == nil && f.path == "" {
		return nil, fs.ErrNotExist
	}
	root := f.root
	if root == nil {
		var err error
		if root, err = os.OpenRoot(f.path); err != nil {
			return nil, err
		}
		defer root.Close()
	}
	file, _, err := plainfile.OpenIn(root, name)
	return file, err
}

// Read reads a file as a whole: exactly the one that was found.
func (f Folder) Read(name string, found fs.FileInfo) ([]byte, error) {
	in, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if err := Unchanged(in, found); err != nil {
		return nil, err
	}
	body := make([]byte, found.Size())
	switch _, err := io.ReadFull(in, body); err {
	case nil:
		return body, Unchanged(in, found)
	case io.EOF, io.ErrUnexpectedEOF:
		return nil, errChanged
	default:
		return nil, err
	}
}

var errChanged = errors.New("it changes while it is read; it will be read again when it has settled")

// Unchanged is an error if an open file is not as it was found.
func Unchanged(in *os.File, found fs.FileInfo) error {
	is, err := in.Stat()
	if err == nil && !diag.SameFile(found, is) {
		err = errChanged
	}
	return err
}

// Full is the path of a file in the machine's file system.
func (f Folder) Full(name string) string { return filepath.Join(f.path, filepath.FromSlash(name)) }

// Scan is a folder while it is looked through, and what came of that.
type Scan struct {
	Folder
	Seen            diag.Files // by full path
	Problems, Notes []diag.Problem
}

// Open begins to look through a folder. It may itself be a symbolic link, so that a deploy can switch from one release
// to the next. If it cannot be read, the Scan still tells what was seen at its place.
func Open(path string) (*Scan, *diag.Problem) {
	s := &Scan{Seen: diag.Stat([]string{path})}
	// Watched by its name, a symbolic link would go on showing the folder that it led to before.
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		s.path = real
		s.root, err = os.OpenRoot(real)
	}
	if err != nil {
		return s, &diag.Problem{File: path, Text: fmt.Sprintf("the site's folder cannot be read: %v", diag.Reason(err))}
	}
	return s, nil
}

// Stat looks at a file and remembers what it saw; nil: it is not there, or leads out of the site.
func (s *Scan) Stat(name string) fs.FileInfo {
	info, err := s.root.Stat(name)
	switch {
	case err == nil:
		s.Seen[s.Full(name)] = info
		return info
	case errors.Is(err, fs.ErrNotExist):
		s.Seen[s.Full(name)] = nil // it may come. Of a link that leads out, its folder tells that it was replaced.
	}
	return nil
}

// Close gives back what a Scan holds open. Without it, that is open as long as something refers to the Folder.
func (s *Scan) Close() { s.root.Close() }

// Wrong adds a problem of a file.
func (s *Scan) Wrong(name, format string, args ...any) {
	s.Problems = append(s.Problems, diag.Problem{File: s.Full(name), Text: fmt.Sprintf(format, args...)})
}

// Note adds what is odd about a file, but no mistake.
func (s *Scan) Note(name, format string, args ...any) {
	s.Notes = append(s.Notes, diag.Problem{File: s.Full(name), Text: fmt.Sprintf(format, args...)})
}
