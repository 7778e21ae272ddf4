package tallies

import (
	"fmt"
	"testing"

	"tinycdn/webserver/visits"
)

// TestDaysAreAddedUpOverSites, and a page has its site before it where there are several.
func TestDaysAreAddedUpOverSites(t *testing.T) {
	t.Parallel()
	var d Days
	if got := fmt.Sprint(d.Each(), d.First(visits.ByPage, 3), d.Sources()); got != "[] [] []" {
		t.Errorf("of nothing: %s", got)
	}
	rows := []visits.Row{
		{Day: "2026-11-29", Site: "a.example", By: visits.ByAll, Views: 5, Visitors: 3},
		{Day: "2026-11-29", Site: "a.example", By: visits.ByPage, Name: "/", Views: 4, Visitors: 3},
		{Day: "2026-11-29", Site: "a.example", By: visits.ByPage, Name: "/b", Views: 1, Visitors: 1},
		{Day: "2026-11-29", Site: "a.example", By: visits.ByCountry, Name: "FR", Views: 5, Visitors: 3},
		{Day: "2026-11-30", Site: "a.example", By: visits.ByAll, Views: 3, Visitors: 2},
		{Day: "2026-11-30", Site: "a.example", By: visits.ByPage, Name: "/b", Views: 3, Visitors: 2},
		{Day: "2026-11-30", Site: "a.example", By: visits.ByPage, Name: visits.Other, Views: 900, Visitors: 2},
		{Day: "2026-11-30", Site: "", By: visits.ByZone, Name: "example", Views: 77},
		{Day: "2026-11-29", By: visits.ByQueryName, Name: "www.example", Views: 32}, {Day: "2026-11-30", By: visits.ByQueryName, Name: "www.example", Views: 16},
		{Day: "2026-11-30", By: visits.ByQueryName, Name: "example", Views: 64}, {Day: "2026-11-30", By: visits.ByQueryName, Name: visits.Other, Views: 900},
		{By: visits.BySource, Name: "somebody"}, {By: visits.BySource, Name: "somebody"},
	}
	for _, r := range rows {
		d.Add(r)
	}
	if got, want := fmt.Sprint(d.Each(), d.First(visits.ByPage, 3), d.First(visits.ByCountry, 3), d.First(visits.ByQueryName, 3), d.Sources()), "[{2026-11-29 5 3} {2026-11-30 3 2}] [{/ 4 3} {/b 4 3}] [{FR 5 3}] [{example 64 0} {www.example 48 0}] [somebody]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	d.Add(visits.Row{Day: "2026-11-29", Site: "b.example", By: visits.ByAll, Views: 9, Visitors: 9})
	d.Add(visits.Row{Day: "2026-11-29", Site: "b.example", By: visits.ByPage, Name: "/", Views: 9, Visitors: 9})
	if got, want := fmt.Sprint(d.Each(), d.First(visits.ByPage, 2)), "[{2026-11-29 14 12} {2026-11-30 3 2}] [{b.example/ 9 9} {a.example/ 4 3}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
