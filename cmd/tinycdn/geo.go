package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/geoip"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// geoState is the databases and the maps compiled of them.
type geoState struct {
	// What the maps were made of, or were to be made of:
	databases []string
	pops      []steer.POP
	rules     []steer.Rules
	stamps    diag.Files

	maps  []*steer.Map
	infos []geoip.Info
	err   error // why the maps are not made of the above, but stem from before
}

// next opens the databases and compiles the maps of c, unless all is as it was. If that fails, the maps stay.
func (g *geoState) next(c *config.Config) (next geoState, isNew bool) {
	if g.stamps != nil && slices.Equal(g.databases, c.GeoIP.Databases) && reflect.DeepEqual(g.pops, c.POPs) &&
		reflect.DeepEqual(g.rules, c.Maps) && g.stamps.Unchanged() {
		return *g, false
	}
	next = geoState{databases: c.GeoIP.Databases, pops: c.POPs, rules: c.Maps, stamps: diag.Stat(c.GeoIP.Databases)}
	next.maps, next.infos, next.err = compileMaps(c)
	if next.err != nil {
		next.maps, next.infos = g.maps, g.infos
	}
	return next, next.err == nil
}

// standIn makes the maps of the built-in table, for a start with databases that are no use.
func (g *geoState) standIn(c *config.Config) (err error) {
	without := *c
	without.GeoIP.Databases = nil
	g.maps, g.infos, err = compileMaps(&without)
	return err
}

// compileMaps compiles the configuration's maps, and closes the databases again.
func compileMaps(c *config.Config) ([]*steer.Map, []geoip.Info, error) {
	dbs, err := openDatabases(c)
	if err != nil {
		return nil, nil, err
	}
	defer dbs.Close()
	compiled, err := steer.Compile(dbs, c.POPs, c.Maps)
	return compiled, dbs.Info(), err
}

func openDatabases(c *config.Config) (*geoip.Databases, error) {
	if len(c.GeoIP.Databases) == 0 {
		return geoip.BuiltIn()
	}
	return geoip.Open(c.GeoIP.Databases)
}

// tryDatabases says what is wrong with the databases, without making anything of them.
func tryDatabases(c *config.Config) error {
	dbs, err := openDatabases(c)
	if err == nil {
		dbs.Close()
	}
	return err
}

// geoProblems tells an error of the databases as problems of the configuration that names them: one for each database.
func geoProblems(c *config.Config, err error) (problems []diag.Problem) {
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

// databaseNames says in a line which databases these are.
func databaseNames(infos []geoip.Info) string {
	var names []string
	for i := range infos {
		names = append(names, fmt.Sprintf("%s (%s of %s)", infos[i].Path, infos[i].Type, dateOf(&infos[i])))
	}
	return strings.Join(names, "; ")
}
