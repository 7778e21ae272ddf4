package cluster

import (
	"fmt"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// withheld are the contents of a generation that a publisher of certain paths may neither read nor have served: those of private files,
// such as keys, at other paths.
func withheld(p roster.Publisher, list *manifest.Signed) map[manifest.Hash]bool {
	all := map[manifest.Hash]bool{}
	for _, f := range list.Files {
		if f.Mode == manifest.Private && !p.Touches(f.Path) {
			all[f.Hash] = true
		}
	}
	return all
}

// mayRead says whether the holder of a key may have contents: a publisher of certain paths only what is served, and what is withheld
// not even of that.
func (m *Member) mayRead(key roster.Key, parts []store.Part) error {
	m.mu.Lock()
	_, isPOP := m.members.POPOf(key)
	p, _ := m.members.PublisherOf(key)
	m.mu.Unlock()
	if isPOP || len(p.Paths) == 0 {
		return nil
	}
	list, err := m.store.Manifest(m.servingID())
	if err != nil {
		return err
	}
	served, kept := map[manifest.Hash]bool{}, withheld(p, list)
	for _, f := range list.Files {
		served[f.Hash] = true
	}
	for _, part := range parts {
		if !served[part.Hash] || kept[part.Hash] {
			return fmt.Errorf("%s may not read %v", p.Name, part.Hash)
		}
	}
	return nil
}
