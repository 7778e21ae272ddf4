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

	// there is what lies here, by absolute path, and what the file was that was copied; nil: that is not known yet. It is Keep's,
	// which one goroutine calls at a time.
	there map[string]fs.FileInfo
}

// Read reads the copy of a file, of at most so many octets, and nothing outside of the folder.
func (c *Copies) Read(path string, most int64) ([]byte, fs.FileInfo, error) {
	name, err := nameOf(path)
	if err != nil {
		return nil, nil, err
	}
	root, err := os.OpenRoot(c.Folder)
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

// Size is how many octets the copy of a file has; 0: there is none.
func (c *Copies) Size(path string) int64 {
	at, err := c.place(path)
	if err != nil {
		return 0
	}
	info, err := os.Lstat(at)
	if err != nil {
		return 0
	}
	return info.Size()
}

// IsOf says whether the copy of a file is that of the user of this number. What a start as root may do with a copy depends on who
// can have written it.
func (c *Copies) IsOf(path string, uid int) bool {
	at, err := c.place(path)
	if err != nil {
		return false
	}
	info, err := os.Lstat(at)
	return err == nil && owner(info) == uid
}

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

// place is where the copy of a file is.
func (c *Copies) place(path string) (string, error) {
	name, err := nameOf(path)
	return filepath.Join(c.Folder, name), err
}

// nameOf is what a copy is called within the folder.
func nameOf(path string) (string, error) {
	path, err := filepath.Abs(path)
	return strings.TrimPrefix(path, "/"), err
}
