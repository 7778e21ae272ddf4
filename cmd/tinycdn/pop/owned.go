package pop

import (
	"io/fs"
	"os"
	"path/filepath"

	"tinycdn/cmd/tinycdn/system"
)

// giveFolder makes the member's folder the user's, who goes on with it: what root has made before there was a first generation, and
// what it writes at a start. Below a folder that is his already, everything is.
func (m *member) giveFolder(user string) error {
	if m == nil || user == "" || os.Geteuid() != 0 {
		return nil
	}
	uid, gid, err := system.UserIDs(user)
	if err != nil {
		return nil // who cannot become the user ends at once
	}
	return filepath.WalkDir(m.Dir(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if system.OwnerOf(info) != uid {
			return os.Lchown(path, uid, gid)
		}
		if entry.IsDir() && path != m.Dir() {
			return fs.SkipDir
		}
		return nil
	})
}
