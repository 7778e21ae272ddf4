package config

import (
	"os"
	"time"

	"tinycdn/zones/diag"
)

// Reader reads a configuration again only when that can give something else. The zero value has read nothing yet.
type Reader struct {
	config *Config
	files  diag.Files
}

// Load is the configuration at path: as it was, unless it may have changed, and then been left alone, which settled judges
// (nil: it has); or with again, read once more whatever it is.
func (r *Reader) Load(path string, again bool, settled func(diag.Files) bool) *Config {
	if r.config != nil && !again && (r.files.Unchanged() || settled != nil && !settled(diag.Files{path: r.files[path]})) {
		return r.config
	}
	files := diag.Stat([]string{path})
	r.config = Load(path)
	for path, info := range r.config.looked {
		files[path] = info
	}
	r.files = files
	return r.config
}

// Unchanged says whether to read the configuration again would give just the same.
func (r *Reader) Unchanged() bool { return r.config != nil && r.files.Unchanged() }

// tick is more than the time for which a folder may change and have the same time as before.
const tick = 100 * time.Millisecond

// look notes a file or folder of which the configuration says something else when it changes.
func (c *Config) look(path string) {
	info, _ := os.Stat(path)
	if info != nil && time.Since(info.ModTime()) < tick {
		info = nil // it may change once more, and not tell: look again
	}
	if c.looked == nil {
		c.looked = diag.Files{}
	}
	c.looked[path] = info
}

// Unchanged says whether what the configuration names, but the zones, databases and sites themselves, is as it was.
func (c *Config) Unchanged() bool { return c.looked.Unchanged() }
