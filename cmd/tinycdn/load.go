package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/steer"
)

// loader reads the configuration and all it names, and remembers what it read, so that next time only what was
// touched is read and compiled again.
type loader struct {
	path   string // of the configuration
	config *Config
	geo    geo
	zones  map[ZoneFile]*zoneState
}

// geo is the databases and the maps compiled of them.
type geo struct {
	databases []string
	pops      []steer.POP
	rules     []steer.Rules
	stamps    stamps

	maps  []*steer.Map
	infos []geoip.Info
	err   error // why there are no maps
}

// zoneState is a zone's file and what came of it.
type zoneState struct {
	stamps   stamps
	mapNames []string
	zones.Loaded
}

// loading is one walk through everything.
type loading struct {
	config   *Config
	geo      geo
	zones    map[ZoneFile]*zoneState
	problems []zones.Problem // in the configuration or the databases: they stop a start, and a reload
	bad      []zones.Problem // in zones: each costs that zone alone
	newGeo   bool
}

// tell gives all that is wrong in one text, to know whether it was told already.
func (l *loading) tell() string { return fmt.Sprint(l.problems, l.bad) }

// read walks through everything that the configuration names. With again, zones are read even if their files
// are as they were. It changes nothing: adopt does.
func (l *loader) read(again bool) *loading {
	next := &loading{zones: map[ZoneFile]*zoneState{}}
	next.config, next.problems = LoadConfig(l.path)
	if len(next.problems) > 0 {
		return next
	}
	next.geo, next.newGeo = l.readGeo(next.config)
	if next.geo.err != nil {
		next.problems = geoProblems(next.config, next.geo.err)
	}
	var mapNames []string
	for i := range next.config.Maps {
		mapNames = append(mapNames, next.config.Maps[i].Name)
	}
	seen := map[string]ZoneFile{}
	for _, file := range next.config.Zones {
		z := l.zones[file]
		if z == nil || again || !slices.Equal(z.mapNames, mapNames) || !z.stamps.current() {
			z = readZone(file, mapNames, z)
		}
		next.zones[file] = z
		next.bad = append(next.bad, z.Problems...)
		if z.Apex == nil {
			continue
		}
		if first, twice := seen[string(z.Apex)]; twice {
			next.bad = append(next.bad, zones.Problem{File: file.Path, Line: 1, Text: fmt.Sprintf("zone %s is in %s already", zones.NameText(z.Apex), first.Path)})
			continue
		}
		seen[string(z.Apex)] = file
	}
	return next
}

// readZone reads a zone's file.
func readZone(file ZoneFile, mapNames []string, last *zoneState) *zoneState {
	z := &zoneState{mapNames: mapNames, Loaded: zones.Load(file.Path, file.Origin, mapNames)}
	z.stamps = z.Files
	if z.Apex == nil && last != nil {
		z.Apex = last.Apex // so that the zone it was stays
	}
	return z
}

// readGeo opens the databases and compiles the maps, unless all is as it was.
func (l *loader) readGeo(c *Config) (g geo, isNew bool) {
	old := &l.geo
	if old.stamps != nil && slices.Equal(old.databases, c.GeoIP.Databases) && reflect.DeepEqual(old.pops, c.POPs) &&
		reflect.DeepEqual(old.rules, c.Maps) && old.stamps.current() {
		return *old, false
	}
	g = geo{databases: c.GeoIP.Databases, pops: c.POPs, rules: c.Maps, stamps: stampsOf(c.GeoIP.Databases)}
	g.maps, g.infos, g.err = compileMaps(c)
	return g, true
}

// compileMaps compiles the configuration's maps, and closes the databases again.
func compileMaps(c *Config) ([]*steer.Map, []geoip.Info, error) {
	dbs, err := openDatabases(c)
	if err != nil {
		return nil, nil, err
	}
	defer dbs.Close()
	compiled, err := steer.Compile(dbs, c.POPs, c.Maps)
	return compiled, dbs.Info(), err
}

func openDatabases(c *Config) (*geoip.Databases, error) {
	if len(c.GeoIP.Databases) == 0 {
		return geoip.BuiltIn()
	}
	return geoip.Open(c.GeoIP.Databases)
}

// geoProblems tells an error of the databases as problems of the configuration that names them: one for each database.
func geoProblems(c *Config, err error) (problems []zones.Problem) {
	errs := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		errs = joined.Unwrap()
	}
	for _, err := range errs {
		keys := []string{"geoip", "databases"}
		for i, path := range c.GeoIP.Databases {
			if strings.HasPrefix(err.Error(), path+":") {
				keys = append(keys, fmt.Sprint(i))
				break
			}
		}
		problems = append(problems, c.Problem(keys, "%v", err))
	}
	return problems
}

// adopt publishes what was read, and remembers it. A bad zone leaves the one that answered in its place.
func (l *loader) adopt(next *loading, store *zones.Store) error {
	if len(next.problems) > 0 {
		return errors.New("there are mistakes in the configuration")
	}
	err := store.Update(func(d *zones.Draft) error {
		if next.newGeo {
			d.SetMaps(next.geo.maps)
		}
		wanted := map[string]bool{}
		for _, file := range next.config.Zones {
			z := next.zones[file]
			if z.Apex == nil || wanted[string(z.Apex)] {
				continue
			}
			wanted[string(z.Apex)] = true
			if z.Zone != nil {
				d.SetZone(z.Zone)
			} else {
				d.Fail(z.Apex)
			}
		}
		d.Keep(func(apex []byte) bool { return wanted[string(apex)] })
		return nil
	})
	if err == nil {
		l.config, l.geo, l.zones = next.config, next.geo, next.zones
	}
	return err
}
