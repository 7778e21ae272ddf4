package pop

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/state"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/webserver/certs"
	"tinycdn/zones/diag"
)

// copyOf says which copy it is, by the time of what was copied.
func copyOf(then time.Time) string {
	return "the copy of " + then.UTC().Format("2006-01-02 15:04:05") + " UTC"
}

// lastGood is the configuration as it was when it was last right, and which POP starts by it; nil: there is none, or it is no
// use. A start as root lets it be who has written it: the user whom it names.
func lastGood(copies *state.Copies, s Start) (*config.Config, string) {
	if copies == nil {
		return nil, ""
	}
	var is fs.FileInfo
	c := config.LoadCopy(s.Config, func(path string, most int64) (text []byte, info fs.FileInfo, err error) {
		text, is, err = copies.Read(path, most)
		return text, is, err
	})
	if c == nil {
		return nil, ""
	}
	name, err := fit(c, s.POP)
	if err != nil {
		return nil, ""
	}
	if uid, _, err := system.UserIDs(c.User); os.Geteuid() == 0 && (err != nil || !state.IsOf(is, max(uid, 0))) {
		return nil, ""
	}
	return c, name
}

// namedBy is what a configuration names, unread.
func namedBy(c *config.Config) *Generation { return &Generation{Config: c, files: c.Zones} }

// first is what a start finds: made by the configuration that it starts by, with copies in place of what is no use, and then,
// as while it runs, by the one that is there.
func (p *POP) first(there *config.Config) *Generation {
	o := p.options()
	g := load(p.started, nil, o)
	if p.copies == nil {
		return g
	}
	if last := g.withCopies(p.copies); last != nil {
		g = load(p.started, last, o)
	}
	if there != p.started {
		g = load(there, g, o)
	}
	p.holding = g.holdShrunk(p.copies)
	return g
}

// holdShrunk has g, which nobody serves yet, go on with the copies of zones that have lost much since: a start may come in the midst
// of a copy, and the beginning of a zone file is a good zone. How long for is up to patience, as while a POP runs.
func (g *Generation) holdShrunk(copies *state.Copies) (holding bool) {
	for file, z := range g.zones {
		if z.Value == nil || z.kept || !shrunk(copies, z.Files) {
			continue
		}
		copied := g.copiedZone(copies, file)
		if copied == nil || string(copied.apex) != string(z.apex) || !lostMuch(copied.Value, copied.Value.NamesGone(z.Value)) {
			continue
		}
		copied.kept, copied.stale = true, time.Now()
		z.part, holding = copied.part, true
	}
	return holding
}

// shrunk says whether any of the files is smaller than its copy. What a zone includes no more, the file says that included it.
func shrunk(copies *state.Copies, files diag.Files) bool {
	for path, info := range files {
		if info != nil && copies.Size(path) > info.Size() {
			return true
		}
	}
	return false
}

// withCopies is g with copies of what it has nothing of: what a start goes on from. It is nil if there are none of that.
func (g *Generation) withCopies(copies *state.Copies) *Generation {
	again := *g
	again.zones, again.files = maps.Clone(g.zones), slices.Clip(g.files)
	found := false
	for file, z := range g.zones {
		if z.Value == nil {
			if copied := g.copiedZone(copies, file); copied != nil {
				again.zones[file], found = copied, true
			}
		}
	}
	for _, file := range g.lostFiles(copies) {
		if copied := g.copiedZone(copies, file); copied != nil {
			again.zones[file], found = copied, true
			again.files = append(again.files, file)
		}
	}
	if part := copiedCerts(copies, g.certs); part != nil {
		again.certs, found = part, true
	}
	if !found {
		return nil
	}
	return &again
}

// copiedZone is the copy of a zone; nil: there is none that is right.
func (g *Generation) copiedZone(copies *state.Copies, file config.ZoneFile) *zonePart {
	settings := g.settings()
	settings.from = nil
	loaded := settings.loader(g.signatures).LoadCopy(copies.Folder, file.Path, file.Origin)
	if loaded.Value == nil {
		return nil
	}
	z := &zonePart{file, loaded.Apex, take(zoneSettings{}, loaded.Loaded, nil, effects{})}
	for _, info := range loaded.Files {
		if info.ModTime().After(z.copied) {
			z.copied = info.ModTime()
		}
	}
	return z
}

// lostFiles are those with a copy that a pattern of the configuration finds no more, if that may be an accident.
func (g *Generation) lostFiles(copies *state.Copies) (list []config.ZoneFile) {
	blocked := func(p config.Pattern) bool { return p.Found == 0 || len(p.Blocked) > 0 }
	if !slices.ContainsFunc(g.Config.Patterns, blocked) {
		return nil
	}
	here, err := os.Getwd()
	var all []config.ZoneFile
	for _, path := range copies.Files() {
		all = append(all, config.ZoneFile{Path: path})
		if way, relErr := filepath.Rel(here, path); err == nil && relErr == nil { // a configuration may name it from here
			all = append(all, config.ZoneFile{Path: way})
		}
	}
	found := lost(g.Config, &Generation{files: all}, false)
	for _, file := range all {
		if _, is := found[file]; is {
			list = append(list, file)
		}
	}
	return list
}

// copiedCerts are the certificates with copies of those pairs that cannot be used, to be read again; nil: there are none of them.
func copiedCerts(copies *state.Copies, is *certsPart) *certsPart {
	var missing []certs.Pair
	for _, pair := range is.in {
		if !is.Value.Has(pair) {
			missing = append(missing, pair)
		}
	}
	copied := certs.LoadBy(copies.Read, missing, nil, time.Now())
	if copied.Value.Empty() {
		return nil
	}
	again := *is
	again.Value, again.Files = copied.Value, nil
	for _, info := range copied.Files {
		if info != nil && info.ModTime().After(again.copied) {
			again.copied = info.ModTime()
		}
	}
	return &again
}
