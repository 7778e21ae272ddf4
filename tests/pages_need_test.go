package tests

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// TestPagesNeedNoNameserver follows the imports of the page server to their ends: a site is served without anything that
// reads zones, DNS messages or databases of addresses.
func TestPagesNeedNoNameserver(t *testing.T) {
	t.Parallel()
	packages := map[string][]string{} // what each imports
	for file, imports := range houseFiles(t) {
		packages[path.Dir(file)] = append(packages[path.Dir(file)], imports...)
	}
	allowed := []string{"zones/diag", "zones/linefile", "zones/tomlfile", "geoip/inet", "geoip/plainfile"}
	var follow func(name string, way []string)
	seen := map[string]bool{}
	follow = func(name string, way []string) {
		way = append(slices.Clip(way), name)
		for _, imported := range packages[name] {
			ours, isOurs := strings.CutPrefix(imported, "tinycdn/")
			room, _, _ := strings.Cut(ours, "/")
			switch {
			case strings.HasPrefix(imported, "github.com/miekg/dns"), strings.HasPrefix(imported, "github.com/oschwald/maxminddb-golang"),
				isOurs && room != "webserver" && !slices.Contains(allowed, ours):
				t.Errorf("%s imports %s", strings.Join(way, " imports "), imported)
			case isOurs && !seen[ours]:
				seen[ours] = true
				follow(ours, way)
			}
		}
	}
	for name := range packages {
		if name == "webserver" || strings.HasPrefix(name, "webserver/") {
			follow(name, nil)
		}
	}
}
