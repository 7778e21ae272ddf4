package status

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/zones"
	"tinycdn/zones/health"
)

// Away are the POPs that visitors are sent away from: as most POPs that answer say, or by the last word on who is drained.
func Away(states map[string]cluster.Status, names []string) (list []zones.Down) {
	rows := map[string]cluster.Row{} // only what each says of itself
	for name, s := range states {
		rows[name] = s.Rows[name]
	}
	for _, name := range names {
		one := zones.Down{POP: name}
		if checks, out := checksOf(name, rows); 2*len(out) > len(states) {
			one.A, one.AAAA = familiesOf(name, rows)
			one.Since = time.Unix(slices.Min(slices.Collect(maps.Values(out))), 0)
			one.Why = seenBy(checks)
		}
		if d := drainOf(name, states); d != nil {
			one.Drained = true
			if one.Why == "" {
				one.Since, one.Why = d.Since(), DrainText(d)
			}
		}
		if one.A || one.AAAA || one.Drained {
			list = append(list, one)
		}
	}
	return list
}

// familiesOf are those over which somebody sees a POP down that is out: both where nobody says which, as of one that was seen long ago.
func familiesOf(name string, rows map[string]cluster.Row) (v4, v6 bool) {
	pages, dns := [2]bool{}, [2]bool{}
	looked := false // at its pages, which visitors go by
	for _, row := range rows {
		votes, err := health.ParseVotes(row.Health)
		if len(row.Health) == 0 || err != nil {
			continue
		}
		opinion := votes.Of[name]
		for check, down := range map[health.Check]*bool{health.Pages4: &pages[0], health.Pages6: &pages[1], health.DNS4: &dns[0], health.DNS6: &dns[1]} {
			vote, is := opinion[check]
			*down = *down || vote.Down
			looked = looked || is && (check == health.Pages4 || check == health.Pages6)
		}
	}
	over := dns
	if looked {
		over = pages
	}
	return over[0] || !over[1], over[1] || !over[0]
}

// seenBy says who sees a POP down, and why.
func seenBy(checks map[string]popCheck) string {
	var whys []string
	for _, by := range slices.Sorted(maps.Keys(checks)) {
		if c := checks[by]; c.Why != "" {
			whys = append(whys, fmt.Sprintf("%s: %s", by, c.Why))
		}
	}
	return strings.Join(whys, "; ")
}
