// Package config reads tinycdn.toml, and finds every mistake in it.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/system"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
	"tinycdn/zones/tomlfile"
)

// Config is tinycdn.toml, checked: names are resolved, and paths lead from the working directory.
type Config struct {
	POP   string // which POP this is, unless --pop or $TINYCDN_POP says so
	User  string // to run as once the sockets are bound; "": as whoever started us
	Log   string // "text" or "json"
	Zones []ZoneFile
	DNS   DNS
	GeoIP GeoIP
	POPs  []steer.POP   // in the order of the file, which decides between POPs at the same distance
	Maps  []steer.Rules // likewise
	Web   Web
	Sites []Site

	Notes []diag.Problem // what is odd, but no mistake: a pattern that matches no file

	folders []string // see Folders
	doc     *tomlfile.Document
}

// DNS is [dns].
type DNS struct {
	Listen  []string `toml:"listen"`  // for UDP and TCP; ":53" is every local address, IPv4 and IPv6
	NSID    string   `toml:"nsid"`    // how this server is called in NSID and id.server; left out: the POP's name
	Version string   `toml:"version"` // the answer to CH TXT version.bind; "" hides it

	TCPClients    int           `toml:"tcp_clients"`     // how many TCP connections there may be; left out: 10,000
	TCPPerAddress int           `toml:"tcp_per_address"` // how many of them from one IPv4 address or IPv6 /64; left out: 250
	TCPIdle       time.Duration `toml:"tcp_idle"`        // how long a TCP client may be silent; left out: 30s
}

// GeoIP is [geoip].
type GeoIP struct {
	Databases []string `toml:"databases"` // MMDB files, the first that knows a thing wins; none: the built-in table
}

// configFile is tinycdn.toml as it is written.
type configFile struct {
	POP   string              `toml:"pop"`
	User  string              `toml:"user"`
	Log   string              `toml:"log"`
	Zones []*tomlfile.Node    `toml:"zones"`
	DNS   DNS                 `toml:"dns"`
	GeoIP GeoIP               `toml:"geoip"`
	POPs  map[string]popFile  `toml:"pops"`
	Maps  map[string]mapFile  `toml:"maps"`
	Web   webFile             `toml:"web"`
	Sites map[string]siteFile `toml:"sites"`
}

// defaults is what holds where the file says nothing.
func defaults() configFile {
	return configFile{
		Log: "text",
		DNS: DNS{Listen: []string{":53"}, Version: "tinycdn " + system.Version()},
		Web: webDefaults(),
	}
}

// Path is the file to read: the one given by --config, else the usual ones.
func Path(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	usual := []string{"tinycdn.toml", "/etc/tinycdn/tinycdn.toml"}
	for _, path := range usual {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
	}
	return "", fmt.Errorf("neither %s nor %s is there: name the configuration with --config FILE", usual[0], usual[1])
}

// Load reads the configuration at path. With any problem it is not fit for use.
func Load(path string) (*Config, []diag.Problem) {
	data, err := os.ReadFile(path)
	if err != nil {
		return &Config{}, []diag.Problem{{File: path, Text: diag.Reason(err)}}
	}
	return parse(path, data)
}

func parse(path string, data []byte) (*Config, []diag.Problem) {
	file := defaults()
	doc, problems := tomlfile.Decode(path, data, &file)
	c := &checker{
		config:  &Config{POP: file.POP, User: file.User, Log: file.Log, DNS: file.DNS, GeoIP: file.GeoIP, doc: doc},
		decoded: problems,
	}
	if !doc.Root.IsTable() {
		return c.config, problems // not TOML: nothing more can be said of it
	}
	c.checkTop()
	c.readZones(file.Zones)
	c.readPOPs(file.POPs)
	c.readMaps(file.Maps)
	c.readWeb(&file.Web)
	c.readSites(file.Sites)
	return c.config, c.all()
}

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
	names := c.popNames()
	switch {
	case name != "" && !slices.Contains(names, name):
		return "", fmt.Errorf("%s: POP %q is not defined%s", source, name, diag.DidYouMean(name, names))
	case name == "" && len(names) == 1:
		return names[0], nil
	case name == "" && len(names) > 1:
		return "", fmt.Errorf(`which POP is this? say --pop %s, TINYCDN_POP=%[1]s, or pop = "%[1]s" in the configuration`, names[0])
	}
	return name, nil
}

func (c *Config) popNames() []string {
	names := make([]string, len(c.POPs))
	for i := range c.POPs {
		names[i] = c.POPs[i].Name
	}
	return names
}

// resolve is the path of a file that is named in the configuration.
func (c *Config) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(c.doc.Path), path)
}
