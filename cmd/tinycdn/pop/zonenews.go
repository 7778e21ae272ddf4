package pop

import (
	"fmt"
	"log/slog"

	"tinycdn/zones"
)

// mostLines is how many zones or files are named at once: with thousands, the rest is a number.
const mostLines = 20

// zoneNews are a line for each zone that has gone, has come or has changed between two generations.
func zoneNews(g, last *Generation) (list []Finding) {
	is, was := map[string]*zonePart{}, map[string]*zonePart{}
	for _, z := range g.answered {
		is[string(z.apex)] = z
	}
	for _, z := range last.answered {
		was[string(z.apex)] = z
		if is[string(z.apex)] == nil {
			list = append(list, Finding{Level: slog.LevelWarn, Text: fmt.Sprintf("zone %s is no longer served", zones.NameText(z.apex)), Effect: effectOfGoing(z.apex, is)})
		}
	}
	for _, z := range g.answered {
		before, name := was[string(z.apex)], zones.NameText(z.apex)
		switch {
		case z.Value == nil || before != nil && before.Value == z.Value: // and what is wrong is told
		case before == nil || before.Value == nil:
			list = append(list, Finding{Level: slog.LevelInfo, Text: fmt.Sprintf("zone %s comes: %s", name, z.Text())})
		case before.Text() != z.Text() || !before.Files.Equal(z.Files): // else it was only read again
			as := "before: " + before.Text()
			if before.Text() == z.Text() {
				as = "as before"
			}
			list = append(list, Finding{Level: slog.LevelInfo, Text: fmt.Sprintf("zone %s changes: %s (%s)", name, z.Text(), as)})
		}
	}
	return bounded(list, "zones have come, gone or changed")
}

// effectOfGoing says what becomes of the names of a zone that is not among those that are served.
func effectOfGoing(apex []byte, served map[string]*zonePart) string {
	for name := apex; name[0] != 0; {
		name = name[1+name[0]:]
		if served[string(name)] != nil {
			return "zone " + zones.NameText(name) + " answers its names"
		}
	}
	return "its names get REFUSED"
}

// Text says how much there is of a zone.
func (z *zonePart) Text() string {
	if z.Value == nil {
		return "SERVFAIL: it could not be loaded"
	}
	return fmt.Sprintf("%s, serial %d", Count(z.Value.Records, "record"), z.Value.Serial)
}

// Zones tells of each zone what there is of it.
func (g *Generation) Zones(yield func(name, text string) bool) {
	for _, z := range g.answered {
		if !yield(zones.NameText(z.apex), z.Text()) {
			return
		}
	}
}

// zoneAttrs are the first zones, for the line that says what a start has found.
func (g *Generation) zoneAttrs() (attrs []any) {
	for name, text := range g.Zones {
		if len(attrs) == 2*mostLines {
			return append(attrs, "zones.more", len(g.answered)-mostLines)
		}
		attrs = append(attrs, "zone."+name, text)
	}
	return attrs
}

// Empty is what is wrong if nothing is served, or none of the zones that there should be.
func (g *Generation) Empty() error {
	path := g.Config.Path()
	switch {
	case len(g.answered) == 0 && len(g.Config.Patterns) > 0:
		return fmt.Errorf("%s: there is no zone: no file fits any of its zones", path)
	case g.empty():
		return fmt.Errorf("%s: there is no zone and no site to serve", path)
	}
	return nil
}

// empty says whether there is nothing that anybody could ask for, right or wrong.
func (g *Generation) empty() bool { return len(g.answered) == 0 && len(g.sites) == 0 }

// good says whether there is a zone or a site to answer with.
func (g *Generation) good() bool {
	for _, z := range g.answered {
		if z.Value != nil {
			return true
		}
	}
	for _, s := range g.sites {
		if s.Value != nil {
			return true
		}
	}
	return false
}
