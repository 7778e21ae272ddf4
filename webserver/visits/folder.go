package visits

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tinycdn/geoip/plainfile"

	"github.com/google/renameio/v2"
)

// folder holds a file for each day and POP, and the salts. What has another name in it is somebody else's, and left alone.
type folder string

const (
	// mostFolder is how many octets all days together may have; then the oldest go, however many are to be kept.
	mostFolder = 256 << 20
	// saltsName is the file of the salts, which nobody but the user may read.
	saltsName = "salts"
	mostSalt  = 4 << 10
)

func (f folder) path(name string) string { return filepath.Join(string(f), name) }

func (f folder) read(name string) ([]byte, error) {
	text, _, err := plainfile.Read(f.path(name), mostFile)
	return text, err
}

// write writes a file whole, or not at all.
func (f folder) write(name string, text []byte, mode os.FileMode) error {
	if err := os.MkdirAll(string(f), 0o750); err != nil {
		return err
	}
	return renameio.WriteFile(f.path(name), text, mode)
}

// heads are the first lines of the files that are whole, in the order of their names.
func (f folder) heads() (all []head) {
	entries, _ := os.ReadDir(string(f)) // no folder is none with files
	for _, e := range entries {
		if _, ok := nameOf(e.Name()); !ok {
			continue
		}
		if h, err := f.head(e.Name()); err == nil {
			all = append(all, h)
		}
	}
	return all
}

// head is the first line of a file that seems whole.
func (f folder) head(name string) (head, error) {
	file, info, err := plainfile.Open(f.path(name))
	if err != nil {
		return head{}, err
	}
	defer file.Close()
	text := make([]byte, longestHead)
	n, err := io.ReadFull(file, text)
	if err != nil && err != io.ErrUnexpectedEOF {
		return head{}, err
	}
	h, rest, err := parseHead(text[:n])
	if err != nil {
		return h, err
	}
	if line := n - len(rest); h.name() != name || info.Size() != int64(line+h.length) {
		return h, fmt.Errorf("%s is not what its first line says", name)
	}
	return h, nil
}

// prune takes away the files of days that are not kept any more, and the oldest if all are too large together.
func (f folder) prune(now time.Time, days int) {
	entries, _ := os.ReadDir(string(f))
	oldest := dateOf(now.AddDate(0, 0, 1-days))
	var size int64
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return cmp.Compare(b.Name(), a.Name()) })
	for _, e := range entries { // the newest first
		h, ok := nameOf(e.Name())
		if !ok {
			continue
		}
		if info, err := e.Info(); err == nil {
			size += info.Size()
		}
		if h.Day < oldest || size > mostFolder && h.Day < dateOf(now) {
			os.Remove(f.path(e.Name()))
		}
	}
}

// Forget takes away the key of today's hashes, for when nothing is counted any more.
func Forget(path string) { folder(path).forgetSalts() }

func (f folder) forgetSalts() { os.Remove(f.path(saltsName)) }
