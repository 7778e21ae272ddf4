package compare

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"sync"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/geoip"
	"tinycdn/zones/steer"
)

// Steering is what addresses are sent to POPs by: the maps of a configuration, and databases.
type Steering struct {
	Config    *config.Config
	Databases []string // none: the built-in table
}

// Moves are what two steerings send otherwise.
type Moves struct {
	Maps []steer.Difference `json:"maps"`           // of those that are in both
	Much []string           `json:"much,omitempty"` // the maps by which more moves than may go unasked, by [cluster] brake
	New  []string           `json:"new_maps,omitempty"`
	Gone []string           `json:"gone_maps,omitempty"`

	Audience   *Audience `json:"audience,omitempty"` // by whom it is weighed
	NoAudience string    `json:"audience_error,omitempty"`

	Databases []geoip.Info `json:"-"` // that know what moves
}

// Steerings says what moves from POP to POP, and of whom, which is asked for only if anything may move. Databases at the same paths are
// the same.
func Steerings(was, is Steering, whose func() (Audience, error)) (*Moves, error) {
	m := &Moves{Maps: []steer.Difference{}}
	names := func(maps []steer.Rules) (list []string) {
		for _, rules := range maps {
			list = append(list, rules.Name)
		}
		return list
	}
	m.New, m.Gone = without(names(is.Config.Maps), names(was.Config.Maps)), without(names(was.Config.Maps), names(is.Config.Maps))
	if was.alike(is) {
		return m, nil
	}
	asked := askAudience(whose) // while databases are read
	before, after, err := compileBoth(was, is)
	if err != nil {
		return nil, err
	}
	m.Databases = after.databases
	audience := m.take(asked())
	for _, now := range after.maps {
		if then, found := before.version(now.Name); found {
			m.Maps = append(m.Maps, steer.Diff(then, steer.Version{Map: now, Places: after.places}, steer.Space, audience))
			if steer.MovedShare(then.Map, now) > is.Config.Cluster.Brake { // as a POP sees it
				m.Much = append(m.Much, now.Name)
			}
		}
	}
	return m, nil
}

// alike says whether nothing can move: then no database is read.
func (s Steering) alike(other Steering) bool {
	samePOPs := slices.EqualFunc(s.Config.POPs, other.Config.POPs, func(a, b steer.POP) bool { return a.Name == b.Name && a.Point == b.Point })
	return samePOPs && sameFiles(s.Databases, other.Databases) && reflect.DeepEqual(s.Config.Maps, other.Config.Maps)
}

// sameFiles says whether both lists name the same files.
func sameFiles(a, b []string) bool {
	return slices.EqualFunc(a, b, func(a, b string) bool {
		one, err := os.Stat(a)
		two, wrong := os.Stat(b)
		return err == nil && wrong == nil && os.SameFile(one, two)
	})
}

// ErrNoMap is that there is no map of a name.
var ErrNoMap = errors.New("there is no such map")

func (c *compiled) version(name string) (v steer.Version, found bool) {
	i := slices.IndexFunc(c.maps, func(m *steer.Map) bool { return m.Name == name })
	if i < 0 {
		return v, false
	}
	return steer.Version{Map: c.maps[i], Places: c.places}, true
}

// compiled are the maps of a steering.
type compiled struct {
	maps      []*steer.Map
	places    *geoip.Places
	databases []geoip.Info
}

// compileBoth compiles two steerings: where they have the same databases, in one walk through these.
func compileBoth(was, is Steering) (before, after compiled, err error) {
	if sameFiles(was.Databases, is.Databases) {
		both, err := compileAll(is.Databases, was.Config, is.Config)
		if err != nil {
			return before, after, err
		}
		return both[0], both[1], nil
	}
	var other error
	var work sync.WaitGroup
	one := func(s Steering, into *compiled, err *error) {
		all, failed := compileAll(s.Databases, s.Config)
		if *err = failed; failed == nil {
			*into = all[0]
		}
	}
	work.Go(func() { one(was, &before, &other) })
	one(is, &after, &err)
	work.Wait()
	return before, after, errors.Join(other, err)
}

func compileAll(databases []string, configs ...*config.Config) ([]compiled, error) {
	dbs, err := geoip.Config{Databases: databases}.Open()
	if err != nil {
		return nil, err
	}
	defer dbs.Close()
	var sets []steer.Set
	for _, c := range configs {
		sets = append(sets, steer.Set{POPs: c.POPs, Rules: c.Maps})
	}
	maps, places, err := steer.CompileWithPlaces(dbs, sets...)
	if err != nil {
		return nil, err
	}
	all := make([]compiled, len(maps))
	for i := range maps {
		all[i] = compiled{maps[i], places, dbs.Info()}
	}
	return all, nil
}

// Replacing are the databases of a configuration with others in the place of those that know no more than these: of a folder with City
// and ASN files, another City file takes the place of the first.
func Replacing(configured, others []string) ([]string, error) {
	if len(configured) == 0 {
		return others, nil
	}
	known, err := infosOf(others)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(others)
	for _, path := range configured {
		infos, err := infosOf([]string{path})
		if err != nil {
			return nil, err
		}
		if knowsMore(infos[0], known) {
			all = append(all, path)
		}
	}
	return all, nil
}

func infosOf(paths []string) ([]geoip.Info, error) {
	dbs, err := geoip.Open(paths)
	if err != nil {
		return nil, err
	}
	defer dbs.Close()
	return dbs.Info(), nil
}

// knowsMore says whether a database knows something of a family that none of the others knows of it.
func knowsMore(one geoip.Info, others []geoip.Info) bool {
	var v4, v6 geoip.Fields
	for _, o := range others {
		if o.IPv4 {
			v4 = union(v4, o.Has)
		}
		if o.IPv6 {
			v6 = union(v6, o.Has)
		}
	}
	return one.IPv4 && union(v4, one.Has) != v4 || one.IPv6 && union(v6, one.Has) != v6
}

func union(a, b geoip.Fields) geoip.Fields {
	return geoip.Fields{Country: a.Country || b.Country, Coordinates: a.Coordinates || b.Coordinates, Region: a.Region || b.Region, ASN: a.ASN || b.ASN}
}

// without are those of a list that are not in the other.
func without(list, other []string) []string {
	return slices.DeleteFunc(list, func(name string) bool { return slices.Contains(other, name) })
}
