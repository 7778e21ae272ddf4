package pop

import (
	"slices"
	"strings"

	"tinycdn/webserver"
	"tinycdn/zones/diag"
)

// withoutCheckedPage is what is odd with a page of one's own that POPs look at: that the site has nothing there, so that all would hold
// each other for down.
func (g *Generation) withoutCheckedPage() []diag.Problem {
	if h := &g.Config.Health; !h.On || h.Status != 200 || g.sites == nil {
		return nil
	}
	page := g.checkedPage()
	if page == nil || page.Own {
		return nil
	}
	path, _, _ := strings.Cut(page.Path, "?")
	for i := range g.Config.Sites {
		c := &g.Config.Sites[i]
		if !slices.Contains(c.Hosts, page.Host) {
			continue
		}
		part := webserver.Divide(g.partsOf(c))(path)
		if part != nil {
			if folder, ok := part.Site.(leading); !ok || folder.Leads(path) {
				return nil // or an application, which is not asked
			}
		}
		return []diag.Problem{g.Config.Problem(diag.At("health", "page"), "%s has nothing at %s: POPs that look there hold each other for down", page.Host, path)}
	}
	return nil
}
