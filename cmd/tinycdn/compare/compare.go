// Package compare says in words how two folders differ that POPs could serve: by their settings, by the records of their zones, and by who is
// sent where.
package compare

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones"
)

// Folder is one of the two.
type Folder struct {
	Config *config.Config
	Top    string // the folder from which its files are named
}

// Difference is what another folder has otherwise.
type Difference struct {
	Settings []config.Setting `json:"settings"`
	Zones    []Zone           `json:"zones"` // by file
}

// Zone is one of which a file differs.
type Zone struct {
	File string `json:"file"` // below the top: where it is, or was
	zones.Difference
	Error string `json:"error,omitempty"` // why its records cannot be compared
}

// most is how many changes of a zone are kept.
const most = 1000

// Folders compares. Changed are the files that differ, by their names below the top; all others are taken to be alike. Zones are read
// one after the other until the context ends, and two of them are in memory at once, or all that are in one folder alone.
func Folders(ctx context.Context, was, is Folder, changed []string) *Difference {
	d := &Difference{Settings: config.Diff(was.Config, is.Config), Zones: []Zone{}}
	c := &comparison{ctx: ctx, was: was, is: is, changed: map[string]bool{}, found: d}
	for _, path := range changed {
		c.changed[path] = true
	}
	c.zones()
	slices.SortStableFunc(d.Zones, func(a, b Zone) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Zone, b.Zone)) })
	return d
}

// comparison is that of two folders.
type comparison struct {
	ctx     context.Context
	was, is Folder
	changed map[string]bool
	found   *Difference
}

// side is a zone in one of the folders.
type side struct {
	file    config.ZoneFile
	records *zones.Records
}

// zones compares those that may differ: whose file does, or, if another file does that zones may include, all.
func (c *comparison) zones() {
	before, after := c.was.zones(), c.is.zones()
	included := c.includedChanged(before, after)
	var gone, came []side
	for name, file := range before {
		next, stays := after[name]
		switch {
		case !stays:
			c.read(c.was, &gone, file)
		case included || c.changed[name.Path]:
			var pair []side
			if c.read(c.was, &pair, file) && c.read(c.is, &pair, next) {
				c.pair(pair[0], pair[1], &gone, &came)
			}
		}
	}
	for name, file := range after {
		if _, was := before[name]; !was {
			c.read(c.is, &came, file)
		}
	}
	c.moved(gone, came)
}

// pair compares what a file holds with what it held.
func (c *comparison) pair(was, is side, gone, came *[]side) {
	if string(was.records.Apex) != string(is.records.Apex) {
		*gone, *came = append(*gone, was), append(*came, is)
		return
	}
	d := zones.Diff(was.records, is.records, most)
	if name := c.is.name(is.file.Path); c.changed[name] || len(d.Changes) > 0 {
		c.found.Zones = append(c.found.Zones, Zone{File: name, Difference: d})
	}
}

// moved compares what is in another file than before, and tells of zones that are new or no longer there.
func (c *comparison) moved(gone, came []side) {
	for _, is := range came {
		var was side
		i := slices.IndexFunc(gone, func(s side) bool { return string(s.records.Apex) == string(is.records.Apex) })
		if i >= 0 {
			was = gone[i]
			gone = slices.Delete(gone, i, i+1)
		}
		c.found.Zones = append(c.found.Zones, Zone{File: c.is.name(is.file.Path), Difference: zones.Diff(was.records, is.records, most)})
	}
	for _, was := range gone {
		c.found.Zones = append(c.found.Zones, Zone{File: c.was.name(was.file.Path), Difference: zones.Diff(was.records, nil, most)})
	}
}

// read reads a zone of a folder, or tells why that cannot be.
func (c *comparison) read(f Folder, into *[]side, file config.ZoneFile) bool {
	records, err := zones.ReadRecords(c.ctx, file.Path, file.Origin, f.Config.IncludeFrom...)
	if err != nil {
		c.found.Zones = append(c.found.Zones, Zone{File: f.name(file.Path), Difference: zones.Difference{Changes: []zones.Change{}}, Error: err.Error()})
		return false
	}
	*into = append(*into, side{file, records})
	return true
}

// includedChanged says whether a file differs that is neither a zone nor the configuration.
func (c *comparison) includedChanged(before, after map[config.ZoneFile]config.ZoneFile) bool {
	known := map[string]bool{c.was.name(c.was.Config.Path()): true, c.is.name(c.is.Config.Path()): true}
	for _, side := range []map[config.ZoneFile]config.ZoneFile{before, after} {
		for name := range side {
			known[name.Path] = true
		}
	}
	for path := range c.changed {
		if !known[path] {
			return true
		}
	}
	return false
}

// zones are those of a folder, by what they are called in either.
func (f *Folder) zones() map[config.ZoneFile]config.ZoneFile {
	all := map[config.ZoneFile]config.ZoneFile{}
	for _, file := range f.Config.Zones {
		all[config.ZoneFile{Path: f.name(file.Path), Origin: file.Origin}] = file
	}
	return all
}

// name is that of a file below the top.
func (f *Folder) name(path string) string {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if name, err := filepath.Rel(f.Top, absolute); err == nil {
		return filepath.ToSlash(name)
	}
	return path
}

// Databases are those of the configuration, by their names below the top.
func (f *Folder) Databases() (names []string) {
	for _, path := range f.Config.GeoIP.Databases {
		names = append(names, f.name(path))
	}
	return names
}

// IsDatabase says of a name below the top whether it is a database.
func (f *Folder) IsDatabase(name string) bool { return slices.Contains(f.Databases(), name) }

// Alone are the files of a folder that are neither a site's nor a database: those that Folders compares.
func (f *Folder) Alone(names []string) (list []string) {
	return slices.DeleteFunc(slices.Clone(names), f.isOther())
}

// isOther says of a name whether it is a file of a site, a database or one of a certificate.
func (f *Folder) isOther() func(name string) bool {
	var folders []string
	for _, part := range f.Config.Parts() {
		for _, folder := range []string{part.Pages, part.Root} {
			if folder != "" {
				folders = append(folders, f.name(folder))
			}
		}
	}
	files := map[string]bool{}
	for _, name := range f.Databases() {
		files[name] = true
	}
	for _, pair := range f.Config.Web.Certs {
		files[f.name(pair.Chain)], files[f.name(pair.Key)] = true, true
	}
	if f.Config.ACME != nil {
		for _, path := range f.Config.ACME.Files() {
			files[f.name(path)] = true
		}
	}
	return func(name string) bool {
		for dir := name; dir != "." && dir != "/"; dir = filepath.Dir(dir) {
			if slices.Contains(folders, dir) {
				return true
			}
		}
		return files[name]
	}
}
