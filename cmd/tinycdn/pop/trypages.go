package pop

import (
	"maps"
	"slices"

	"tinycdn/webserver"
	"tinycdn/webserver/links"
	"tinycdn/zones/diag"
)

// TryPages makes every page, and gives g with what that shows. Links within the sites that lead nowhere are odd; with
// strict, they are mistakes.
func (g *Generation) TryPages(strict bool) *Generation {
	if g.sites == nil {
		return g
	}
	tried := *g
	tried.sites = maps.Clone(g.sites)
	for i := range g.Config.Sites {
		c := &g.Config.Sites[i]
		partAt := webserver.Divide(g.partsOf(c))
		for _, c := range c.Parts() {
			again := *g.sites[c.PartID]
			if checker, ok := again.Value.(interface {
				Check(links.Elsewhere) (problems, dead []diag.Problem)
			}); ok {
				problems, dead := checker.Check(elsewhere(partAt, again.Value))
				tried.tried = append(tried.tried, problems...)
				if strict {
					tried.tried = append(tried.tried, dead...)
				} else {
					again.Notes = slices.Concat(again.Notes, dead)
				}
			}
			if checker, ok := again.Value.(interface{ CheckNotes() []diag.Problem }); ok {
				again.Notes = slices.Concat(again.Notes, checker.CheckNotes())
			}
			tried.sites[c.PartID] = &again
		}
	}
	return &tried
}

// elsewhere says of paths that belong to another part of a site than this one whether there is something at them. Of what
// cannot be asked, an application or what could not be loaded, there may be.
func elsewhere(partAt func(path string) *webserver.Part, this webserver.Site) links.Elsewhere {
	return func(path string) (other, there bool) {
		part := partAt(path)
		if part == nil {
			return true, false
		}
		if part.Site == this {
			return false, false
		}
		folder, ok := part.Site.(interface{ Leads(path string) bool })
		return true, !ok || folder.Leads(path)
	}
}
