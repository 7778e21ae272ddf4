package pop

import (
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/watch"
	"tinycdn/zones/diag"
)

// watchPaths has those watched at which a change may concern us.
func (p *POP) watchPaths() {
	files := append(p.current.namedPaths(), watch.Path{Path: p.path})
	p.watch.Watch(files, p.current.sitePaths())
}

// namedPaths are those at which a change may concern a zone, a database or a certificate that the configuration names. New
// files may come into its folders.
func (g *Generation) namedPaths() (list []watch.Path) {
	folders := slices.Clone(g.Config.Folders())
	if g.refused != nil {
		folders = append(folders, g.refused.Folders()...)
	}
	for _, folder := range folders {
		list = append(list, watch.Path{Path: folder, Inside: true})
	}
	add := func(files diag.Files) {
		for path, info := range files {
			list = append(list, watch.Path{Path: path, Inside: info != nil && info.IsDir()})
		}
	}
	add(g.waiting)
	add(g.maps.Files)
	add(g.certs.Files)
	for file, z := range g.zones {
		list = append(list, watch.Path{Path: file.Path})
		add(z.Files)
	}
	return list
}

// sitePaths are those at which a change may concern a site: its own, be it there or not, and all folders that it was made of.
func (g *Generation) sitePaths() (list []watch.Path) {
	for _, site := range g.sites {
		for _, root := range []string{site.in.Pages, site.in.Root} {
			if root != "" {
				list = append(list, watch.Path{Path: root, Inside: true})
			}
		}
		for path, info := range site.Files {
			if info != nil && info.IsDir() {
				list = append(list, watch.Path{Path: path, Inside: true})
			}
		}
	}
	return list
}

// unchanged says whether to read the files again would give just what is served, so that an idle POP costs next to nothing.
func (p *POP) unchanged(what change) bool {
	g := p.current
	if g != p.read || g.certs == nil || time.Since(g.certs.since) >= judgeAgain || !g.certs.Files.Unchanged() {
		return false
	}
	if what.files && (!p.config.Unchanged() || !g.Config.Unchanged() || !g.waiting.Unchanged() || !g.maps.Files.Unchanged() || !g.zonesUnchanged()) {
		return false
	}
	if what.sites {
		for _, site := range g.sites {
			if site.in.Origin == "" && (site.Files == nil || !site.Files.Unchanged() || isDue(site.Value)) {
				return false
			}
		}
	}
	return true
}

// zonesUnchanged says whether all zones could be read, of files that are as they were. One that could not is always tried
// again: what was wrong may have been a permission, which no time tells of.
func (g *Generation) zonesUnchanged() bool {
	for _, z := range g.zones {
		if z.kept || z.Value == nil || z.Files == nil || !z.Files.Unchanged() || z.isDue(time.Now()) {
			return false
		}
	}
	return true
}
