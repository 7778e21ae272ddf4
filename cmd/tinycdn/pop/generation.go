// Package pop is one POP at work: what it serves, how that is taken over from its files, and how the rooms of the house
// are tied together.
package pop

import (
	"log/slog"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/webserver/files"
	"tinycdn/webserver/origin"
	"tinycdn/zones"
	"tinycdn/zones/diag"
	"tinycdn/zones/sign"
	"tinycdn/zones/steer"
)

// A Generation is all that a POP serves, as one reading of its files found it. It never changes.
type Generation struct {
	Config *config.Config // that all of it was made by

	maps     *mapsPart
	zones    map[config.ZoneFile]*zonePart
	files    []config.ZoneFile             // of zones: those of the configuration, and those that are lost by accident and stay
	answered []*zonePart                   // the zones that answer or get SERVFAIL: of several with one name one
	beside   map[config.ZoneFile]*zonePart // for the others, the one that answers
	sites    map[config.PartID]*sitePart   // nil: nothing was loaded yet

	signatures *sign.Cache // of the zones that are signed here, and of those before
	certs      *certsPart

	// oldMaps are no longer in the configuration, but zones that stay as they were may still need them.
	oldMaps []*steer.Map

	refused *config.Config // the configuration as it is by now, which is no use; nil: it is Config
	because string         // where its first mistake stands
	waiting diag.Files     // that only refused names

	refusedSince time.Time // zero: the configuration is as it is by now

	asked bool // somebody said that what is gone is meant to be

	mistakes []Finding      // in the configuration's file
	named    []Finding      // of what it names, but the sites and certificates
	tried    []diag.Problem // that only making every page shows
}

// Options say for whom a Generation is loaded, and how much is read again for it.
type Options struct {
	POP         string             // its name
	Log         *slog.Logger       // for what sites have to tell while they serve; nil: the default one
	Connections origin.Connections // of all sites with an origin; nil: each has some
	Disk        *files.Disk        // of all sites with files; nil: any number are read at a time

	earlier func(folder string) []files.Earlier // what was in a site's folder and is still served; nil: nothing is

	published bool // of a cluster: the files' times are as their publisher had them, and the same at every POP, whatever that one served before

	state    string         // the folder with copies of what is nobody's business; "": there is none
	config   *config.Reader // nil: read the configuration anew
	patience *patience      // nil: what is there is taken
	progress *progress      // nil: nobody follows
	tables   *keptTables    // nil: none are kept
	cores    int            // that read zones; 0: as many as may

	Again     bool // somebody asks: read what is as it was, too, and believe that what is gone is meant to be
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
	return load(o.readConfig(path), last, o)
}

// readConfig reads the configuration at path, if it may have changed.
func (o *Options) readConfig(path string) *config.Config {
	o.progress.at("the configuration", path)
	if o.config == nil {
		return config.Load(path)
	}
	return o.config.Load(path, o.Again, o.patience.settled)
}

// load is Load, of a configuration that has been read.
func load(c *config.Config, last *Generation, o Options) *Generation {
	if last == nil {
		last = &Generation{Config: &config.Config{}}
	}
	g := &Generation{Config: c, asked: o.Again, signatures: last.signatures}
	if g.signatures == nil {
		g.signatures = new(sign.Cache)
	}
	g.judge(last, o.Again)
	for _, m := range g.Config.Outside {
		g.named = append(g.named, Finding{Level: slog.LevelError, Text: m.String(), Effect: m.Cost})
	}
	o.progress.at("the databases", "")
	g.readMaps(last, o.patience, o.tables)
	g.readZones(last, o)
	g.named = append(g.named, findings(slog.LevelWarn, g.strayNameservers(), "")...)
	g.readSites(last, o)
	return g
}

// readSites reads the sites of the configuration, and the certificates.
func (g *Generation) readSites(last *Generation, o Options) {
	sites := map[config.PartID]*sitePart{}
	for _, c := range g.Config.Parts() {
		o.progress.at("site", c.String())
		sites[c.PartID] = o.nextSite(&c, last.sites[c.PartID])
	}
	o.progress.at("the certificates", "")
	g.sites, g.certs = sites, last.certs
	if !last.certs.waits(g.Config.Web.Certs, o.patience) {
		g.certs = nextCerts(g.Config.Web.Certs, last.certs, o.Again)
	}
}

// Findings are all that is wrong or odd, in the order of the configuration.
func (g *Generation) Findings() []Finding {
	return few(slices.Concat(g.mistakes, g.named, g.notes(), g.siteFindings()))
}

// notes are what is odd in the configuration, but not wrong.
func (g *Generation) notes() []Finding { return findings(slog.LevelWarn, g.Config.Notes, "") }

// siteFindings are what there is to report of the sites and certificates.
func (g *Generation) siteFindings() (list []Finding) {
	for s := range g.siteParts {
		list = append(list, s.findings()...)
	}
	return slices.Concat(list, g.toldCerts().findings(), findings(slog.LevelError, g.tried, ""), findings(slog.LevelWarn, g.uncovered(), ""), findings(slog.LevelWarn, g.forbidden(), ""), findings(slog.LevelWarn, g.withoutCheckedPage(), ""))
}

// Err is all that is wrong, a line each; nil: nothing is.
func (g *Generation) Err() error { return errorOf(g.Findings()) }

// Mistakes are those in the configuration and its databases.
func (g *Generation) Mistakes() error {
	return errorOf(slices.Concat(g.mistakes, findings(slog.LevelError, g.maps.Problems, "")))
}

// Snapshot is what the zones and maps answer.
func (g *Generation) Snapshot() (*zones.Snapshot, error) {
	store := zones.NewStore()
	err := g.publish(store, nil)
	return store.Current(), err
}
