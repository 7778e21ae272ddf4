// Package pop is one POP at work: what it serves, how that is taken over from its files, and how the rooms of the house
// are tied together.
package pop

import (
	"log/slog"
	"slices"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/webserver/origin"
	"tinycdn/zones"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// A Generation is all that a POP serves, as one reading of its files found it. It never changes.
type Generation struct {
	Config *config.Config // that all of it was made by

	maps  *mapsPart
	zones map[config.ZoneFile]*zonePart
	sites map[string]*sitePart // by name; nil: the first configuration has mistakes, and there is nothing to serve
	certs *certsPart

	// oldMaps are no longer in the configuration, but zones that stay as they were may still need them.
	oldMaps []*steer.Map

	mistakes []diag.Problem // in the configuration's file, of which nothing was taken over then
	folders  []string       // that a configuration with mistakes names
	named    []Finding      // in the configuration's file, and of the maps and zones that it names
	tried    []diag.Problem // that only making every page shows
}

// Options say for whom a Generation is loaded, and how much is read again for it.
type Options struct {
	POP         string             // its name
	Log         *slog.Logger       // for what sites have to tell while they serve; nil: the default one
	Connections origin.Connections // of all sites with an origin; nil: each has some

	config   *config.Reader // nil: read the configuration anew
	patience *patience      // nil: what is there is taken
	progress *progress      // nil: nobody follows

	Again     bool // read what is as it was, too
	OnlyFiles bool // the sites' folders may be changing: only sites are read whose settings have changed
	OnlySites bool // read nothing but sites and certificates
}

// Load reads the configuration at path, and of all that it names what has changed since last, which may be nil. What cannot
// be used stays as it is in last.
func Load(path string, last *Generation, o Options) *Generation {
	if o.OnlySites && last != nil {
		g := *last
		g.readSites(last, o)
		return &g
	}
	c, mistakes := o.readConfig(path)
	return load(c, mistakes, last, o)
}

// readConfig reads the configuration at path, if it may have changed.
func (o *Options) readConfig(path string) (*config.Config, []diag.Problem) {
	o.progress.at("the configuration", path)
	if o.config == nil {
		return config.Load(path)
	}
	return o.config.Load(path, o.Again, o.patience.settled)
}

// load is Load, of a configuration that has been read.
func load(c *config.Config, mistakes []diag.Problem, last *Generation, o Options) *Generation {
	g := &Generation{Config: c, mistakes: mistakes}
	if last == nil {
		last = &Generation{}
	}
	g.named = findings(slog.LevelError, mistakes, "everything stays as it was until this is mended")
	o.progress.at("the databases", "")
	g.readMaps(last, o.patience)
	g.readZones(last, o)
	g.named = append(g.named, findings(slog.LevelWarn, g.strayNameservers(), "")...)
	if len(mistakes) > 0 {
		// Nothing comes of it, but all mistakes are told at once.
		if last.sites == nil {
			return g
		}
		stays := *last
		stays.mistakes, stays.folders, stays.named = mistakes, c.Folders(), g.named
		if g = &stays; o.OnlyFiles {
			return g
		}
	}
	g.readSites(last, o)
	return g
}

// readSites reads the sites of the configuration, and the certificates.
func (g *Generation) readSites(last *Generation, o Options) {
	sites := map[string]*sitePart{}
	for _, c := range g.Config.Sites {
		o.progress.at("site", c.Name)
		sites[c.Name] = o.nextSite(&c, last.sites[c.Name])
	}
	o.progress.at("the certificates", "")
	g.sites, g.certs = sites, last.certs
	if !last.certs.waits(g.Config.Web.Certs, o.patience) {
		g.certs = nextCerts(g.Config.Web.Certs, last.certs, o.Again)
	}
}

// Findings are all that is wrong or odd, in the order of the configuration.
func (g *Generation) Findings() []Finding {
	return few(slices.Concat(g.named, g.notes(), g.siteFindings()))
}

// notes are what is odd in the configuration, but not wrong.
func (g *Generation) notes() []Finding { return findings(slog.LevelWarn, g.Config.Notes, "") }

// siteFindings are what there is to report of the sites and certificates.
func (g *Generation) siteFindings() (list []Finding) {
	if g.sites == nil {
		return nil
	}
	for _, c := range g.Config.Sites {
		list = append(list, g.sites[c.Name].findings()...)
	}
	return slices.Concat(list, g.certs.findings(), findings(slog.LevelError, g.tried, ""), findings(slog.LevelWarn, g.uncovered(), ""))
}

// Err is all that is wrong, a line each; nil: nothing is.
func (g *Generation) Err() error { return errorOf(g.Findings()) }

// Mistakes are those in the configuration and its databases.
func (g *Generation) Mistakes() error {
	return errorOf(findings(slog.LevelError, slices.Concat(g.mistakes, g.maps.Problems), ""))
}

// Snapshot is what the zones and maps answer.
func (g *Generation) Snapshot() (*zones.Snapshot, error) {
	store := zones.NewStore()
	err := g.publish(store, nil)
	return store.Current(), err
}
