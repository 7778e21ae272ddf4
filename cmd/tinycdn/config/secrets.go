package config

import (
	"path/filepath"
	"strings"
)

// secret is a file or folder that no visitor may see.
type secret struct{ what, path string }

// secrets are the files that the configuration names and the configuration itself, with its folder, in which more of the
// kind may lie.
func (c *Config) secrets() []secret {
	list := []secret{{"the configuration", c.doc.Path}}
	for _, pair := range c.Web.Certs {
		list = append(list, secret{"the key", pair.Key}, secret{"the certificate", pair.Chain})
	}
	for _, zone := range c.Zones {
		list = append(list, secret{"the zone", zone.Path})
	}
	if file := c.DNS.CookieSecretFile; file != "" {
		list = append(list, secret{"the secret of cookies", file})
	}
	if file := c.Admin.TokenFile; file != "" {
		list = append(list, secret{"the token of admins", file})
	}
	if c.ACME != nil && c.ACME.EAB.Key != "" {
		list = append(list, secret{"the key for accounts", c.ACME.EAB.Key})
	}
	if found, _ := filepath.Glob(filepath.Join(c.Keys(), "*", "K*.private")); len(found) > 0 {
		list = append(list, secret{"the keys of zones in", c.Keys()})
	}
	return append(list, c.logs()...)
}

// Keys is the folder with the keys of zones, each in one with the zone's name. It lies beside the configuration.
func (c *Config) Keys() string {
	if c.doc == nil {
		return ""
	}
	return c.resolve("keys")
}

func (c *Config) logs() (list []secret) {
	if log := c.Web.AccessLog; log != nil && log.File != "-" {
		list = append(list, secret{"the access log", log.File})
	}
	if log := c.DNS.QueryLog; log != "" && log != "-" {
		list = append(list, secret{"the query log", log})
	}
	return list
}

// Logs are the files in which visitors and queries are logged.
func (c *Config) Logs() (files []string) {
	for _, log := range c.logs() {
		files = append(files, log.path)
	}
	return files
}

// checkSecrets wants that no site serves what is nobody's business. Of a root all is served. Of pages the folder as a
// whole counts as well, although only static/ and what lies beside pages is served: without a content folder that is hard
// to tell apart, and nothing of the kind has to lie there.
func (c *checker) checkSecrets(keys []string, folder string) {
	for _, s := range c.config.secrets() {
		if Holds(folder, s.path) {
			c.wrong(keys, "%s would be served: it holds %s %s (give the site a folder of its own)", folder, s.what, s.path)
			return
		}
		if s.path == c.config.Keys() && Holds(s.path, folder) {
			c.wrong(keys, "%s would be served: it lies among the keys of zones (give the site a folder of its own)", folder)
			return
		}
	}
}

// Holds says whether a file lies in a folder or below, as both are written or where symbolic links lead, on either side.
func Holds(folder, file string) bool {
	for _, outer := range forms(folder) {
		for _, inner := range forms(file) {
			if way, err := filepath.Rel(outer, inner); err == nil && way != ".." && !strings.HasPrefix(way, ".."+string(filepath.Separator)) {
				return true
			}
		}
	}
	return false
}

// forms are the absolute path of a file, the path with the links in its folder resolved, and where it leads to itself.
func forms(path string) (list []string) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		absolute = filepath.Clean(path)
	}
	list = append(list, absolute)
	if folder, err := filepath.EvalSymlinks(filepath.Dir(absolute)); err == nil {
		list = append(list, filepath.Join(folder, filepath.Base(absolute)))
	}
	if real, err := filepath.EvalSymlinks(absolute); err == nil {
		list = append(list, real)
	}
	return list
}
