package pop

import (
	"fmt"
	"log/slog"
	"maps"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones"
	"tinycdn/zones/diag"
)

// patience keeps from being taken over what is half written, and, as long as files still change, what takes away much of a
// zone. It is for reloads that nobody asked for.
type patience struct {
	log  *slog.Logger
	calm func(files diag.Files, now time.Time, span time.Duration) bool
	held map[config.ZoneFile]heldZone
	next time.Time // when to look again; zero: when something changes
}

// heldZone is what a zone would become.
type heldZone struct {
	*zonePart
	since time.Time // that its files are like that
}

const (
	// settled is how long a file must have been left alone before it is read.
	settled = 300 * time.Millisecond
	// settledTogether is the same for what is made of several files, of which not all have changed: rsync may bring the
	// others a second later.
	settledTogether = 1500 * time.Millisecond
	// lookAgain is when to look again at files that still change.
	lookAgain = time.Second
	// silence is how long the files of a zone must have been left alone before it may lose more than a fifth of its names.
	silence = 10 * time.Second
)

// settled says whether files, known as they were, have been left alone for long enough to be read.
func (p *patience) settled(known diag.Files) bool {
	if p == nil {
		return true
	}
	all, now, span := diag.Files{}, time.Now(), settled
	changed := false
	for path, was := range known {
		one := diag.Stat([]string{path})
		all[path] = one[path]
		if diag.SameFile(was, one[path]) {
			span = settledTogether
		} else {
			changed = true
		}
	}
	if !changed || p.calm(all, now, span) {
		return true
	}
	p.lookAt(now.Add(max(span, lookAgain)))
	return false
}

func (p *patience) lookAt(when time.Time) {
	if p.next.IsZero() || when.Before(p.next) {
		p.next = when
	}
}

// zone reads the zone of a file for g, or leaves it as it is in last until it may be taken over.
func (p *patience) zone(g *Generation, file config.ZoneFile, settings zoneSettings, published bool, last *Generation) *zonePart {
	if p == nil {
		return g.readZone(file, settings, published, last)
	}
	before := last.zones[file]
	next := p.held[file].zonePart
	if next == nil || !next.madeOf(settings) {
		known := diag.Files{file.Path: nil}
		if before != nil && before.Files != nil {
			known = before.Files
		}
		if !p.settled(known) {
			return before.orNothingYet(file)
		}
		next = g.readZone(file, settings, published, last)
		if arrived := newIn(next.Files, known); !p.settled(arrived) || !next.Files.Unchanged() {
			p.lookAt(time.Now().Add(lookAgain))
			return before.orNothingYet(file)
		}
	}
	served := g.before(file, next.apex, last)
	if served == nil || next.kept || next.Value == nil || p.mayBecome(file, served.Value, next) {
		return next
	}
	return &zonePart{file, served.Value.Apex, served}
}

// orNothingYet is z, or a zone of which nothing is known: its file is being written for the first time.
func (z *zonePart) orNothingYet(file config.ZoneFile) *zonePart {
	if z == nil {
		return &zonePart{file: file, part: &part[zoneSettings, *zones.Zone]{}}
	}
	return z
}

// waits says whether there is a zone of which nothing is known yet.
func (g *Generation) waits() bool {
	for _, z := range g.zones {
		if z.Value == nil && z.Files == nil {
			return true
		}
	}
	return false
}

// newIn are the files that were not known, as ones that have come now.
func newIn(files, known diag.Files) diag.Files {
	arrived := diag.Files{}
	for path := range files {
		if _, is := known[path]; !is {
			arrived[path] = nil
		}
	}
	return arrived
}

// mayBecome says whether a zone that is served may become next. What takes away more than a fifth of its names may be half
// of an edit, and resolvers remember names that are missing.
func (p *patience) mayBecome(file config.ZoneFile, served *zones.Zone, next *zonePart) bool {
	gone := 0
	if served != next.Value {
		gone = served.NamesGone(next.Value)
	}
	held, is := p.held[file]
	if gone == 0 || !is && !lostMuch(served, gone) { // what has begun to come back is waited for until it is whole
		delete(p.held, file)
		return true
	}
	now := time.Now()
	what := fmt.Sprintf("%d of its %d names", gone, served.Names)
	if !is || held.zonePart != next {
		held = heldZone{next, now}
		if !is {
			p.log.Info(fmt.Sprintf("%s: zone %s would lose %s", file.Path, zones.NameText(next.apex), what),
				"effect", "it stays as it was until its files have been left alone for "+silence.String()+"; SIGHUP takes it over at once")
		}
		p.held[file] = held
	}
	if due := held.since.Add(silence); now.Before(due) {
		p.lookAt(due)
		return false
	}
	delete(p.held, file)
	p.log.Warn(fmt.Sprintf("%s: zone %s has lost %s", file.Path, zones.NameText(next.apex), what))
	return true
}

// lostMuch says whether so many names are more of a zone than an edit takes away without a second thought.
func lostMuch(served *zones.Zone, gone int) bool { return 5*gone > served.Names }

// begin begins to look for changes. What was asked for waits for nothing.
func (p *patience) begin(asked bool) {
	p.next = time.Time{}
	if asked {
		clear(p.held)
	}
}

// forget forgets zones that are no longer configured.
func (p *patience) forget(g *Generation) {
	maps.DeleteFunc(p.held, func(file config.ZoneFile, _ heldZone) bool { return g.zones[file] == nil })
}
