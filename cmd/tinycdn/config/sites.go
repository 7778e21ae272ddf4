package config

import (
	"regexp"
	"strconv"
	"strings"

	"tinycdn/webserver"
	"tinycdn/zones/diag"
)

// Site is [sites.NAME]: the pages of some hosts.
type Site struct {
	webserver.VirtualHost
	Source
	// other places for some paths: `"/static/*" = { root = "static" }` is all below a path, `"/feed.xml"` just that; the exact
	// path wins, then the longest. Each takes `pages`, `root` or `origin`, `index`, `origin_host`, `cache_bytes`, `cache_control`
	// and `types`; what the site itself says is for the rest, as is `"/*"`. Left out: none
	Paths []SitePath `toml:"paths"`

	Lost bool // its settings are mistaken: there is nothing to be served
}

var hostName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

func (c *checker) readSites(sites []Site) {
	owners := make(map[string]string) // of hosts
	for i := range sites {
		site := &sites[i]
		report := c.below("sites", site.Name)
		c.readHosts(site, owners)
		site.Canonical = siteHost(diag.At("canonical"), site.Canonical, report)
		site.Check(report)
		c.readSource(&site.Source, diag.At("sites", site.Name))
		c.readPaths(site)
	}
	c.config.Sites = sites
	c.noteHSTS()
	c.shareMemory()
}

// readHosts reads the hosts of a site. Each belongs to one site.
func (c *checker) readHosts(site *Site, owners map[string]string) {
	written := site.Hosts
	if len(written) == 0 {
		written = []string{site.Name}
	}
	var list []string
	for i, host := range written {
		keys := diag.At("sites", site.Name, "hosts", strconv.Itoa(i))
		if len(site.Hosts) == 0 {
			keys = diag.At("sites", site.Name)
		}
		switch host = strings.ToLower(strings.TrimSuffix(host, ".")); {
		case host != "*" && !isHost(host):
			c.wrong(keys, `%q is not the name of a host ("*" is every host)`, host)
		case owners[host] != "":
			c.wrong(keys, "host %q belongs to site %q already", host, owners[host])
		default:
			owners[host] = site.Name
			list = append(list, host)
		}
	}
	site.Hosts = list
}

func isHost(name string) bool { return len(name) <= 253 && hostName.MatchString(name) }

func siteHost(keys []string, host string, report diag.Report) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host != "" && !isHost(host) {
		report(keys, "%q is not the name of a host", host)
	}
	return host
}
