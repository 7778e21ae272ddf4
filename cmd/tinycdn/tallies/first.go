package tallies

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"tinycdn/webserver/visits"
)

// Days adds up what was counted on some days, at all sites, and by the names that DNS was asked for.
type Days struct {
	sums    map[string]map[string]sum // by what is counted by, and by name
	sites   map[string]bool
	sources map[string]bool
}

// Sum is how often something was looked at, and by how many; or how often a name was asked for.
type Sum struct {
	Name            string
	Views, Visitors uint64
}

// Add adds a row of a POP's report.
func (d *Days) Add(r visits.Row) error {
	if d.sums == nil {
		*d = Days{map[string]map[string]sum{}, map[string]bool{}, map[string]bool{}}
	}
	by, name := r.By, r.Name
	switch {
	case by == visits.BySource:
		d.sources[name] = true
		return nil
	case r.Site == "" && by != visits.ByQueryName || name == visits.Other:
		return nil
	case by == visits.ByAll:
		by, name = byDay, r.Day
	case by == visits.ByPage:
		name = r.Site + "\n" + name // until it is known whether there are several
	}
	if r.Site != "" {
		d.sites[r.Site] = true
	}
	if d.sums[by] == nil {
		d.sums[by] = map[string]sum{}
	}
	have := d.sums[by][name]
	d.sums[by][name] = sum{have.views + r.Views, have.visitors + r.Visitors}
	return nil
}

// Each are the days, in their order.
func (d *Days) Each() []Sum {
	return d.list(byDay, func(a, b Sum) int { return cmp.Compare(a.Name, b.Name) })
}

// First are the first so many of a kind, those with most views first. A page has its site before it, if there are several.
func (d *Days) First(by string, most int) []Sum {
	list := d.list(by, func(a, b Sum) int { return cmp.Or(cmp.Compare(b.Views, a.Views), cmp.Compare(a.Name, b.Name)) })
	list = list[:min(len(list), most)]
	for i := range list {
		site, path, isPage := strings.Cut(list[i].Name, "\n")
		switch {
		case isPage && len(d.sites) > 1:
			list[i].Name = site + path
		case isPage:
			list[i].Name = path
		}
	}
	return list
}

func (d *Days) list(by string, order func(a, b Sum) int) (list []Sum) {
	for name, s := range d.sums[by] {
		list = append(list, Sum{name, s.views, s.visitors})
	}
	slices.SortFunc(list, order)
	return list
}

// Sources are whose data the countries are.
func (d *Days) Sources() []string { return slices.Sorted(maps.Keys(d.sources)) }
