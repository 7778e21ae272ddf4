package main

import (
	"errors"
	"fmt"
	"slices"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones"
	"tinycdn/zones/diag"
)

// loader reads the configuration and all it names. It remembers what it read, so that next time only what was
// touched is read and compiled again.
type loader struct {
	path string // of the configuration
	last state  // that was adopted
}

// state is the configuration and all it names, as one walk through the files found them.
type state struct {
	config *config.Config
	geo    geoState
	newGeo bool // geo is not the last one's
	zones  map[config.ZoneFile]*zoneState

	wrong      []diag.Problem // in the configuration: it stops a start, and a reload
	wrongGeo   []diag.Problem // in the databases: the last maps stay
	wrongZones []zoneProblem  // each costs its zone alone
}

// zoneProblem is a mistake in a zone, and what it does to the zone.
type zoneProblem struct {
	diag.Problem
	effect string
}

// zoneState is a zone's file and what came of it.
type zoneState struct {
	mapNames []string
	answers  bool // this or an earlier state of it
	zones.Loaded
}

// problems are all that were found, the first to mend first.
func (s *state) problems() []diag.Problem {
	all := slices.Concat(s.wrong, s.wrongGeo)
	for _, p := range s.wrongZones {
		all = append(all, p.Problem)
	}
	return all
}

// read walks through everything that the configuration names. With again, zones are read even if their files
// are as they were. It changes nothing: adopt does.
func (l *loader) read(again bool) *state {
	next := &state{zones: map[config.ZoneFile]*zoneState{}}
	next.config, next.wrong = config.Load(l.path)
	if len(next.wrong) == 0 {
		next.geo, next.newGeo = l.last.geo.next(next.config)
	} else {
		next.geo.err = tryDatabases(next.config) // nothing will come of this state, but all mistakes are told at once
	}
	if next.geo.err != nil {
		next.wrongGeo = slices.DeleteFunc(geoProblems(next.config, next.geo.err), func(p diag.Problem) bool {
			return slices.ContainsFunc(next.wrong, func(told diag.Problem) bool { return told.Line == p.Line })
		})
	}
	mapNames := next.mapNames()
	files := map[string]config.ZoneFile{} // by apex
	for _, file := range next.config.Zones {
		z := l.last.zones[file]
		if again || !z.current(mapNames) {
			z = readZone(file, mapNames, z)
		}
		next.zones[file] = z
		for _, p := range z.Problems {
			next.wrongZones = append(next.wrongZones, zoneProblem{p, z.effect()})
		}
		if z.Apex == nil {
			continue
		}
		if first, twice := files[string(z.Apex)]; twice {
			p := diag.Problem{File: file.Path, Line: 1, Text: fmt.Sprintf("zone %s is in %s already", zones.NameText(z.Apex), first.Path)}
			next.wrongZones = append(next.wrongZones, zoneProblem{p, "that one answers"})
			continue
		}
		files[string(z.Apex)] = file
	}
	return next
}

// mapNames are the maps that zones can use: those of the configuration, or where they cannot be made the ones that stay.
func (s *state) mapNames() (names []string) {
	if len(s.wrong) == 0 && s.geo.err != nil && s.geo.maps != nil {
		for _, m := range s.geo.maps {
			names = append(names, m.Name)
		}
		return names
	}
	for i := range s.config.Maps {
		names = append(names, s.config.Maps[i].Name)
	}
	return names
}

// current says whether the zone need not be read again. One that could not be read is always tried again: what
// was wrong may have been a permission, which no time tells of.
func (z *zoneState) current(mapNames []string) bool {
	return z != nil && z.Value != nil && slices.Equal(z.mapNames, mapNames) && z.Files.Unchanged()
}

func readZone(file config.ZoneFile, mapNames []string, last *zoneState) *zoneState {
	z := &zoneState{mapNames: mapNames, Loaded: zones.Load(file.Path, file.Origin, mapNames)}
	z.answers = z.Value != nil
	if z.Value == nil && last != nil && last.answers {
		z.answers = true
		z.Apex = last.Apex // whatever the broken file says its name is: the zone that it was shall stay
	}
	return z
}

// effect says what mistakes in the zone's file do.
func (z *zoneState) effect() string {
	if z.answers {
		return "the zone stays as it was"
	}
	return "the zone's names get SERVFAIL"
}

// adopt publishes what was read, and remembers it. A bad zone leaves the one that answered in its place.
func (l *loader) adopt(next *state, store *zones.Store) error {
	if len(next.wrong) > 0 {
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
			if z.Value != nil {
				d.SetZone(z.Value)
			} else {
				d.Fail(z.Apex)
			}
		}
		d.Keep(func(apex []byte) bool { return wanted[string(apex)] })
		return nil
	})
	if err == nil {
		l.last = *next
	}
	return err
}

// differs says whether adopting next after last changes what is answered.
func (next *state) differs(last *state) bool {
	if next.newGeo || len(next.zones) != len(last.zones) {
		return true
	}
	for file, z := range next.zones {
		before := last.zones[file]
		if before == nil || string(before.Apex) != string(z.Apex) || z.Value != nil && z.Value != before.Value {
			return true
		}
	}
	return false
}
