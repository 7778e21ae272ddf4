package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tinycdn/zones/diag"
	"tinycdn/zones/tomlfile"
)

// ZoneFile is a file with a zone.
type ZoneFile struct {
	Path   string
	Origin string // as the configuration says; "" leaves it to the file
}

// readZones resolves zones = ["zones/*.toml", { origin = "example.net", file = "db.example.net" }].
// A file that several entries name is one zone, and { origin, file } says the most of it.
func (c *checker) readZones(entries []*tomlfile.Node) {
	found := make(map[string]int) // path to its place in Zones
	for i, entry := range entries {
		for _, zone := range c.zoneEntry(diag.At("zones", strconv.Itoa(i)), entry) {
			c.watch(filepath.Dir(zone.Path))
			place, known := found[zone.Path]
			switch zones := c.config.Zones; {
			case !known:
				found[zone.Path] = len(zones)
				c.config.Zones = append(zones, zone)
			case zones[place].Origin == "":
				zones[place].Origin = zone.Origin
			case zone.Origin != "" && zone.Origin != zones[place].Origin:
				// One file may well hold several zones that say the same, each relative to its own origin.
				c.config.Zones = append(zones, zone)
			}
		}
	}
}

// zoneEntry gives the files that an entry means.
func (c *checker) zoneEntry(keys []string, entry *tomlfile.Node) []ZoneFile {
	if pattern, ok := entry.Value.(string); ok {
		return c.zonePattern(keys, pattern)
	}
	if !entry.IsTable() {
		c.wrong(keys, `want a file, or { origin = "example.org", file = "..." }, not %s`, entry.Kind())
		return nil
	}
	for _, key := range entry.Keys {
		if key != "origin" && key != "file" {
			c.wrong(keys, "unknown key %q%s", key, diag.DidYouMean(key, []string{"origin", "file"}))
			return nil
		}
	}
	origin, file := entry.Table["origin"], entry.Table["file"]
	if origin == nil || file == nil || origin.Text() == "" || file.Text() == "" {
		c.wrong(keys, `want { origin = "example.org", file = "..." }, both strings`)
		return nil
	}
	path := c.config.resolve(file.Text())
	if err := statFile(path); err != nil {
		c.look(path) // one that is there, its zone looks at
		c.wrong(append(keys, "file"), "%s: %v", path, err)
		return nil
	}
	name := strings.ToLower(origin.Text())
	if name != "." { // the root
		name = strings.TrimSuffix(name, ".")
	}
	return []ZoneFile{{path, name}}
}

const wildcards = "*?["

// zonePattern finds the files of "zones/*.toml". Without a wildcard there must be one.
func (c *checker) zonePattern(keys []string, pattern string) []ZoneFile {
	folder, inside := cutPattern(pattern)
	if inside == "" {
		path := c.config.resolve(pattern)
		if err := statFile(path); err != nil {
			c.look(path)
			c.wrong(keys, "%s: %v", path, err)
			return nil
		}
		return []ZoneFile{{Path: path}}
	}
	folder = c.config.resolve(folder)
	c.lookThrough(folder, inside)
	names, err := fs.Glob(os.DirFS(folder), inside)
	if err != nil {
		c.wrong(keys, "%q is not a pattern: a [ without its ]", pattern)
		return nil
	}
	slices.Sort(names)
	var zones []ZoneFile
	for _, name := range names {
		if path := filepath.Join(folder, name); !isLitter(path) {
			zones = append(zones, ZoneFile{Path: path})
		}
	}
	if len(zones) == 0 {
		c.note(keys, "%q matches no file", pattern)
	}
	return zones
}

// cutPattern divides a pattern behind the last folder before its first wildcard. Only inside of that folder may names be
// patterns: the folder of the configuration itself may well be called p[1].
func cutPattern(pattern string) (folder, inside string) {
	pattern = filepath.Clean(pattern)
	first := strings.IndexAny(pattern, wildcards)
	if first < 0 {
		return pattern, ""
	}
	slash := strings.LastIndexByte(pattern[:first], filepath.Separator)
	return pattern[:slash+1], filepath.ToSlash(pattern[slash+1:])
}

// isLitter reports whether a file is what an editor or a copying tool leaves behind or hides, and a folder is no zone either.
func isLitter(path string) bool {
	name := filepath.Base(path)
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || strings.HasPrefix(name, "#") {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// statFile says why there is no file at path.
func statFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return errors.New(diag.Reason(err))
	}
	if info.IsDir() {
		return errors.New("is a folder, not a file")
	}
	return nil
}
