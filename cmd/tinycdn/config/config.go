// Package config reads tinycdn.toml, and finds every mistake in it.
package config

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geodns"
	"tinycdn/geoip"
	"tinycdn/geoip/plainfile"
	"tinycdn/webserver/acme"
	"tinycdn/webserver/visits"
	"tinycdn/zones/diag"
	"tinycdn/zones/health"
	"tinycdn/zones/steer"
	"tinycdn/zones/tomlfile"
)

// Config is tinycdn.toml, checked: names are resolved, and paths lead from the working directory. The comments of what has
// a key are the manual, here and in the rooms whose settings they are. What has `restart:"true"` holds from the next start on.
type Config struct {
	// which POP this is, if neither `--pop` nor `$TINYCDN_POP` says so. Left out: the only one there is
	POP string `toml:"pop" restart:"true"`
	// the user to become once the sockets are bound, who reads all that is named here; for a start as root. Left out: stay who
	// we are
	User string `toml:"user" restart:"true"`
	// `"text"` or `"json"`, on standard error. Left out: `"text"`
	Log string `toml:"log" restart:"true"`

	// folders from which zone files may include others, beside their own folder. Left out: none
	IncludeFrom []string `toml:"include_from"`

	DNS   geodns.Config `toml:"dns"`
	GeoIP geoip.Config  `toml:"geoip"`
	Web   Web           `toml:"web"`
	Admin admin.Config  `toml:"admin"`

	Cluster Cluster `toml:"cluster"`
	// whether this POP checks the others, and leaves those that are down out of the answers of geo names: `false`, `true`, or a table of
	// what follows. Left out: `true` in a cluster, where a majority decides; else `false`
	Health health.Config `toml:"health"`

	ACME *acme.Config `toml:"acme"` // nil: no certificates are ordered

	Stats *visits.Config `toml:"stats"` // nil: nobody counts

	Zones []ZoneFile
	POPs  []steer.POP   // in the order of the file, which decides between POPs at the same distance
	Maps  []steer.Rules // likewise
	Sites []Site        // likewise

	SSH map[string]string // where POPs are reached by ssh, if that is said

	Mistakes []Mistake      // in the file; the Config is what is left of it without them
	Outside  []Mistake      // where there is not what the file names, and should be
	Notes    []diag.Problem // what is odd, but no mistake

	Patterns []Pattern // among zones
	entries  []zoneEntry
	popNames []string    // of all that are named, right or wrong
	lostPOPs []steer.POP // to which nobody is sent; where they listen is known all the same
	popWrong bool        // it is none of them
	folders  []string    // see Folders
	looked   diag.Files  // beside the file itself: what a Reader looks at
	text     []byte
	info     fs.FileInfo // of the file; nil: it was not read from one
	copied   time.Time   // see Copied
	doc      *tomlfile.Document
}

// file is tinycdn.toml as it is written: of the Config, what needs more than to be decoded.
type file struct {
	// zone files: paths, patterns (`"zones/*.toml"`), or `{ origin = "example.net", file = "db.example.net" }`. Left out: none
	Zones []*tomlfile.Node `toml:"zones"`
	Config
	POPs  []popTable    `toml:"pops"`
	Maps  []steer.Rules `toml:"maps"`
	Web   webTable      `toml:"web"`
	Sites []Site        `toml:"sites"`
}

// defaults is what holds where the file says nothing.
func defaults() file {
	f := file{Config: Config{Log: "text", DNS: geodns.Default(), Cluster: defaultCluster(), Health: health.Default(), SSH: map[string]string{}}, Web: webTable{Web: defaultWeb()}}
	f.DNS.Version = "tinycdn " + system.Version()
	return f
}

// Keys is what may be written in tinycdn.toml, for people. It is made of the comments above and those in the rooms.
//
//go:generate go test -run TestKeysAreWrittenDown -update
//go:embed keys.txt
var Keys string

// Path is the file to read: the one given by --config, else the usual ones.
func Path(given string) (string, error) {
	return PathOrCopy(given, func(string) bool { return false })
}

