package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"tinycdn/geodns"
	"tinycdn/zones/diag"
	"tinycdn/zones/tomlfile"
)

// checker fills a Config and collects what is wrong.
type checker struct {
	config   *Config
	first    *Config // nil: nothing was cut out of the document yet; else what it was before
	mistakes []tomlfile.Mistake
	decoded  int // how many of them are the decoder's
}

// check makes a Config of the document. Where mistakes were cut out of it, first is what it was with them.
func check(doc *tomlfile.Document, first *Config) *checker {
	file := defaults()
	c := &checker{config: &file.Config, first: first, mistakes: doc.Decode(&file)}
	c.config.doc, c.decoded = doc, len(c.mistakes)
	c.checkTop()
	c.readZones(file.Zones)
	c.readPOPs(file.POPs)
	c.readMaps(file.Maps)
	c.readWeb(&file.Web)
	c.checkListen()
	c.checkCluster()
	c.readACME()
	if c.config.Stats != nil {
		c.config.Stats.Check(c.below("stats"))
	}
	c.readSites(file.Sites)
	c.checkHealth()
	return c
}

// wrong notes a mistake at the keys.
func (c *checker) wrong(keys []string, format string, args ...any) {
	c.mistakes = append(c.mistakes, tomlfile.Mistake{Problem: c.config.Problem(keys, format, args...), Keys: keys})
}

// note notes at the keys what is odd, but no mistake.
func (c *checker) note(keys []string, format string, args ...any) {
	c.config.Notes = append(c.config.Notes, c.config.Problem(keys, format, args...))
}

// below reports mistakes of what stands below some keys.
func (c *checker) below(keys ...string) diag.Report { return diag.Report(c.wrong).Below(keys...) }

func (c *checker) checkTop() {
	if log := c.config.Log; log != "text" && log != "json" {
		c.wrong(diag.At("log"), `%q is neither "text" nor "json"`, log)
	}
	for i, folder := range c.config.IncludeFrom {
		c.config.IncludeFrom[i] = c.config.resolve(folder)
	}
	c.config.DNS.Check(c.below("dns"))
	c.checkCookieSecret(&c.config.DNS.CookieSecretFile)
	c.checkQueryLog(&c.config.DNS)
	c.checkAdmin()
	c.config.GeoIP.Check(c.below("geoip"))
	for i, path := range c.config.GeoIP.Databases {
		if path != "" {
			path = c.config.resolve(path)
			c.config.GeoIP.Databases[i] = path
			c.watch(filepath.Dir(path))
		}
	}
	c.watch(filepath.Dir(c.config.doc.Path))
}

// checkCookieSecret resolves the path, and reads the file once to see whether a start could. A start as root reads it before it
// becomes the user, who need not be allowed to.
func (c *checker) checkCookieSecret(path *string) {
	if *path == "" {
		return
	}
	*path = c.config.resolve(*path)
	keys := diag.At("dns", "cookie_secret_file")
	if err := geodns.CheckCookieSecret(*path); errors.Is(err, fs.ErrPermission) {
		c.note(keys, "%s: %s; a start as root may", *path, diag.Reason(err))
	} else if err != nil {
		c.wrong(keys, "%s: %s", *path, diag.Reason(err))
	} else if info, err := os.Stat(*path); err == nil && info.Mode()&0o004 != 0 {
		c.note(keys, "%s: everybody on this machine can read it (chmod o= %[1]s)", *path)
	}
}

func (c *checker) watch(folder string) { c.config.watch(folder) }

// watch adds a folder to those to be watched.
func (c *Config) watch(folder string) {
	if !slices.Contains(c.folders, folder) {
		c.folders = append(c.folders, folder)
	}
}
