package state

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tinycdn/geoip/plainfile"
)

// Copies are files as they were when they were last right, each below the folder by its absolute path, with its time. To put
// them back is: cp -a FOLDER/etc /.
type Copies struct {
	Folder string
	state  string // the state folder, which links in it may not lead out of

	// there is what lies here, by absolute path, and what the file was that was copied; nil: that is not known yet. It is Keep's,
	// which one goroutine calls at a time.
	there map[string]fs.FileInfo
}

// Read reads the copy of a file, of at most so many octets, and nothing outside of the state folder.
func (c *Copies) Read(path string, most int64) ([]byte, fs.FileInfo, error) {
	name, err := nameOf(path)
	if err != nil {
		return nil, nil, err
	}
	root, err := c.open()
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	file, info, err := plainfile.OpenIn(root, name)
	if err != nil {
		return nil, info, err
	}
	defer file.Close()
	data, err := plainfile.ReadAll(file, info, most)
	return data, info, err
}

// open opens the folder of the copies.
func (c *Copies) open() (*os.Root, error) {
	root, err := os.OpenRoot(c.state)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.OpenRoot(c.below())
}

// make opens the folder of the copies, and makes it if there is none.
func (c *Copies) make() (*os.Root, error) {
	if err := os.MkdirAll(c.state, 0o750); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(c.state)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if err := root.MkdirAll(c.below(), 0o750); err != nil {
		return nil, err
	}
	return root.OpenRoot(c.below())
}

// Beside is the path of something else that is kept for the same configuration; "": nothing is kept.
func (c *Copies) Beside(name string) string {
	if c == nil {
		return ""
	}
	return c.Folder + "." + name
}

// below is the folder of the copies within the state folder.
func (c *Copies) below() string { return filepath.Join(last, filepath.Base(c.Folder)) }

// Size is how many octets the copy of a file has; 0: there is none.
func (c *Copies) Size(path string) int64 {
	name, err := nameOf(path)
	if err != nil {
		return 0
	}
	info, err := os.Lstat(filepath.Join(c.Folder, name))
	if err != nil {
		return 0
	}
	return info.Size()
}

// IsOf says whether what was read is a file of the user of this number. What a start as root may do with a copy depends on who can
// have written it.
func IsOf(info fs.FileInfo, uid int) bool { return info != nil && owner(info) == uid }

// Files are the absolute paths of all files of which there is a copy.
func (c *Copies) Files() (list []string) {
	filepath.WalkDir(c.Folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			list = append(list, strings.TrimPrefix(path, c.Folder))
		}
		return nil
	})
	return list
}

// nameOf is what a copy is called within the folder.
func nameOf(path string) (string, error) {
	path, err := filepath.Abs(path)
	return strings.TrimPrefix(path, "/"), err
}
