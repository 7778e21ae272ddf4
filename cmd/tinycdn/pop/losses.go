package pop

import (
	"fmt"
	"slices"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/zones"
	"tinycdn/zones/diag"
)

// losses are what would be gone of what is served: more than the brake allows of a site's files, or of a zone's records, or all of its NS
// records. Who publishes confirms that, as it is more often an accident.
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
	slices.Sort(list)
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
