package tallies

import (
	"errors"
	"io"
	"maps"
	"slices"

	"tinycdn/webserver/visits"
)

// Audience is who came, by country: visitors, or page views where visitors are not counted, or where there are no pages DNS queries.
type Audience struct {
	What      string // "visitors", "views" or "queries"
	Days      int
	Count     float64
	Countries map[string]float64 // by code
}

// ReadAudience reads rows as a POP, or tinycdn stats --json, tells them.
func ReadAudience(rows io.Reader) (a Audience, err error) {
	days := map[string]bool{}
	visitors, views, queries := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for r, err := range read(rows) {
		if err != nil {
			return a, err
		}
		switch r.By {
		case visits.ByCountry:
			visitors[r.Name] += float64(r.Visitors)
			views[r.Name] += float64(r.Views)
		case visits.ByQueryCountry:
			queries[r.Name] += float64(r.Views)
		default:
			continue
		}
		days[r.Day] = true
	}
	a.Days = len(days)
	for _, kind := range []struct {
		what string
		of   map[string]float64
	}{{"visitors", visitors}, {"views", views}, {"queries", queries}} {
		for _, n := range slices.Collect(maps.Values(kind.of)) {
			a.Count += n
		}
		if a.Count > 0 {
			a.What, a.Countries = kind.what, kind.of
			maps.DeleteFunc(a.Countries, func(code string, n float64) bool { return !isCountry(code) || n == 0 })
			return a, nil
		}
	}
	return a, errors.New("nobody came that was counted")
}

// isCountry tells a country's code from what stands for none.
func isCountry(code string) bool {
	return len(code) == 2 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z'
}
