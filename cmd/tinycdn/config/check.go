package config

import (
	"os"
	"path/filepath"
	"slices"

	"tinycdn/geodns"
	"tinycdn/zones/diag"
)

// checker fills a Config and collects what is wrong.
type checker struct {
	config  *Config
	decoded []diag.Problem // by the decoder
	found   []diag.Problem
}

// wrong notes a mistake at the keys.
func (c *checker) wrong(keys []string, format string, args ...any) {
	c.found = append(c.found, c.config.Problem(keys, format, args...))
}

// note notes at the keys what is odd, but no mistake.
func (c *checker) note(keys []string, format string, args ...any) {
	c.config.Notes = append(c.config.Notes, c.config.Problem(keys, format, args...))
}

// all gives the problems in the order of the file. What stands where the decoder was not content
// is left out: it follows from that.
func (c *checker) all() []diag.Problem {
	all := c.decoded
	for _, p := range c.found {
		if !slices.ContainsFunc(c.decoded, func(known diag.Problem) bool { return known.Line == p.Line }) {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(p, q diag.Problem) int { return p.Line - q.Line })
	return all
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

// checkCookieSecret resolves the path, and reads the file once to see whether a start could.
func (c *checker) checkCookieSecret(path *string) {
	if *path == "" {
		return
	}
	*path = c.config.resolve(*path)
	keys := diag.At("dns", "cookie_secret_file")
	if err := geodns.CheckCookieSecret(*path); err != nil {
		c.wrong(keys, "%s: %s", *path, diag.Reason(err))
	} else if info, err := os.Stat(*path); err == nil && info.Mode()&0o004 != 0 {
		c.note(keys, "%s: everybody on this machine can read it (chmod o= %[1]s)", *path)
	}
}

// watch adds a folder to those to be watched.
func (c *checker) watch(folder string) {
	if !slices.Contains(c.config.folders, folder) {
		c.config.folders = append(c.config.folders, folder)
	}
}
