package pop

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geoip"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// mapsPart is the maps.
type mapsPart struct {
	err error // of the databases
	*part[mapSettings, *mapSet]
}

// mapSettings are what maps are made by.
type mapSettings struct {
	databases []string
	pops      []steer.POP
	rules     []steer.Rules
}

// mapSet is all maps, and of which databases they were compiled.
type mapSet struct {
	maps      []*steer.Map
	databases []geoip.Info
	countries *geoip.CountryTable // by which questions are counted

	of     diag.Files        // the databases, as they were before they were read; nil: the built-in table stood in for them
	key    [sha256.Size]byte // of what they were made by
	files  diag.Files        // the same; nil: the tables are not to be kept
	packed *geoip.Packed     // the countries; nil: the tables cannot be kept
}

// country is the number of the country that a block is in, mostly.
func (p *POP) country(b geoip.Block) uint8 {
	if g := p.served.Load(); g != nil && g.maps.Value != nil {
		return g.maps.Value.countries.Find(b)
	}
	return 0
}

// popAt gives the POP with that address, by what is served.
func (p *POP) popAt(addr netip.Addr) string {
	if g := p.served.Load(); g != nil {
		for _, pop := range g.Config.POPs {
			if slices.Contains(pop.Addresses, addr) {
				return pop.Name
			}
		}
	}
	return ""
}

// readMaps opens the databases and compiles the maps, unless all is as it was. If that fails, the maps stay; where there are
// none yet, those of the built-in table stand in for them.
func (g *Generation) readMaps(last *Generation, patience *patience, kept *keptTables) {
	c := g.Config
	in := mapSettings{c.GeoIP.Databases, c.POPs, c.Maps}
	if last.maps != nil && (last.maps.madeOf(in) || last.maps.waits(in, patience)) {
		again := *last.maps.part
		again.Problems, again.Notes = g.databaseProblems(last.maps.err), g.mapNotes(again.Value) // the lines may have moved
		g.maps = &mapsPart{last.maps.err, &again}
	} else {
		g.maps = g.compileMaps(in, last, kept)
	}
	g.named = append(g.named, g.maps.findings()...)
}

func (g *Generation) compileMaps(in mapSettings, last *Generation, kept *keptTables) *mapsPart {
	loaded := diag.Loaded[*mapSet]{Files: diag.Stat(in.databases)}
	var err error
	loaded.Value, err = kept.make(g.Config, loaded.Files, last.mapsOf(loaded.Files))
	loaded.Problems = g.databaseProblems(err)
	var before *part[mapSettings, *mapSet]
	if last.maps != nil {
		before = last.maps.part
		system.FreeMemory() // of the walk: what answers is made next, and held beside what answers now
	}
	maps := &mapsPart{err, take(in, loaded, before, effects{kept: "the maps stay as they were"})}
	if maps.Value == nil {
		maps.effect = "the built-in table stands in for the databases"
		without := *g.Config
		without.GeoIP.Databases = nil
		maps.Value, err = compile(&without, nil)
		maps.Problems = append(maps.Problems, g.databaseProblems(err)...)
	}
	maps.Notes = g.mapNotes(maps.Value)
	return maps
}

// mapNotes are what is odd about the maps, by what the databases have of which they were compiled.
func (g *Generation) mapNotes(of *mapSet) (notes []diag.Problem) {
	if of == nil {
		return nil
	}
	for _, rules := range g.Config.Maps {
		rules.Notes(g.Config.POPs, of.databases, diag.Report(func(keys []string, format string, args ...any) {
			notes = append(notes, g.Config.Problem(keys, format, args...))
		}).Below("maps", rules.Name))
	}
	return notes
}

// mapsOf are the maps of g if they were made of these databases, else none.
func (g *Generation) mapsOf(files diag.Files) *mapSet {
	if g.maps == nil || g.maps.Value == nil || g.maps.Value.of == nil || !g.maps.Value.of.Equal(files) {
		return nil
	}
	return g.maps.Value
}

// compile compiles the configuration's maps, and closes the databases again. Before are maps of the same databases, of which those stay
// that need not change: at an edit both sets are held for a moment. nil: there are none.
func compile(c *config.Config, before *mapSet) (*mapSet, error) {
	dbs, err := c.GeoIP.Open()
	if err != nil {
		return nil, err
	}
	defer dbs.Close()
	set := &mapSet{databases: dbs.Info()}
	var others []geoip.Spec
	if before == nil || before.packed == nil {
		before, others = cmp.Or(before, &mapSet{}), []geoip.Spec{geoip.Countries()}
	}
	maps, tables, err := steer.CompileWith(dbs, before.maps, c.POPs, c.Maps, others...)
	if err != nil {
		return nil, err
	}
	set.maps, set.countries, set.packed = maps, before.countries, before.packed
	if len(tables) > 0 {
		set.countries, set.packed = geoip.NewCountryTable(tables[0]), tables[0]
	}
	return set, nil
}

// databaseProblems tells an error of the databases as problems of the configuration that names them: one for each database.
func (g *Generation) databaseProblems(err error) (problems []diag.Problem) {
	if err == nil {
		return nil
	}
	errs := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		errs = joined.Unwrap()
	}
	for _, err := range errs {
		keys := diag.At("geoip", "databases")
		var of *geoip.FileError
		if errors.As(err, &of) {
			if i := slices.Index(g.Config.GeoIP.Databases, of.Path); i >= 0 {
				keys = append(keys, fmt.Sprint(i))
			}
		}
		problems = append(problems, g.Config.Problem(keys, "%v", err))
	}
	return problems
}

// mapNames are the maps that zones can use: those of the configuration, or where they cannot be made the ones that stay.
func (g *Generation) mapNames() (names []string) {
	if g.maps.kept {
		for _, m := range g.maps.Value.maps {
			names = append(names, m.Name)
		}
		return names
	}
	for _, rules := range g.Config.Maps {
		names = append(names, rules.Name)
	}
	return names
}

// Databases are those that the maps were compiled of.
func (g *Generation) Databases() []geoip.Info {
	if g.maps.Value == nil {
		return nil
	}
	return g.maps.Value.databases
}

// databaseNames says in a line which databases these are.
func databaseNames(infos []geoip.Info) string {
	var names []string
	for _, info := range infos {
		names = append(names, fmt.Sprintf("%s (%s of %s)", info.Path, info.Type, info.Built.Format(time.DateOnly)))
	}
	return strings.Join(names, "; ")
}
