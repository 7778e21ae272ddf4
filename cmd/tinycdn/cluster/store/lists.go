package store

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// KeepManifest writes a signed list down. That it is on the disk, Build waits for.
func (s *Store) KeepManifest(m *manifest.Signed) error { return replace(s.list(m.ID), m.Text, 0o640) }

// Text is a list that was kept, as it was signed. To read what is in it takes ten times as long.
func (s *Store) Text(id manifest.ID) ([]byte, error) {
	text, err := os.ReadFile(s.list(id))
	if err == nil {
		err = manifest.Is(text, id)
	}
	return text, err
}

// Manifest reads a list that was kept.
func (s *Store) Manifest(id manifest.ID) (*manifest.Signed, error) {
	text, err := os.ReadFile(s.list(id))
	if err != nil {
		return nil, err
	}
	m, err := manifest.Open(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", s.list(id), err)
	case m.ID != id:
		return nil, fmt.Errorf("%s: this is another generation, %v", s.list(id), m.ID)
	}
	return m, nil
}

// Kept is a generation that is there.
type Kept struct {
	*manifest.Signed
	Since time.Time // when its list came, or it became the current one
}

// All are the generations of which there is a list, the newest first. Lists that cannot be read are passed over.
func (s *Store) All() (list []Kept, err error) {
	names, err := s.listed()
	for _, l := range names {
		if m, err := s.readList(l.name); err == nil {
			list = append(list, Kept{m, l.since})
		}
	}
	return list, err
}

// listed is a list that has not been read.
type listed struct {
	name   string
	number uint64
	since  time.Time // when it came
}

// listed are the lists that there are, the newest first.
func (s *Store) listed() (list []listed, err error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, "manifests"))
	for _, e := range entries {
		number, _, _ := strings.Cut(e.Name(), "-")
		l := listed{name: e.Name()}
		info, err := e.Info()
		if err == nil {
			l.since = info.ModTime()
			l.number, err = strconv.ParseUint(number, 10, 64)
		}
		if err == nil {
			list = append(list, l)
		}
	}
	slices.SortStableFunc(list, func(a, b listed) int { return cmp.Compare(b.number, a.number) })
	return list, err
}

func (s *Store) readList(name string) (*manifest.Signed, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, "manifests", name))
	if err != nil {
		return nil, err
	}
	return manifest.Open(text)
}

// replace writes a file from one moment to the next, and does not wait for the disk.
func replace(path string, text []byte, mode fs.FileMode) error {
	beside, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"*")
	if err != nil {
		return err
	}
	_, err = beside.Write(text)
	err = cmp.Or(err, beside.Chmod(mode), beside.Close())
	if err == nil {
		err = os.Rename(beside.Name(), path)
	}
	if err != nil {
		os.Remove(beside.Name())
	}
	return err
}
