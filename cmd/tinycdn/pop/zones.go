package pop

import (
	"fmt"
	"iter"
	"log/slog"
	"runtime/debug"
	"slices"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// zonePart is a zone.
type zonePart struct {
	apex []byte // in wire form; nil: not even the zone's name could be made out
	*part[zoneSettings, *zones.Zone]
}

// zoneSettings are what decides a zone beside its files.
type zoneSettings struct {
	maps []string // names of those that it may use
	from []string // folders beside its own from which it may include files
}

// manyZones is so many that they are small: collecting what each leaves behind would cost more than to read them.
const manyZones = 1000

// readZones reads what has changed of the zones that the configuration names.
func (g *Generation) readZones(last *Generation, o Options) {
	if len(g.Config.Zones) > manyZones {
		defer debug.SetGCPercent(debug.SetGCPercent(100))
	}
	g.zones = map[config.ZoneFile]*zonePart{}
	settings := zoneSettings{g.mapNames(), g.Config.IncludeFrom}
	files := map[string]config.ZoneFile{} // by apex
	for _, file := range g.Config.Zones {
		z := last.zones[file]
		// One that could not be read is always tried again: what was wrong may have been a permission, which no time tells of.
		o.progress.at("zone", file.Path)
		if o.Again || z == nil || z.kept || z.Value == nil || !z.madeOf(settings) {
			z = o.patience.zone(file, settings, last)
		}
		g.zones[file] = z
		g.named = append(g.named, z.findings()...)
		if z.apex == nil {
			continue
		}
		if first, twice := files[string(z.apex)]; twice {
			p := diag.Problem{File: file.Path, Line: 1, Text: fmt.Sprintf("zone %s is in %s already", zones.NameText(z.apex), first.Path)}
			g.named = append(g.named, Finding{Level: slog.LevelError, Text: p.String(), Effect: "that one answers"})
			continue
		}
		files[string(z.apex)] = file
	}
	g.keepMaps(last)
}

func readZone(file config.ZoneFile, settings zoneSettings, last *Generation) *zonePart {
	var loaded zones.Loaded
	if served := last.zones[file]; served != nil && served.Value != nil {
		changed := served.kept || !served.Files.Unchanged()
		loaded = zones.LoadNext(file.Path, file.Origin, settings.maps, served.Value, changed, settings.from...)
	} else {
		loaded = zones.Load(file.Path, file.Origin, settings.maps, settings.from...)
	}
	z := &zonePart{apex: loaded.Apex}
	z.part = take(settings, loaded.Loaded, last.zone(file, loaded.Apex), effects{
		kept: "the zone stays as it was", none: "the zone's names get SERVFAIL",
	})
	if z.kept {
		z.apex = z.Value.Apex // whatever the broken file says its name is: the zone that it was shall stay
	}
	return z
}

// zone is what there is of a file's zone, or of one with that name: it may have been in another file.
func (g *Generation) zone(file config.ZoneFile, apex []byte) *part[zoneSettings, *zones.Zone] {
	if z := g.zones[file]; z != nil && z.Value != nil {
		return z.part
	}
	for _, z := range g.zones {
		if apex != nil && z.Value != nil && string(z.apex) == string(apex) {
			return z.part
		}
	}
	return nil
}

// answering are the zones that answer or get SERVFAIL: of several with one name the first.
func (g *Generation) answering() iter.Seq[*zonePart] {
	return func(yield func(*zonePart) bool) {
		seen := map[string]bool{}
		for _, file := range g.Config.Zones {
			if z := g.zones[file]; z.apex != nil && !seen[string(z.apex)] {
				seen[string(z.apex)] = true
				if !yield(z) {
					return
				}
			}
		}
	}
}

// publish makes the store answer by g, where it has answered by last; nil: by nothing.
func (g *Generation) publish(store *zones.Store, last *Generation) error {
	return store.Update(func(d *zones.Draft) error {
		if last == nil || !slices.Equal(g.allMaps(), last.allMaps()) {
			d.SetMaps(g.allMaps())
		}
		d.Keep(func([]byte) bool { return false })
		for z := range g.answering() {
			if z.Value != nil {
				d.SetZone(z.Value)
			} else {
				d.Fail(z.apex)
			}
		}
		return nil
	})
}

// CheckZones tries whether all zones and maps fit together. With deep it asks every zone for all that its files have, and
// tells of what is answered otherwise, a line each.
func (g *Generation) CheckZones(deep bool) error {
	snapshot, err := g.Snapshot()
	if err != nil || !deep {
		return err
	}
	var wrong []diag.Problem
	for _, file := range g.Config.Zones {
		if z := g.zones[file]; z.Value != nil {
			wrong = append(wrong, snapshot.Verify(z.Value, file.Path, file.Origin, z.Files, g.Config.IncludeFrom...)...)
		}
	}
	return errorOf(findings(slog.LevelError, wrong, ""))
}

// keepMaps keeps the maps that have gone, if there is a zone that stays as it was.
func (g *Generation) keepMaps(last *Generation) {
	for _, z := range g.zones {
		if !z.kept {
			continue
		}
		names := g.mapNames()
		for _, m := range last.allMaps() {
			if !slices.Contains(names, m.Name) {
				g.oldMaps = append(g.oldMaps, m)
			}
		}
		return
	}
}

// allMaps are those of the configuration, and those that zones still use.
func (g *Generation) allMaps() []*steer.Map {
	if g.maps == nil || g.maps.Value == nil {
		return g.oldMaps
	}
	return slices.Concat(g.maps.Value.maps, g.oldMaps)
}

// newZones says whether g answers something else than last.
func (g *Generation) newZones(last *Generation) bool {
	if g.maps.Value != last.maps.Value || len(g.zones) != len(last.zones) {
		return true
	}
	for file, z := range g.zones {
		before := last.zones[file]
		if before == nil || string(before.apex) != string(z.apex) || z.Value != before.Value {
			return true
		}
	}
	return false
}

// serialsNotRisen names the zones that changed without a higher serial number (RFC 1982).
func (g *Generation) serialsNotRisen(last *Generation) (list []string) {
	for file, z := range g.zones {
		before := last.zones[file]
		if before == nil || before.Value == nil || before.kept || z.kept || z.Value == nil || z.Value == before.Value || before.Files.Equal(z.Files) {
			continue
		}
		if int32(z.Value.Serial-before.Value.Serial) <= 0 {
			list = append(list, fmt.Sprintf("%s: zone %s has changed, but its serial number went from %d to %d", file.Path, zones.NameText(z.apex), before.Value.Serial, z.Value.Serial))
		}
	}
	return list
}

// Records counts those of all zones.
func (g *Generation) Records() (n int) {
	for z := range g.answering() {
		if z.Value != nil {
			n += z.Value.Records
		}
	}
	return n
}

// status says in a line what is served.
func (g *Generation) status() string {
	all, bad, kept := 0, 0, 0
	for z := range g.answering() {
		all++
		if z.Value == nil {
			bad++
		}
		if z.kept {
			kept++
		}
	}
	s := fmt.Sprintf("%d zones, %d records", all, g.Records())
	if bad > 0 {
		s += fmt.Sprintf("; %d of the zones could not be loaded", bad)
	}
	if kept > 0 {
		s += fmt.Sprintf("; %d of the zones as before a mistaken edit", kept)
	}
	return s
}
