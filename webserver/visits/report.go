package visits

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Row is a line of a report: how often something was looked at in a day, and by how many.
type Row struct {
	Day      string `json:"day"`
	Site     string `json:"site"`  // "" of what is of none
	By       string `json:"by"`    // ByAll, or what Name is
	Name     string `json:"name"`  // "" of ByAll
	Views    uint64 `json:"views"` // or queries
	Visitors uint64 `json:"visitors"`
}

// What is counted by.
const (
	ByAll      = "all"
	ByPage     = "page"
	ByCountry  = "country"
	ByReferrer = "referrer"
	ByPOP      = "pop"
	ByHour     = "hour" // of UTC; visitors are not counted by it
	ByPrivate  = "private"
	ByDropped  = "dropped" // views at a POP that were too many to be counted
	ByZone     = "zone"    // DNS queries, of no site
	BySource   = "source"  // of what is known of countries, as its licence wants it said

	ByQueryCountry = "query country" // DNS queries, estimated
	ByQueryName    = "query name"    // the same
)

// Report tells of so many days, today included, the oldest first: of each site and what it is counted by the first so many, and the rest
// as one. Visitors of several POPs count once.
func (c *Counter) Report(days, top int, row func(Row) error) error {
	now := time.Now()
	c.count(now)
	c.mu.Lock()
	c.countQueries()
	c.mu.Unlock()
	heads := c.folder.heads()
	for i := days - 1; i >= 0; i-- {
		date := dateOf(now.AddDate(0, 0, -i))
		if err := c.reportDay(date, heads, top, row); err != nil {
			return err
		}
	}
	return nil
}

// reportDay tells of a day. Its files are read one after the other.
func (c *Counter) reportDay(date string, heads []head, top int, row func(Row) error) error {
	all := &day{}
	pops := map[string]map[string]Row{} // by site and POP
	add := func(pop string, d *day) {
		all.merge(d)
		for name, s := range d.Sites {
			if pops[name] == nil {
				pops[name] = map[string]Row{}
			}
			pops[name][pop] = Row{date, name, ByPOP, pop, s.Views, s.Visitors.count()}
		}
		if d.Dropped > 0 {
			if pops[""] == nil {
				pops[""] = map[string]Row{}
			}
			pops[""][pop] = Row{date, "", ByDropped, pop, d.Dropped, 0}
		}
	}
	for _, h := range heads {
		if h.Day != date || date == dateOf(time.Now()) && h.POP == c.POP {
			continue
		}
		text, err := c.folder.read(h.name())
		var d *day
		if err == nil {
			_, d, err = parse(text)
		}
		if err != nil {
			c.Log.Warn("statistics cannot be read", "file", c.folder.path(h.name()), "error", err, "effect", "what is told leaves them out")
			continue
		}
		add(h.POP, d)
	}
	c.mu.Lock()
	if c.date == date {
		add(c.POP, c.today)
	}
	c.mu.Unlock()
	for _, site := range slices.Sorted(maps.Keys(all.Sites)) {
		for _, one := range all.Sites[site].rows(date, site, pops[site], top) {
			if err := row(one); err != nil {
				return err
			}
		}
	}
	of := all.Queries.rows(date, top)
	for _, pop := range slices.Sorted(maps.Keys(pops[""])) {
		of = append(of, pops[""][pop])
	}
	for _, one := range of {
		if err := row(one); err != nil {
			return err
		}
	}
	return nil
}

// rows are those of a site in a day.
func (s *site) rows(date, name string, pops map[string]Row, top int) []Row {
	list := []Row{{date, name, ByAll, "", s.Views, s.Visitors.count()}}
	for _, pop := range slices.Sorted(maps.Keys(pops)) {
		list = append(list, pops[pop])
	}
	list = append(list, s.Pages.rows(date, name, ByPage, top)...)
	list = append(list, s.Countries.rows(date, name, ByCountry, top)...)
	list = append(list, s.Referrers.rows(date, name, ByReferrer, top)...)
	for hour, views := range s.Hours {
		if views > 0 {
			list = append(list, Row{date, name, ByHour, fmt.Sprintf("%02d", hour), views, 0})
		}
	}
	if s.Private > 0 {
		list = append(list, Row{date, name, ByPrivate, "", s.Private, 0})
	}
	return list
}

// rows are those of a list, the most seen first, and last the rest.
func (l list) rows(date, site, by string, top int) (rows []Row) {
	l.keep(top)
	names := l.names()
	if l[Other] != nil {
		names = append(names, Other)
	}
	for _, name := range names {
		rows = append(rows, Row{date, site, by, name, l[name].Views, l[name].Visitors.count()})
	}
	return rows
}
