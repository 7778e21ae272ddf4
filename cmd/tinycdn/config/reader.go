package config

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"tinycdn/zones/diag"
)

// Reader reads a configuration again only when that can give something else. The zero value has read nothing yet.
type Reader struct {
	config   *Config
	problems []diag.Problem
	files    diag.Files
}

// Load is the configuration at path: as it was, unless it may have changed, and then been left alone, which settled judges
// (nil: it has); or with again, read once more whatever it is.
func (r *Reader) Load(path string, again bool, settled func(diag.Files) bool) (*Config, []diag.Problem) {
	if r.config != nil && !again && (r.files.Unchanged() || settled != nil && !settled(diag.Files{path: r.files[path]})) {
		return r.config, r.problems
	}
	files := diag.Stat([]string{path})
	r.config, r.problems = Load(path)
	for path, info := range r.config.looked {
		files[path] = info
	}
	r.files = files
	return r.config, r.problems
}

// Unchanged says whether to read the configuration again would give just the same.
func (r *Reader) Unchanged() bool { return r.config != nil && r.files.Unchanged() }

// tick is more than the time for which a folder may change and have the same time as before.
const tick = 100 * time.Millisecond

// look notes a file or folder of which the configuration says something else when it changes.
func (c *checker) look(path string) {
	info, _ := os.Stat(path)
	if info != nil && time.Since(info.ModTime()) < tick {
		info = nil // it may change once more, and not tell: look again
	}
	if c.config.looked == nil {
		c.config.looked = diag.Files{}
	}
	c.config.looked[path] = info
}

// lookThrough notes the folders that a pattern leads through, and watches them: files may come into each.
func (c *checker) lookThrough(folder, inside string) {
	folders := []string{folder}
	for {
		for _, found := range folders {
			c.look(found)
			c.watch(found)
		}
		first, rest, more := strings.Cut(inside, "/")
		if !more {
			return
		}
		var next []string
		for _, found := range folders {
			entries, _ := os.ReadDir(found)
			for _, e := range entries {
				path := filepath.Join(found, e.Name())
				if fits, _ := filepath.Match(first, e.Name()); fits && isFolder(path) {
					next = append(next, path)
				}
			}
		}
		folders, inside = next, rest
	}
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
