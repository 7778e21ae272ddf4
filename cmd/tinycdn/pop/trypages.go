package pop

import (
	"maps"
	"slices"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/webserver"
	"tinycdn/webserver/files"
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
			if folder, ok := again.Value.(*files.Site); ok && c.Exact() != "" {
				again.Notes = slices.Concat(again.Notes, g.exactNotes(&c, folder, partAt))
			}
			tried.sites[c.PartID] = &again
		}
	}
	return &tried
}

// exactNotes are what is odd with the one path that a part is for.
func (g *Generation) exactNotes(c *config.Part, folder *files.Site, partAt func(path string) *webserver.Part) (list []diag.Problem) {
	keys := diag.At("sites", c.Site, "paths", c.Pattern)
	home, there := folder.Home(c.Exact())
	if !there {
		return append(list, g.Config.Problem(keys, "there is nothing for it in %s", c.Root))
	}
	if home == c.Exact() || home == "" {
		return nil
	}
	if next := partAt(home); next == nil || next.Site != webserver.Site(folder) {
		return append(list, g.Config.Problem(keys, "in %s that leads to %s, which is not this path's: it wants a pattern as well", c.Root, home))
	}
	return nil
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
