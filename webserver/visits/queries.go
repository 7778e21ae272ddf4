package visits

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Queries are how many DNS queries the nameserver beside the pages was asked: by zone, by the country of whom the answer was for, and by the
// name in the zone.
type Queries struct {
	Zones     map[string]uint64 `json:"zones,omitempty"`
	Countries map[string]uint64 `json:"countries,omitempty"`
	Names     map[string]uint64 `json:"names,omitempty"`
}

// mostZones are named in a day, or countries; there are fewer countries. Of names those that are asked for most stay, as there may be any
// number of them.
const mostZones, mostAsked = 1000, 1000

// countQueries counts those that came since it was called last. The lock is held.
func (c *Counter) countQueries() {
	if c.Queries == nil || c.asking && c.today == nil && !c.resting {
		return // what is asked in the first moment waits until the day has begun
	}
	before := c.queries
	c.queries, c.asking = c.Queries(), true
	if c.today == nil || c.resting {
		return
	}
	zones := grow(&c.today.Queries.Zones, before.Zones, c.queries.Zones)
	countries := grow(&c.today.Queries.Countries, before.Countries, c.queries.Countries)
	names := len(c.queries.Names) > 0
	c.today.Queries.addNames(c.queries.Names)
	if zones || countries || names {
		c.today.Number++
	}
}

// grow adds what is more now than it was before.
func grow(to *map[string]uint64, before, now map[string]uint64) (grown bool) {
	for name, n := range now {
		if n <= before[name] {
			continue
		}
		name, more := cmp.Or(name, "?"), n-before[name]
		if *to == nil {
			*to = map[string]uint64{}
		}
		if _, known := (*to)[name]; !known && len(*to) >= mostZones {
			name = Other
		}
		(*to)[name] += more
		grown = true
	}
	return grown
}

// addNames adds to names, and makes one of those that are asked for least, once there are a quarter more than mostAsked.
func (q *Queries) addNames(more map[string]uint64) {
	if q.Names == nil && len(more) > 0 {
		q.Names = map[string]uint64{}
	}
	for name, n := range more {
		q.Names[name] += n
	}
	if len(q.Names) <= mostAsked+mostAsked/4 {
		return
	}
	for _, name := range ranked(q.Names)[mostAsked:] {
		q.Names[Other] += q.Names[name]
		delete(q.Names, name)
	}
}

func (q *Queries) merge(o Queries) {
	grow(&q.Zones, nil, o.Zones)
	grow(&q.Countries, nil, o.Countries)
	q.addNames(o.Names)
}

// check says what of a file could not have been written here.
func (q *Queries) check() error {
	if len(q.Zones) > mostZones+1 || len(q.Countries) > mostZones+1 {
		return fmt.Errorf("names %d zones and %d countries of queries: %d are the most", len(q.Zones), len(q.Countries), mostZones)
	}
	if len(q.Names) > mostAsked+mostAsked/4+1 {
		return fmt.Errorf("names %d names of queries: %d are the most", len(q.Names), mostAsked+mostAsked/4)
	}
	return nil
}

// rows are those of a day, of no site.
func (q *Queries) rows(date string, top int) []Row {
	rows := append(queryRows(date, ByZone, q.Zones, top), queryRows(date, ByQueryCountry, q.Countries, top)...)
	return append(rows, queryRows(date, ByQueryName, q.Names, top)...)
}

// queryRows are the most asked first, and last the rest.
func queryRows(date, by string, of map[string]uint64, top int) (rows []Row) {
	rest := of[Other]
	for i, name := range ranked(of) {
		if i < top {
			rows = append(rows, Row{Day: date, By: by, Name: name, Views: of[name]})
		} else {
			rest += of[name]
		}
	}
	if rest > 0 {
		rows = append(rows, Row{Day: date, By: by, Name: Other, Views: rest})
	}
	return rows
}

// ranked are all but that of the rest, the most asked first.
func ranked(of map[string]uint64) []string {
	names := slices.Collect(maps.Keys(of))
	names = slices.DeleteFunc(names, func(name string) bool { return name == Other })
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(of[b], of[a]), cmp.Compare(a, b)) })
	return names
}
