package pop

import (
	"cmp"
	"fmt"
	"reflect"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/webserver"
	"tinycdn/webserver/content"
	"tinycdn/webserver/files"
	"tinycdn/webserver/origin"
	"tinycdn/zones/diag"
)

// sitePart is a site, or what it has for some of its paths.
type sitePart = part[config.Part, webserver.Site]

type loadedSite = diag.Loaded[webserver.Site]

var siteEffects = effects{kept: "the site stays as it was", none: "the site answers 503", rest: "the rest of the site is served"}

// nextSite is a site as it is in last, or read again if something about it has changed.
func (o *Options) nextSite(c *config.Part, last *sitePart) *sitePart {
	if last != nil && !o.Again && reflect.DeepEqual(last.in, *c) && (o.OnlyFiles || last.madeOf(*c) && !isDue(last.Value)) {
		return last
	}
	s := take(*c, o.loadSite(c, last), last, siteEffects)
	if last != nil && last.Value != nil && !s.kept && !s.Files.Unchanged() {
		return unsettled(last, time.Now())
	}
	return s
}

// longestDeploy is how long files may go on changing before somebody is told.
const longestDeploy = time.Minute

// unsettled is a site as it is, when its files were changing while they were read: what came of that is neither the old
// site nor the new one. Should it go on for longer than a deploy may take, somebody has to know.
func unsettled(s *sitePart, now time.Time) *sitePart {
	again := *s
	again.Files = nil // look again
	if again.changing.IsZero() {
		again.changing = now
	}
	if now.Sub(again.changing) > longestDeploy {
		again.kept, again.stale, again.effect = true, again.changing, siteEffects.kept
		again.Problems = []diag.Problem{{File: cmp.Or(s.in.Pages, s.in.Root), Text: "files go on changing while they are read (a log, or an upload that never ends?)"}}
	}
	return &again
}

// dueOf is when a site is another though no file changes: the date of a page has come. It is zero if that is never.
func dueOf(site webserver.Site) (due time.Time) {
	if dated, ok := site.(interface{ Due() time.Time }); ok {
		due = dated.Due()
	}
	return due
}

func isDue(site webserver.Site) bool {
	due := dueOf(site)
	return !due.IsZero() && !time.Now().Before(due)
}

// due is when the next site is. One that was due and could not be read is tried again when files are looked at.
func (g *Generation) due(now time.Time) (next time.Time) {
	for _, s := range g.sites {
		if due := dueOf(s.Value); due.After(now) && (next.IsZero() || due.Before(next)) {
			next = due
		}
	}
	return next
}

// loadSite never ends the process: if odd files bring out a mistake of ours, or of a library, that costs the site and no more.
func (o *Options) loadSite(c *config.Part, last *sitePart) (loaded loadedSite) {
	var before webserver.Site
	if last != nil {
		before = last.Value
	}
	defer func() {
		if fault := recover(); fault != nil {
			loaded = loadedSite{Problems: []diag.Problem{{File: cmp.Or(c.Pages, c.Root, c.Origin), Text: fmt.Sprintf(
				"the site cannot be loaded, which is a bug in tinycdn; please report it: %v", fault)}}}
			if last != nil {
				loaded.Files = last.Files // they tell where to look for a change
			}
		}
	}()
	if c.Lost {
		return loadedSite{} // the mistake is the configuration's
	}
	if folder := cmp.Or(c.Pages, c.Root); folder != "" && o.state != "" && config.Holds(folder, o.state) {
		return loadedSite{Problems: []diag.Problem{{File: folder, Text: fmt.Sprintf(
			"it would be served with the state folder %s, which has copies of keys and zones (give the site a folder of its own, or see --state)", o.state)}}}
	}
	host, below := cmp.Or(c.Canonical, c.Hosts[0]), c.Below()
	switch {
	case c.Pages != "":
		same, _ := before.(*content.Site)
		return siteOf(content.Load(content.Config{
			Folder: c.Pages, Host: host, Below: below, Memory: int64(c.CacheBytes), Rules: c.Rules, Types: c.Types, Log: o.Log, Listing: listing(), Disk: o.Disk, Earlier: o.earlierIn(c.Pages),
		}, same))
	case c.Root != "":
		same, _ := before.(*files.Site)
		return siteOf(files.Load(files.Config{
			Folder: c.Root, Hosts: c.Hosts, Below: below, Memory: int64(c.CacheBytes), Rules: c.Rules, Types: c.Types, Index: c.Index,
			Listing: listing(), Disk: o.Disk, Earlier: o.earlierIn(c.Root), HostFiles: true,
		}, same))
	}
	if last != nil && last.in.Origin == c.Origin && last.in.OriginHost == c.OriginHost && last.in.CacheBytes == c.CacheBytes {
		return loadedSite{Value: before} // with all that it has kept
	}
	site, err := o.newOrigin(c)
	if err != nil {
		return loadedSite{Problems: []diag.Problem{{File: c.Origin, Text: err.Error()}}}
	}
	return loadedSite{Value: site}
}

