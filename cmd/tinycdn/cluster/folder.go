package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/google/renameio/v2"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Folder is where somebody publishes from: that of tinycdn.toml. What it knows of its cluster is below it, in .tinycdn:
//
//	roster  who belongs to the cluster, signed
//	last    the list of the generation that the folder came from, or became
//	tried   the list of the canary that the folder became last
//	lists/  the lists of the newest generations that were seen here: a rollback need not fetch them
//	index   what was in its files, and when they were changed last
//	before/ configuration and zones of a generation, to be compared with
type Folder struct{ dir string }

// FolderOf is that in which a configuration lies.
func FolderOf(config string) Folder { return Folder{filepath.Join(filepath.Dir(config), ".tinycdn")} }

// ErrNoCluster is that a folder belongs to none yet.
var ErrNoCluster = errors.New("this folder belongs to no cluster yet: tinycdn setup makes one of its POPs; in a checkout, .tinycdn/roster is missing")

// Roster reads who belongs to the cluster. Whose it is, the folder is trusted to say.
func (f Folder) Roster() (*roster.Roster, []byte, error) {
	text, err := os.ReadFile(filepath.Join(f.dir, "roster"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, ErrNoCluster
	}
	if err != nil {
		return nil, nil, err
	}
	r, err := roster.Read(text)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", filepath.Join(f.dir, "roster"), err)
	}
	return r, text, nil
}

// KeepRoster writes a signed roster down.
func (f Folder) KeepRoster(text []byte) error { return f.keep("roster", text) }

// Last is the list of the generation that the folder came from; one of number 0 if that is not known.
func (f Folder) Last() (*manifest.Signed, error) {
	text, err := os.ReadFile(filepath.Join(f.dir, "last"))
	if errors.Is(err, fs.ErrNotExist) {
		return &manifest.Signed{}, nil
	}
	if err != nil {
		return nil, err
	}
	return manifest.Open(text)
}

// KeepLast writes down what the folder is now.
func (f Folder) KeepLast(m *manifest.Signed) error { return f.keep("last", m.Text) }

// KeepTried writes down what the folder would be, should the canary that it is be served everywhere.
func (f Folder) KeepTried(m *manifest.Signed) error { return f.keep("tried", m.Text) }

// Tried says whether a generation is what the folder was when it was a canary.
func (f Folder) Tried(id manifest.ID) bool {
	text, err := os.ReadFile(filepath.Join(f.dir, "tried"))
	if err != nil {
		return false
	}
	list, err := manifest.Open(text)
	return err == nil && list.ID == id
}

// remembered is how many lists of generations are kept in a folder.
const remembered = 4

// Remember keeps the list of a generation.
func (f Folder) Remember(list *manifest.Signed) error {
	if err := os.MkdirAll(f.Path("lists"), 0o755); err != nil {
		return err
	}
	if err := f.keep(listName(list.ID.Number), list.Text); err != nil {
		return err
	}
	kept, _ := os.ReadDir(f.Path("lists"))
	for _, entry := range kept {
		number, err := strconv.ParseUint(entry.Name(), 10, 64)
		if err == nil && number+remembered <= list.ID.Number {
			os.Remove(f.Path(listName(number)))
		}
	}
	return nil
}

// Newest is the list of the newest generation that was seen here.
func (f Folder) Newest() (newest *manifest.Signed, err error) {
	newest, err = f.Last()
	kept, _ := os.ReadDir(f.Path("lists"))
	for _, entry := range kept {
		number, wrong := strconv.ParseUint(entry.Name(), 10, 64)
		if wrong != nil || err == nil && number <= newest.ID.Number {
			continue
		}
		if text, wrong := os.ReadFile(f.Path(listName(number))); wrong == nil {
			newest, err = manifest.Open(text)
		}
	}
	return newest, err
}

// Known is the list of a generation, if it is at hand.
func (f Folder) Known(id manifest.ID) (*manifest.Signed, error) {
	if last, err := f.Last(); err == nil && last.ID == id {
		return last, nil
	}
	text, err := os.ReadFile(f.Path(listName(id.Number)))
	if err != nil {
		return nil, err
	}
	list, err := manifest.Open(text)
	if err == nil && list.ID != id {
		err = fmt.Errorf("generation %d is another one here", id.Number)
	}
	return list, err
}

func listName(number uint64) string { return filepath.Join("lists", strconv.FormatUint(number, 10)) }

// Path is where something of the cluster's is kept in the folder.
func (f Folder) Path(name string) string { return filepath.Join(f.dir, name) }

// Scan reads the files of a generation, of which those that have not changed since the last time need not be read.
func (f Folder) Scan(top string, paths []string) ([]manifest.File, error) {
	text, _ := os.ReadFile(filepath.Join(f.dir, "index"))
	files, next, err := manifest.ParseIndex(text).Scan(top, paths, time.Now())
	if err != nil {
		return nil, err
	}
	f.keep("index", next.Marshal()) // without it, all is read the next time
	return files, nil
}

func (f Folder) keep(name string, text []byte) error {
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(f.dir, name), text, 0o644)
}
