package config

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tinycdn/zones"
	"tinycdn/zones/diag"
	"tinycdn/zones/tomlfile"
)

// ZoneFile is a file with a zone.
type ZoneFile struct {
	Path   string
	Origin string // as the configuration says; "" leaves it to the file
}

// zoneEntry is one of zones = ["zones/*.toml", { origin = "example.net", file = "db.example.net" }].
type zoneEntry struct {
	keys    []string
	file    ZoneFile
	pattern *Pattern // nil: it is one file
}

// readZones reads which files there should be, and finds those there are.
func (c *checker) readZones(entries []*tomlfile.Node) {
	for i, node := range entries {
		if entry, ok := c.zoneEntry(diag.At("zones", strconv.Itoa(i)), node); ok {
			c.config.entries = append(c.config.entries, entry)
		}
	}
	c.config.findZones()
}

// zoneEntry reads an entry.
func (c *checker) zoneEntry(keys []string, node *tomlfile.Node) (entry zoneEntry, ok bool) {
	entry.keys = keys
	if path, ok := node.Value.(string); ok {
		if folder, inside := cutPattern(path); inside != "" {
			entry.pattern = &Pattern{Keys: keys, Text: path, folder: c.config.resolve(folder), inside: inside}
			if !entry.pattern.valid() {
				c.wrong(keys, "%q is not a pattern: a [ without its ]", path)
				return entry, false
			}
		}
		entry.file.Path = c.config.resolve(path)
		return entry, true
	}
	if !node.IsTable() {
		c.wrong(keys, `want a file, or { origin = "example.org", file = "..." }, not %s`, node.Kind())
		return entry, false
	}
	for _, key := range node.Keys {
		if key != "origin" && key != "file" {
			c.wrong(keys, "unknown key %q%s", key, diag.DidYouMean(key, []string{"origin", "file"}))
			return entry, false
		}
	}
	origin, file := node.Table["origin"], node.Table["file"]
	if origin == nil || file == nil || origin.Text() == "" || file.Text() == "" {
		c.wrong(keys, `want { origin = "example.org", file = "..." }, both strings`)
		return entry, false
	}
	if err := zones.CheckName(origin.Text()); err != nil {
		c.wrong(append(keys, "origin"), "%v", err)
		return entry, false
	}
	name := strings.ToLower(origin.Text())
	if name != "." { // the root
		name = strings.TrimSuffix(name, ".")
	}
	entry.keys, entry.file = append(keys, "file"), ZoneFile{c.config.resolve(file.Text()), name}
	return entry, true
}

// FindZones is the configuration with the zone files that there are by now.
func (c *Config) FindZones() *Config {
	now := *c
	now.Zones, now.Patterns, now.folders, now.looked = nil, nil, slices.Clone(c.folders), maps.Clone(c.looked)
	now.findZones()
	return &now
}

// findZones finds the files that the entries mean. A file that several name is one zone, and { origin, file } says the most of it.
func (c *Config) findZones() {
	places := make(map[string]int) // path to its place in Zones
	for _, entry := range c.entries {
		files := []ZoneFile{entry.file}
		if entry.pattern != nil {
			pattern := *entry.pattern
			files = pattern.find()
			c.Patterns = append(c.Patterns, pattern)
			for _, folder := range pattern.folders {
				c.look(folder)
				c.watch(folder)
			}
		}
		for _, zone := range files {
			c.watch(filepath.Dir(zone.Path))
			place, known := places[zone.Path]
			switch {
			case !known:
				places[zone.Path] = len(c.Zones)
				c.Zones = append(c.Zones, zone)
			case c.Zones[place].Origin == "":
				c.Zones[place].Origin = zone.Origin
			case zone.Origin != "" && zone.Origin != c.Zones[place].Origin:
				// One file may well hold several zones that say the same, each relative to its own origin.
				c.Zones = append(c.Zones, zone)
			}
		}
	}
}

// ZoneProblem makes a problem of a zone's file as a whole: where the configuration names it, it stands there.
func (c *Config) ZoneProblem(file ZoneFile, text string) diag.Problem {
	for _, entry := range c.entries {
		if entry.pattern == nil && entry.file == file {
			return c.Problem(entry.keys, "%s: %s", file.Path, text)
		}
	}
	return diag.Problem{File: file.Path, Text: text}
}
