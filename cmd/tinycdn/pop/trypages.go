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
			if folder, ok := again.Value.(leading); ok && c.Exact() != "" && !folder.Leads(c.Exact()) {
				again.Notes = append(again.Notes, g.Config.Problem(diag.At("sites", c.Site, "paths", c.Pattern), "there is nothing for it in %s", c.Root))
			}
			tried.sites[c.PartID] = &again
		}
	}
	return &tried
}

// leading is a site of which one can tell what there is without asking for it.
type leading interface{ Leads(path string) bool }

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
		folder, ok := part.Site.(leading)
		return true, !ok || folder.Leads(path)
	}
}
