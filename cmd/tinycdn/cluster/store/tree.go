package store

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
	if ok, err := s.sound(f.Hash); !ok {
		return cmp.Or(err, fmt.Errorf("its content, %v, is not there", f.Hash))
	}
	blob := s.blob(f.Hash)
	info, err := os.Lstat(blob)
	if err != nil {
		return err
	}
	if info.Size() != f.Size {
		return fmt.Errorf("its content has %d octets, not %d", info.Size(), f.Size)
	}
	if as := isAs(info, f); as || links(info) == 1 {
		linked := false
		err := s.keepStamped(f.Hash, func() error {
			if !as {
				if err := dress(blob, f); err != nil {
					return err
				}
			}
			linked = os.Link(blob, path) == nil
			return nil
		})
		if err != nil || linked {
			return err
		}
	}
	if err := copyFile(path, blob); err != nil {
		return err
	}
	return dress(path, f)
}

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

// Generations are those of which there is a list, by name.
func (s *Store) generations() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, "manifests"))
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, err
}