// listing is how many bytes it may take to know what there is in a site's folder. At a deploy there are two such lists, and the
// pages beside them.
func listing() int64 { return system.Memory() / 3 }

// newOrigin is a site with an application behind it, whose cache is empty.
func (o *Options) newOrigin(c *config.Part) (*origin.Site, error) {
	to, socket, err := origin.Parse(c.Origin)
	if err != nil {
		return nil, err
	}
	return origin.New(origin.Config{
		Name: c.String(), URL: to, Socket: socket, Host: c.OriginHost, Memory: int64(c.CacheBytes), POP: o.POP, Connections: o.Connections,
		Log: o.Log,
	}), nil
}

// siteOf is what was loaded as a site of any kind. A nil pointer does not become one.
func siteOf[S interface {
	comparable
	webserver.Site
}](is diag.Loaded[S]) loadedSite {
	loaded := loadedSite{Problems: is.Problems, Notes: is.Notes, Files: is.Files}
	if is.Value != *new(S) {
		loaded.Value = is.Value
	}
	return loaded
}

// siteParts are the parts of all sites, in the order of the configuration.
func (g *Generation) siteParts(yield func(*sitePart) bool) {
	for _, c := range g.Config.Parts() {
		if !yield(g.sites[c.PartID]) {
			return
		}
	}
}

// Sites tells of each site, and of what it has for some of its paths, what can be asked for there, as far as it is known
// beforehand.
func (g *Generation) Sites(yield func(name, pages string) bool) {
	for s := range g.siteParts {
		if !yield(s.in.String(), pagesOf(s)) {
			return
		}
	}
}

func pagesOf(s *sitePart) string {
	switch site := s.Value.(type) {
	case nil:
		return "none: it could not be loaded"
	case *content.Site:
		return Count(site.Pages(), "page")
	case *files.Site: // of which its pages are some
		count := Count(site.Pages(), "file")
		if n := site.FromDisk(); n > 0 {
			count += fmt.Sprintf(", %d of them from disk, as memory is full", n)
		}
		return count
	}
	return "from " + s.in.Origin
}

// servings are the sites as the page server wants them.
func (g *Generation) servings() (list []webserver.VirtualHost) {
	for i := range g.Config.Sites {
		c := &g.Config.Sites[i]
		host := c.VirtualHost
		host.Parts = g.partsOf(c)
		list = append(list, host)
	}
	return list
}

// partsOf are the parts of a site as the page server wants them.
func (g *Generation) partsOf(c *config.Site) (list []webserver.Part) {
	for _, p := range c.Parts() {
		list = append(list, servingOf(g.sites[p.PartID]))
	}
	return list
}

// servingOf is a part as the page server wants it.
func servingOf(s *sitePart) webserver.Part {
	p := webserver.Part{Name: s.in.String(), Pattern: s.in.Pattern, Site: s.Value, Since: s.since, StaleSince: s.stale}
	if s.kept && len(s.Problems) > 0 {
		p.Stale = s.Problems[0].String()
	}
	return p
}

// origins are the sites with an application behind them.
func (g *Generation) origins() (list []*origin.Site) {
	for _, s := range g.sites {
		if site, ok := s.Value.(*origin.Site); ok {
			list = append(list, site)
		}
	}
	return list
}
