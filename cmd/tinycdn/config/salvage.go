package config

import (
	"os"
	"slices"

	"tinycdn/webserver/hosts"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
	"tinycdn/zones/tomlfile"
)

// A Mistake is what is wrong with the configuration, and what that costs a start. While tinycdn runs it goes on with the
// configuration that it has. At a start there is none, and it takes what is left without what is wrong.
type Mistake struct {
	diag.Problem
	Cost string
}

// salvage makes the configuration what is left without its mistakes: what they are about is cut out, and so is what that makes
// wrong, until nothing is. All else is as it would be if that had not been written.
func (c *checker) salvage() {
	told, sites, pops, left := c.inOrder(c.mistakes), c.config.Sites, c.config.POPs, c
	for found := true; found && len(left.mistakes) > 0; {
		found = c.config.doc.Cut(left.wrongKeys()...)
		left = check(c.config.doc, c.config)
	}
	c.config = left.config
	c.keepHosts(sites)
	c.keepPaths(sites)
	for _, pop := range pops {
		if !slices.ContainsFunc(c.config.POPs, func(p steer.POP) bool { return p.Name == pop.Name }) {
			c.config.lostPOPs = append(c.config.lostPOPs, pop)
		}
	}
	for _, m := range told {
		c.config.Mistakes = append(c.config.Mistakes, Mistake{m.Problem, c.config.cost(m.Keys)})
		c.config.popWrong = c.config.popWrong || slices.Equal(m.Keys, diag.At("pop"))
	}
}

// wrongKeys are those of what is to be cut out. That a setting of [web] is missing is no mistake of the others there.
func (c *checker) wrongKeys() (all [][]string) {
	for _, m := range c.mistakes {
		if len(m.Keys) == 0 || m.Keys[0] != "web" || c.config.doc.Node(m.Keys...) != nil {
			all = append(all, m.Keys)
		}
	}
	return all
}

// inOrder gives mistakes in the order of the file. What follows from one of the decoder's on the same line is left out.
func (c *checker) inOrder(list []tomlfile.Mistake) []tomlfile.Mistake {
	decoded, found := list[:c.decoded], list[c.decoded:]
	told := slices.Clone(decoded)
	for _, m := range found {
		if !slices.ContainsFunc(decoded, func(known tomlfile.Mistake) bool { return known.Line == m.Line && c.follows(m, known) }) {
			told = append(told, m)
		}
	}
	slices.SortStableFunc(told, func(a, b tomlfile.Mistake) int { return a.Line - b.Line })
	return told
}

// follows says whether a mistake is one because of what the decoder left out: it is about the same value, one in it or around it, or
// about one that is missing.
func (c *checker) follows(m, decoders tomlfile.Mistake) bool {
	n := min(len(m.Keys), len(decoders.Keys))
	return slices.Equal(m.Keys[:n], decoders.Keys[:n]) || c.config.doc.Node(m.Keys...) == nil
}

// keepHosts lets the hosts of sites that are lost be those of sites that could not be loaded: they get 503, and not the pages of
// another site.
func (c *checker) keepHosts(sites []Site) {
	for _, site := range sites {
		if len(site.Hosts) > 0 && c.config.site(site.Name) == nil {
			lost := Site{Lost: true}
			lost.Name, lost.Hosts = site.Name, site.Hosts
			c.config.Sites = append(c.config.Sites, lost)
		}
	}
}

// keepPaths does the same with paths of sites that are left: what is there is no other part's.
func (c *checker) keepPaths(sites []Site) {
	for _, before := range sites {
		site := c.config.site(before.Name)
		if site == nil || site.Lost {
			continue
		}
		for _, path := range before.Paths {
			same := func(p SitePath) bool { return hosts.SamePattern(p.Pattern, path.Pattern) }
			if hosts.NoPattern(path.Pattern) == "" && !slices.ContainsFunc(site.Paths, same) && (path.Pattern != Rest || site.count() == 0) {
				site.Paths = append(site.Paths, SitePath{Pattern: path.Pattern, Lost: true})
			}
		}
	}
}

// NamesAnything says whether there is anything to serve, as far as one can see without reading it.
func (c *Config) NamesAnything() bool {
	isThere := func(zone ZoneFile) bool { _, err := os.Stat(zone.Path); return err == nil }
	return slices.ContainsFunc(c.Zones, isThere) || slices.ContainsFunc(c.Sites, func(s Site) bool { return !s.Lost })
}

func (c *Config) site(name string) *Site {
	for i := range c.Sites {
		if c.Sites[i].Name == name {
			return &c.Sites[i]
		}
	}
	return nil
}

// cost is what a mistake at the keys costs, now that c is what is left.
func (c *Config) cost(keys []string) string {
	const notWritten = "it is as if that had not been written"
	if len(keys) < 2 {
		return notWritten
	}
	switch name := keys[1]; keys[0] {
	case "zones":
		return "no zone is served by this entry"
	case "pops":
		if !slices.ContainsFunc(c.POPs, func(p steer.POP) bool { return p.Name == name }) {
			return "nobody is sent to this POP"
		}
	case "maps":
		if !slices.ContainsFunc(c.Maps, func(r steer.Rules) bool { return r.Name == name }) {
			return "zones that use this map get SERVFAIL"
		}
	case "sites":
		site := c.site(name)
		if site == nil || site.Lost {
			return "the site answers 503"
		}
		if len(keys) > 3 && keys[2] == "paths" && slices.ContainsFunc(site.Paths, func(p SitePath) bool { return p.Pattern == keys[3] && p.Lost }) {
			return "the site answers 503 there"
		}
	}
	return notWritten
}
