package config

import (
	"slices"
	"strings"

	"tinycdn/webserver"
	"tinycdn/webserver/hosts"
	"tinycdn/zones/diag"
)

// SitePath is what a site has for some of its paths.
type SitePath struct {
	Pattern string `toml:",key"` // "/static/*", "/feed.xml"; it may be escaped
	Source

	Lost bool // its settings are mistaken: there is nothing to be served
}

// Rest is the pattern of what no other fits.
const Rest = "/*"

// Part is what a site has for some of its paths, with all by which it is read and served.
type Part struct {
	PartID
	webserver.VirtualHost // the site's
	Source
	Lost bool
}

// PartID tells a part from all others.
type PartID struct{ Site, Pattern string }

// String is the name of a part, for people: that of its site, with the pattern if it is not all of it.
func (p PartID) String() string {
	if p.Pattern == Rest {
		return p.Site
	}
	return p.Site + p.Pattern
}

// Below is the path that what is in a folder lies below, not escaped and without a slash at its end: of "/static/*" that is
// "/static", and static/app.css is asked for as /static/app.css.
func (p *Part) Below() string { return hosts.Folder(p.Pattern) }

// Exact is the one path that the part is for, not escaped; "": it is for all below one.
func (p *Part) Exact() string {
	if strings.HasSuffix(p.Pattern, "*") {
		return ""
	}
	return hosts.Unescaped(p.Pattern)
}

// Parts are the parts of all sites, in the order of the file.
func (c *Config) Parts() (all []Part) {
	for i := range c.Sites {
		all = append(all, c.Sites[i].Parts()...)
	}
	return all
}

// Parts are what the site has for the rest of its paths, if there is that, and for those that are named.
func (s *Site) Parts() (all []Part) {
	part := func(pattern string, source Source, lost bool) Part {
		return Part{PartID{s.Name, pattern}, s.VirtualHost, source, lost}
	}
	if s.count() > 0 || len(s.Paths) == 0 {
		rest := s.Source
		for _, path := range s.Paths {
			rest.CacheBytes -= path.CacheBytes
		}
		all = append(all, part(Rest, rest, s.Lost))
	}
	for _, path := range s.Paths {
		if path.Origin == "" {
			path.Rules, path.Types = slices.Concat(path.Rules, s.Rules), slices.Concat(path.Types, s.Types) // the first that fits holds
		}
		all = append(all, part(path.Pattern, path.Source, path.Lost))
	}
	return all
}

// readPaths reads what a site has for some of its paths, and says what does not fit together.
func (c *checker) readPaths(site *Site) {
	report := c.below("sites", site.Name)
	files := site.Origin == ""
	for i := range site.Paths {
		path := &site.Paths[i]
		keys := diag.At("sites", site.Name, "paths", path.Pattern)
		c.readSource(&path.Source, keys)
		files = files || path.Origin == ""
		at := c.below(keys...)
		path.wantOne(at)
		if path.Origin != "" {
			path.noRules(at)
		}
		c.checkPattern(site, i, at)
	}
	if site.count() != 0 || len(site.Paths) == 0 {
		site.wantOne(report)
	}
	if !files {
		site.noRules(report)
	}
}

// checkPattern reports what is wrong with the pattern of a path.
func (c *checker) checkPattern(site *Site, i int, report diag.Report) {
	path := &site.Paths[i]
	why := hosts.NoPattern(path.Pattern)
	all := why == "" && path.Pattern[len(path.Pattern)-1] == '*'
	same := slices.IndexFunc(site.Paths[:i], func(p SitePath) bool { return hosts.SamePattern(p.Pattern, path.Pattern) })
	switch {
	case why != "":
		report(nil, "%s", why)
	case same >= 0:
		report(nil, "these are the same paths as of %q", site.Paths[same].Pattern)
	case path.Pattern == Rest && site.count() > 0:
		report(nil, "the site itself says already where the rest comes from: leave out one of them")
	case path.Pages != "" && !all:
		report(diag.At("pages"), "pages are all that is below a path: want a pattern like %q", hosts.Folder(path.Pattern)+Rest)
	case !all && path.Pattern != "/" && path.Pattern[len(path.Pattern)-1] == '/':
		c.note(diag.At("sites", site.Name, "paths", path.Pattern), "it is that path alone; all below it is %q", path.Pattern+"*")
	}
}