// PathOrCopy is Path for who can do with a copy: where none of the usual ones is there, it is the first that has one.
func PathOrCopy(given string, hasCopy func(path string) bool) (string, error) {
	if given != "" {
		return given, nil
	}
	usual := []string{"tinycdn.toml", "/etc/tinycdn/tinycdn.toml"}
	for _, path := range usual {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
	}
	if i := slices.IndexFunc(usual, hasCopy); i >= 0 {
		return usual[i], nil
	}
	return "", fmt.Errorf("neither %s nor %s is there: name the configuration with --config FILE", usual[0], usual[1])
}

// Load reads the configuration at path. One with mistakes is fit for use as far as it goes: see Mistake.
func Load(path string) *Config {
	data, info, err := plainfile.Read(path, tomlfile.MaxSize)
	if err != nil {
		return unusable(&tomlfile.Document{Path: path, Root: new(tomlfile.Node)}, diag.Problem{File: path, Text: diag.Reason(err)})
	}
	c := parse(path, data)
	c.info = info
	return c
}

// LoadCopy reads a copy of the configuration at path; nil: there is none without mistakes.
func LoadCopy(path string, read plainfile.Reader) *Config {
	data, info, err := read(path, tomlfile.MaxSize)
	if err != nil {
		return nil
	}
	c := parse(path, data)
	if len(c.Mistakes) > 0 {
		return nil
	}
	c.copied = info.ModTime()
	return c
}

// Copied is the time of the file that this is a copy of; zero: it is the file's.
func (c *Config) Copied() time.Time { return c.copied }

// File is what the file held, and what it was; nil: this is of no file that could be read and understood.
func (c *Config) File() ([]byte, fs.FileInfo) {
	if c.text == nil {
		return nil, nil
	}
	return c.text, c.info
}

func parse(path string, data []byte) *Config {
	doc, problem := tomlfile.Parse(path, data)
	if problem != nil { // nothing more can be said of it
		return unusable(doc, *problem)
	}
	c := check(doc, nil)
	if len(c.mistakes) > 0 {
		c.salvage()
	}
	c.config.text = data
	return c.config
}

// unusable is a configuration of which nothing can be used.
func unusable(doc *tomlfile.Document, problem diag.Problem) *Config {
	file := defaults()
	file.Config.doc, file.Config.Mistakes = doc, []Mistake{{problem, "nothing of it can be used"}}
	return &file.Config
}

// Same says whether two configurations are written alike.
func (c *Config) Same(other *Config) bool { return c.text != nil && bytes.Equal(c.text, other.text) }

// Path is where it was read.
func (c *Config) Path() string { return c.doc.Path }

// Problem makes a problem about the value at the keys, for what is only found later: ("geoip", "databases", "0").
func (c *Config) Problem(keys []string, format string, args ...any) diag.Problem {
	return c.doc.Problem(keys, format, args...)
}

// Folders are those in which a change may concern the configuration: its own and those of zones and databases.
func (c *Config) Folders() []string { return c.folders }

// ThisPOP settles which POP this is: by the flag, else by $TINYCDN_POP, else by the configuration, else there is but one.
func (c *Config) ThisPOP(flag string) (string, error) {
	name, source := c.POP, "pop"
	if env := os.Getenv("TINYCDN_POP"); env != "" {
		name, source = env, "$TINYCDN_POP"
	}
	if flag != "" {
		name, source = flag, "--pop"
	}
	names := c.popNames
	switch {
	case name == "" && c.popWrong && len(names) > 1: // which is told already
		return "", nil
	case name != "" && !slices.Contains(names, name):
		return "", fmt.Errorf("%s: POP %q is not defined%s", source, name, diag.DidYouMean(name, names))
	case name == "" && len(names) == 1:
		return names[0], nil
	case name == "" && len(names) > 1:
		return "", fmt.Errorf(`which POP is this? say --pop %s, TINYCDN_POP=%[1]s, or pop = "%[1]s" in the configuration`, names[0])
	}
	return name, nil
}

// resolve is the path of a file that is named in the configuration.
func (c *Config) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(c.doc.Path), path)
}
