package pop

import (
	"io/fs"
	"maps"
	"slices"

	"tinycdn/zones/diag"
)

// Files are the paths of all files that g was read from: its configuration, and what that names. Who has these has all of g.
func (g *Generation) Files() []string {
	all := map[string]bool{g.Config.Path(): true}
	add := func(files diag.Files) {
		for path, info := range files {
			if info != nil && info.Mode().Type() == fs.FileMode(0) {
				all[path] = true
			}
		}
	}
	add(g.maps.Files)
	for _, z := range g.zones {
		add(z.Files)
	}
	for _, s := range g.sites {
		add(s.Files)
	}
	add(g.certs.Files)
	if g.Config.ACME != nil {
		for _, path := range g.Config.ACME.Files() {
			all[path] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
