package pop

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// zonePart is a zone.
type zonePart struct {
	file config.ZoneFile
	apex []byte // in wire form; nil: not even the zone's name could be made out
	*part[zoneSettings, *zones.Zone]
}

// zoneSettings are what decides a zone beside its files.
type zoneSettings struct {
	maps     []string       // names of those that it may use
	from     []string       // folders beside its own from which it may include files
	keys     string         // the folder with the keys of all zones
	families zones.Families // which addresses the maps have
}

// readZones reads what has changed of the zones that the configuration names.
func (g *Generation) readZones(last *Generation, o Options) {
	g.files, g.zones = g.Config.Zones, map[config.ZoneFile]*zonePart{}
	for _, file := range g.files {
		g.zones[file] = nil
	}
	settings := g.settings()
	var changed []config.ZoneFile
	for _, file := range g.files {
		z := last.zones[file]
		// One that could not be read is always tried again: what was wrong may have been a permission, which no time tells of.
		if o.Again || z == nil || z.kept || z.Value == nil || z.isDue(time.Now()) || !z.madeOf(settings) {
			changed = append(changed, file)
		} else {
			g.zones[file] = z
		}
	}
	g.readChanged(changed, settings, last, o)
	g.keepLost(last, o.Again)
	g.settle(last)
	g.keepMaps(last)
}

const servfail = "the zone's names get SERVFAIL"

func (g *Generation) readZone(file config.ZoneFile, settings zoneSettings, published bool, last *Generation) *zonePart {
	var loaded zones.Loaded
	loader := settings.loader(g.signatures)
	if served := last.zones[file]; served != nil && served.Value != nil && !published {
		changed := served.kept || !served.Files.Unchanged()
		loaded = loader.LoadNext(file.Path, file.Origin, served.Value, changed)
	} else {
		loaded = loader.Load(file.Path, file.Origin)
	}
	for i, p := range loaded.Problems {
		if p.File == file.Path && p.Line == 0 {
			loaded.Problems[i] = g.Config.ZoneProblem(file, p.Text)
		}
	}
	z := &zonePart{file: file, apex: loaded.Apex}
	e := effects{kept: "the zone stays as it was", none: servfail}
	if z.apex == nil {
		e.none = "nobody knows which zone this is, and it is not served"
	}
	z.part = take(settings, loaded.Loaded, g.before(file, loaded.Apex, last), e)
	if z.kept {
		z.apex = z.Value.Apex // whatever the broken file says its name is: the zone that it was shall stay
	}
	return z
}

// before is what there was of a file's zone, or of one with that name whose file is no longer there: it may have moved.
func (g *Generation) before(file config.ZoneFile, apex []byte, last *Generation) *part[zoneSettings, *zones.Zone] {
	if z := last.zones[file]; z != nil && z.Value != nil {
		return z.part
	}
	for _, z := range last.answered {
		if _, there := g.zones[z.file]; !there && apex != nil && z.Value != nil && string(z.apex) == string(apex) {
			return z.part
		}
	}
	return nil
}

// settle settles which file answers for each zone, where several do: the one that did, if it is any good, else the first that is.
func (g *Generation) settle(last *Generation) {
	did := map[config.ZoneFile]bool{}
	for _, z := range last.answered {
		did[z.file] = true
	}
	rank := func(z *zonePart) int {
		switch {
		case z.Value == nil:
			return 0
		case did[z.file]:
			return 3
		case z.kept:
			return 1
		}
		return 2
	}
	g.beside = map[config.ZoneFile]*zonePart{}
	places := map[string]int{} // by apex, in answered
	for _, file := range g.files {
		z := g.zones[file]
		if z.apex == nil {
			continue
		}
		i, twice := places[string(z.apex)]
		if !twice {
			places[string(z.apex)] = len(g.answered)
			g.answered = append(g.answered, z)
		} else if rank(z) > rank(g.answered[i]) {
			g.answered[i] = z
		}
	}
	for n, file := range g.files {
		z := g.zones[file]
		if i, ok := places[string(z.apex)]; ok && g.answered[i] != z {
			g.beside[file] = g.answered[i]
			g.named = append(g.named, z.findingsBeside(g.answered[i])...)
		} else if n < len(g.Config.Zones) { // of those that are lost the pattern tells
			g.named = append(g.named, z.findings()...)
		}
	}
}

// findingsBeside are what there is to report of a file whose zone another one answers.
func (z *zonePart) findingsBeside(other *zonePart) []Finding {
	p := diag.Problem{File: z.file.Path, Line: 1, Text: fmt.Sprintf("zone %s is in %s already", zones.NameText(z.apex), other.file.Path)}
	effect := other.file.Path + " answers"
	if other.Value == nil {
		effect = servfail
	}
	return append(findings(slog.LevelError, append(slices.Clip(z.Problems), p), effect), findings(slog.LevelWarn, z.Notes, "")...)
}

// publish makes the store answer by g, where it has answered by last; nil: by nothing.
func (g *Generation) publish(store *zones.Store, last *Generation) error {
	return store.Update(func(d *zones.Draft) error {
		if last == nil || !slices.Equal(g.allMaps(), last.allMaps()) {
			d.SetMaps(g.allMaps())
		}
		d.Keep(func([]byte) bool { return false })
		for _, z := range g.answered {
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
	for _, file := range g.files {
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
	same := func(a, b *zonePart) bool { return string(a.apex) == string(b.apex) && a.Value == b.Value }
	return g.maps.Value != last.maps.Value || !slices.EqualFunc(g.answered, last.answered, same)
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
	for _, z := range g.answered {
		if z.Value != nil {
			n += z.Value.Records
		}
	}
	return n
}

// status says in a line what is served.
func (g *Generation) status() string {
	all, bad, kept := 0, 0, 0
	for _, z := range g.answered {
		all++
		if z.Value == nil {
			bad++
		}
		if z.kept {
			kept++
		}
	}
	s := Count(all, "zone") + ", " + Count(g.Records(), "record")
	if bad > 0 {
		s += fmt.Sprintf("; %d of the zones could not be loaded", bad)
	}
	if kept > 0 {
		s += fmt.Sprintf("; %d of the zones as they were before", kept)
	}
	return s
}
