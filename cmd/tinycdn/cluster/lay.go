package cluster

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// Bounds of what is laid down to be compared: zones of some million records. Of a database nobody reads the text.
const (
	mostLaid    = 512 << 20 // octets
	mostFetched = 128 << 20 // of these, from a POP
)

// Lay makes a folder hold files of a generation and no others. What is not there yet and not in one of the files at hand, by their
// contents, comes from a POP.
func (f Folder) Lay(ctx context.Context, p *Publisher, files []manifest.File, atHand map[manifest.Hash]string, name string) (dir string, err error) {
	dir = f.Path(name)
	size := int64(0)
	for _, file := range files {
		size += file.Size
	}
	if size > mostLaid {
		return "", fmt.Errorf("%d MB are more than is compared", size>>20)
	}
	l := laying{dir: dir}
	if err := l.clear(files); err != nil {
		return "", err
	}
	for _, file := range files {
		if err := l.place(file, atHand[file.Hash]); err != nil {
			return "", err
		}
	}
	if len(l.missing) == 0 {
		return dir, nil
	}
	return dir, l.fetch(ctx, p, f.Path(name+".arriving"))
}

// laying is a folder that comes to hold some files.
type laying struct {
	dir     string
	missing []manifest.File
	size    int64 // of these
}

// clear removes what is not among the files, or something else than the one of its name.
func (l *laying) clear(files []manifest.File) error {
	stays := make(map[string]manifest.File, len(files))
	for _, f := range files {
		stays[filepath.Join(l.dir, filepath.FromSlash(f.Path))] = f
	}
	if err := os.MkdirAll(l.dir, 0o755); err != nil {
		return err
	}
	return filepath.WalkDir(l.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if f, ok := stays[path]; ok && entry.Type().IsRegular() && holds(path, f.Hash) {
			return nil
		}
		return os.Remove(path)
	})
}

// holds says whether a file has that content.
func holds(path string, h manifest.Hash) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	is, err := manifest.HashOf(file)
	return err == nil && is == h
}

// place puts a file where it belongs, or notes that it is missing.
func (l *laying) place(f manifest.File, from string) error {
	path := filepath.Join(l.dir, filepath.FromSlash(f.Path))
	if info, err := os.Lstat(path); err == nil {
		if info.Mode().IsRegular() {
			return nil // else it had been removed
		}
		os.RemoveAll(path)
	}
	if from != "" {
		if file, err := os.Open(from); err == nil {
			defer file.Close()
			if err := write(path, file); err != nil {
				return err
			}
			if holds(path, f.Hash) {
				return nil
			}
			os.Remove(path) // it has been changed since somebody looked
		}
	}
	l.missing, l.size = append(l.missing, f), l.size+f.Size
	return nil
}

// fetch gets what is missing, by way of another folder.
func (l *laying) fetch(ctx context.Context, p *Publisher, by string) error {
	if l.size > mostFetched {
		return fmt.Errorf("%d MB are more than is fetched to be compared", l.size>>20)
	}
	defer os.RemoveAll(by)
	arrived, err := store.Open(by)
	if err != nil {
		return err
	}
	if err := p.Get(ctx, l.missing, arrived); err != nil {
		return err
	}
	for _, f := range l.missing {
		content, err := arrived.Blob(f.Hash)
		if err != nil {
			return err
		}
		err = write(filepath.Join(l.dir, filepath.FromSlash(f.Path)), content)
		content.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// write makes a file of what a reader gives.
func write(path string, from io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return err
	}
	defer file.Cleanup()
	if _, err := io.Copy(file, from); err != nil {
		return err
	}
	return file.CloseAtomicallyReplace()
}
