package store

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// Build makes the tree of a generation of which all contents are there, and everything of it safe on the disk. It may be asked
// for again.
func (s *Store) Build(m *manifest.Signed) (dir string, err error) {
	dir = s.Tree(m.ID)
	if _, err := os.Lstat(dir); err == nil {
		return dir, nil
	}
	beside := dir + ".new"
	if err := os.RemoveAll(beside); err != nil {
		return "", err
	}
	made := map[string]bool{}
	for _, f := range m.Files {
		path := filepath.Join(beside, filepath.FromSlash(f.Path))
		if folder := filepath.Dir(path); !made[folder] {
			if err := os.MkdirAll(folder, 0o750); err != nil {
				return "", err
			}
			made[folder] = true
		}
		if err := s.place(f, path); err != nil {
			return "", fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	if err := s.KeepManifest(m); err != nil {
		return "", err
	}
	stamps := s.stampsText() // of what is on the disk from now on
	if err := syncAll(s.dir); err != nil {
		return "", err
	}
	if err := os.Rename(beside, dir); err != nil {
		return "", err
	}
	if err := SyncDir(filepath.Dir(dir)); err != nil {
		return "", err
	}
	return dir, s.keepStamps(stamps)
}

// place puts a file into a tree: the content itself, if it has the time and mode already that the file has, or if no other
// tree has it yet; else a copy.
func (s *Store) place(f manifest.File, path string) error {
	info, err := s.sound(f.Hash)
	if info == nil {
		return cmp.Or(err, error(&Gone{f.Hash}))
	}
	if info.Size() != f.Size {
		return fmt.Errorf("its content has %d octets, not %d", info.Size(), f.Size)
	}
	blob := s.blob(f.Hash)
	if as := isAs(info, f); as || links(info) == 1 {
		if !as {
			if err := dress(blob, f); err != nil {
				return err
			}
		}
		linked := os.Link(blob, path) == nil
		if after, err := os.Lstat(blob); err == nil { // another name, time or mode is no change of what is in it
			s.stamp(f.Hash, after)
		}
		if linked {
			return nil
		}
	}
	if err := copyFile(path, blob); err != nil {
		return err
	}
	return dress(path, f)
}

// Gone is that a content is not there, or not any more.
type Gone struct{ Hash manifest.Hash }

func (g *Gone) Error() string { return fmt.Sprintf("its content, %v, is not there", g.Hash) }

func isAs(info fs.FileInfo, f manifest.File) bool {
	return info.ModTime().Equal(f.Time) && info.Mode() == f.Mode
}

// dress gives a file its mode and time, whatever the umask is.
func dress(path string, f manifest.File) error {
	if err := os.Chmod(path, f.Mode); err != nil {
		return err
	}
	return os.Chtimes(path, time.Time{}, f.Time)
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if closing := out.Close(); err == nil {
		err = closing
	}
	return err
}
