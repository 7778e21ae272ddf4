package pop

import (
	"fmt"
	"slices"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/zones"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// losses are what would be gone of what is served: more than the brake allows of a site's files, or of a zone's records, or all of its NS
// records; or of the address space, that goes to other POPs. Who publishes confirms that, as it is more often an accident.
func (m *member) losses(ready cluster.Ready) (list []string) {
	p := m.pop.Load()
	if p == nil {
		return nil
	}
	return ready.(*Generation).losses(p.served.Load())
}

func (g *Generation) losses(last *Generation) (list []string) {
	for _, before := range last.answered {
		if before.Value == nil || before.Value.Records == 0 {
			continue
		}
		records, name := 0, zones.NameText(before.apex)
		if i := slices.IndexFunc(g.answered, func(z *zonePart) bool { return string(z.apex) == string(before.apex) }); i >= 0 && g.answered[i].Value != nil {
			records = g.answered[i].Value.Records
		}
		switch gone := before.Value.Records - records; {
		case records == 0:
			list = append(list, fmt.Sprintf("zone %s would be gone", name))
		case g.brakes(gone, before.Value.Records):
			list = append(list, fmt.Sprintf("zone %s would lose %d of its %d records", name, gone, before.Value.Records))
		}
	}
	for name, before := range last.sites {
		files, left := plainFiles(before.Files), 0
		if site := g.sites[name]; site != nil {
			left = plainFiles(site.Files)
		}
		switch gone := files - left; {
		case g.sites[name] == nil:
			list = append(list, fmt.Sprintf("site %s would be gone", name))
		case g.brakes(gone, files):
			list = append(list, fmt.Sprintf("site %s would lose %d of its %d files", name, gone, files))
		}
	}
	list = append(list, g.movers(last)...)
	slices.Sort(list)
	return list
}

// movers are the maps that would send more to other POPs than the brake allows, of the addresses of IPv4 that visitors have.
func (g *Generation) movers(last *Generation) (list []string) {
	if last.maps == nil || last.maps.Value == nil || g.maps.Value == nil {
		return nil
	}
	for _, is := range g.maps.Value.maps {
		i := slices.IndexFunc(last.maps.Value.maps, func(was *steer.Map) bool { return was.Name == is.Name })
		if i < 0 || last.maps.Value.maps[i] == is { // it was kept
			continue
		}
		if share := steer.MovedShare(last.maps.Value.maps[i], is); share > g.Config.Cluster.Brake {
			list = append(list, fmt.Sprintf("map %s would send %s of IPv4 to other POPs", is.Name, steer.Percent(share)))
		}
	}
	return list
}

// brakes says whether so many of all are more than may go unasked.
func (g *Generation) brakes(gone, all int) bool {
	return float64(gone) > g.Config.Cluster.Brake*float64(all)
}

// plainFiles is how many of them there are, without folders.
func plainFiles(files diag.Files) (n int) {
	for _, info := range files {
		if info != nil && info.Mode().IsRegular() {
			n++
		}
	}
	return n
}
