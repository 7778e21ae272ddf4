package pop

import (
	"log/slog"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones/diag"
)

// lost are the files of last that a pattern of c stood for and finds no more, if that may be an accident, with the pattern.
func lost(c *config.Config, last *Generation, asked bool) map[config.ZoneFile]int {
	there := map[string]bool{}
	for _, file := range c.Zones {
		there[file.Path] = true
	}
	found := map[config.ZoneFile]int{}
	for _, file := range last.files {
		for i := range c.Patterns {
			if !there[file.Path] && c.Patterns[i].Lost(file, asked) {
				found[file] = i
				break
			}
		}
	}
	return found
}

// keepLost keeps the zones whose files are lost, but for those that are in other files by now.
func (g *Generation) keepLost(last *Generation, asked bool) {
	elsewhere := map[string]bool{} // by apex
	for _, z := range g.zones {
		if z.Value != nil {
			elsewhere[string(z.apex)] = true
		}
	}
	files, patterns := lost(g.Config, last, asked), g.Config.Patterns
	kept := make([]int, len(patterns))
	g.files = slices.Clip(g.files)
	for _, file := range last.files {
		i, isLost := files[file]
		if z := *last.zones[file]; isLost && !elsewhere[string(z.apex)] {
			part := *z.part
			if part.kept = true; part.stale.IsZero() {
				part.stale = time.Now()
			}
			if len(part.Problems) == 0 {
				part.Problems = g.whyLost(&patterns[i])[:1]
			}
			z.part = &part
			g.zones[file] = &z
			g.files = append(g.files, file)
			kept[i]++
		}
	}
	for i := range patterns {
		g.named = append(g.named, g.patternFindings(&patterns[i], kept[i])...)
	}
}

// whyLost is what is wrong with a pattern that has lost its files: with each folder, or with it.
func (g *Generation) whyLost(p *config.Pattern) (list []diag.Problem) {
	for _, b := range p.Blocked {
		list = append(list, g.Config.Problem(p.Keys, "%s: %s", b.Folder, b.Why))
	}
	if len(list) == 0 {
		list = append(list, g.Config.Problem(p.Keys, "%q matches no file any more (if that is meant: SIGHUP)", p.Text))
	}
	return list
}

// patternFindings are what there is to report of a pattern by which as many zones were kept.
func (g *Generation) patternFindings(p *config.Pattern, kept int) []Finding {
	switch {
	case kept > 0 && (len(p.Blocked) > 0 || p.Found == 0):
		return findings(slog.LevelError, g.whyLost(p), "what was served of it stays: "+Count(kept, "zone"))
	case len(p.Blocked) > 0:
		return findings(slog.LevelError, g.whyLost(p), "no zone there is served")
	case p.Found == 0:
		return findings(slog.LevelWarn, []diag.Problem{g.Config.Problem(p.Keys, "%q matches no file", p.Text)}, "")
	}
	return nil
}
