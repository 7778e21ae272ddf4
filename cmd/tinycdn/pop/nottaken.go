package pop

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"tinycdn/zones/diag"
)

// notTaken are a line for each file that has changed since last and of which nothing came, where what keeps it is among what
// was reported already: so that who edits a file sees it, however long ago the mistake was told.
func notTaken(g, last *Generation, reported []Finding) []Finding {
	t := &untaken{known: map[string]bool{}, told: map[string]bool{}}
	for _, f := range reported {
		t.known[f.key()] = true
	}
	if g.refused != nil && last.refused != nil {
		t.tell(last.waiting, g.waiting, g.mistakes[0], g.because)
	}
	if g.maps.part != last.maps.part {
		tellPart(t, g.maps.part, last.maps.part)
	}
	for _, file := range g.files {
		z, before := g.zones[file], last.zones[file]
		if before == nil || z.part == before.part {
			continue
		}
		tellPart(t, z.part, before.part)
		if other := g.beside[file]; other != nil {
			twice := z.findingsBeside(other)[len(z.Problems)]
			t.tell(before.Files, z.Files, twice, other.file.Path+", which has that zone")
		}
	}
	for site := range g.siteParts {
		if before := last.sites[site.in.PartID]; before != nil && site != before {
			tellPart(t, site, before)
		}
	}
	if g.certs != last.certs {
		tellPart(t, g.toldCerts(), last.certs)
	}
	return bounded(t.list, "files have changed, and are not taken over")
}

// untaken collects the lines.
type untaken struct {
	known map[string]bool // what was reported
	told  map[string]bool
	list  []Finding
}

// tellPart tells what has changed of a part with mistakes, and nothing came of it: if it stays as it was, all, else the files that
// the mistakes are in.
func tellPart[In any, V comparable](t *untaken, p, before *part[In, V]) {
	var none V
	all := p.kept || p.Value == none
	for i, f := range findings(slog.LevelError, p.Problems, p.effect) {
		problem := p.Problems[i]
		is := p.Files
		if !all {
			is = diag.Files{}
			if info, ok := p.Files[problem.File]; ok {
				is[problem.File] = info
			}
		}
		t.tell(before.Files, is, f, where(problem))
	}
}

// tell tells what is other than it was of files, because of what was reported before: what is told anew says enough itself.
func (t *untaken) tell(was, is diag.Files, reported Finding, because string) {
	if !t.known[reported.key()] {
		return
	}
	for _, path := range slices.Sorted(maps.Keys(is)) {
		before, looked := was[path]
		if changed := !looked || !diag.SameFile(before, is[path]); changed && !t.told[path] {
			t.told[path] = true
			t.list = append(t.list, Finding{Level: slog.LevelWarn, Text: fmt.Sprintf("%s has changed, and is not taken over because of %s", path, because)})
		}
	}
}

// where is the place of a problem, or all of it if that is no line.
func where(p diag.Problem) string {
	if p.Line == 0 {
		return p.String()
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// bounded is as much of a list as one can read, and how much more there is.
func bounded(list []Finding, what string) []Finding {
	if more := len(list) - mostLines; more > 0 {
		return append(list[:mostLines:mostLines], Finding{Level: list[0].Level, Text: fmt.Sprintf("and %d more %s", more, what)})
	}
	return list
}
