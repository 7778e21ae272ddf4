package pop

import (
	"fmt"
	"log/slog"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones/diag"
)

// configStays says what goes on in place of a configuration that is no use.
func configStays(last *config.Config) string {
	is := "the configuration stays as it was"
	if !last.Copied().IsZero() {
		is = copyOf(last.Copied()) + " is served"
	}
	return is + " until this is mended; changes of the files that it names are taken over"
}

// judge settles by which configuration the generation is made: by the one that was read, unless that is no use and there is
// that of last to go on with. At a start there is none, and each mistake costs what it is about.
func (g *Generation) judge(last *Generation, asked bool) {
	c := g.Config
	if last.sites == nil || c.Same(last.Config) { // the one of a start is still no worse than it was
		g.mistakes = mistakesIn(c)
		return
	}
	var problems []diag.Problem
	for _, m := range c.Mistakes {
		problems = append(problems, m.Problem)
	}
	if len(problems) == 0 && !asked {
		problems = emptied(c, last)
	}
	if len(problems) == 0 {
		return
	}
	g.refused, g.Config = c, last.Config.FindZones()
	if g.refusedSince = last.refusedSince; last.refused == nil {
		g.refusedSince = time.Now()
	}
	g.mistakes = findings(slog.LevelError, problems, configStays(last.Config))
	g.because = where(problems[0])
	g.waiting = diag.Stat(onlyNamed(c, g.Config))
}

// mistakesIn are those of a configuration that is used all the same, and what each costs.
func mistakesIn(c *config.Config) (list []Finding) {
	for _, m := range c.Mistakes {
		list = append(list, findings(slog.LevelError, []diag.Problem{m.Problem}, m.Cost)...)
	}
	return list
}

// emptied says what is wrong with a configuration of which nothing is left: somebody's disk was full, or a copy has stalled.
func emptied(c *config.Config, last *Generation) []diag.Problem {
	zones, sites := len(last.files), len(last.Config.Sites)
	switch {
	case len(c.Zones) > 0 || len(lost(c, last, false)) > 0:
	case zones > 0:
		return []diag.Problem{c.Problem(diag.At("zones"), "no zone is left, and there %s (if that is meant: SIGHUP)", were(zones))}
	case sites > 0 && len(c.Sites) == 0:
		return []diag.Problem{c.Problem(diag.At("sites"), "no site is left, and there %s (if that is meant: SIGHUP)", were(sites))}
	}
	return nil
}

func were(n int) string {
	if n == 1 {
		return "was 1"
	}
	return fmt.Sprintf("were %d", n)
}

// onlyNamed are the files of which c makes a difference: itself, and what it names and the other does not.
func onlyNamed(c, other *config.Config) []string {
	list := []string{c.Path()}
	known := map[string]bool{}
	for _, zone := range other.Zones {
		known[zone.Path] = true
	}
	for _, path := range other.GeoIP.Databases {
		known[path] = true
	}
	for _, zone := range c.Zones {
		if !known[zone.Path] {
			list = append(list, zone.Path)
		}
	}
	for _, path := range c.GeoIP.Databases {
		if !known[path] {
			list = append(list, path)
		}
	}
	return list
}
