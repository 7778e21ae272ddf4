package config

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"tinycdn/webserver"
	"tinycdn/webserver/files"
	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// Site is [sites.NAME]: the pages of some hosts, from one of three places.
type Site struct {
	webserver.VirtualHost
	// a folder of Markdown, shown with tinycdn's templates. Left out: one of the three
	Pages string `toml:"pages"`
	// a folder with a finished site, such as Zola's or Hugo's `public`. Left out: one of the three
	Root string `toml:"root"`
	// with a `root`: folders without an `index.html` have a page that lists what is in them. Left out: `false`
	Index bool `toml:"index"`
	// the URL of an application. Left out: one of the three
	Origin string `toml:"origin"`
	// the host that the application is asked for. Left out: the visitor's
	OriginHost string `toml:"origin_host"`
	// memory of this site. Left out: an equal share
	CacheBytes ByteSize `toml:"cache_bytes"`
	// by path: `"/assets/*"`, `"*.pdf"`, `"/feed.xml"`. Left out: see [webserver/README.md](../../webserver/README.md#pages)
	Rules []page.Rule `toml:"cache_control"`
	// media types of files by path, like `cache_control`: `"*.pem" = "text/plain; charset=utf-8"`. Left out: by the end of the name
	Types []files.TypeRule `toml:"types"`

	Lost bool // its settings are mistaken: there is nothing to be served
}

var hostName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

func (c *checker) readSites(sites []Site) {
	owners := make(map[string]string) // of hosts
	for i := range sites {
		site := &sites[i]
		report := c.below("sites", site.Name)
		c.readHosts(site, owners)
		checkSource(site, report)
		site.Pages = c.siteFolder(site.Pages, diag.At("sites", site.Name, "pages"))
		site.Root = c.siteFolder(site.Root, diag.At("sites", site.Name, "root"))
		site.OriginHost = siteHost(diag.At("origin_host"), site.OriginHost, report)
		site.Canonical = siteHost(diag.At("canonical"), site.Canonical, report)
		site.Check(report)
		checkRules(site, report)
	}
	c.config.Sites = sites
	c.noteHSTS()
	c.shareMemory()
}

// siteFolder gives the path of a folder of a site, and watches what it stands in: another may take its place.
func (c *checker) siteFolder(folder string, keys []string) string {
	if folder == "" {
		return ""
	}
	folder = c.config.resolve(folder)
	c.config.look(folder) // as a link it may lead elsewhere
	c.checkSecrets(keys, folder)
	c.watch(filepath.Dir(folder))
	return folder
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

// checkSource wants just one place for the pages to come from.
func checkSource(site *Site, report diag.Report) {
	count := 0
	for _, source := range []string{site.Pages, site.Root, site.Origin} {
		if source != "" {
			count++
		}
	}
	if count != 1 {
		report(nil, "want one of pages, root and origin, not %d", count)
		return
	}
	if site.Index && site.Root == "" {
		report(diag.At("index"), "it is for a site with a root")
	}
	if site.Origin == "" {
		if site.OriginHost != "" {
			report(diag.At("origin_host"), "it is for a site with an origin")
		}
		return
	}
	switch origin, err := url.Parse(site.Origin); {
	case err != nil || origin.Host == "" || origin.Scheme != "http" && origin.Scheme != "https":
		report(diag.At("origin"), `%q is not a URL like "http://127.0.0.1:3000"`, site.Origin)
	case !isPort(origin.Port()):
		report(diag.At("origin"), "%s is not the number of a port (1 to 65535)", origin.Port())
	}
	if len(site.Rules) > 0 {
		report(diag.At("cache_control"), "the application says for itself how long its responses may be kept")
	}
	if len(site.Types) > 0 {
		report(diag.At("types"), "the application says for itself of what type its responses are")
	}
}

// checkRules looks at what a site says of its files by path.
func checkRules(site *Site, report diag.Report) {
	for _, rule := range site.Rules {
		rule.Check(report.Below("cache_control"))
	}
	for _, rule := range site.Types {
		rule.Check(report.Below("types"))
	}
}

// isPort says whether a URL with this port can be asked; "" is the usual one.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && n > 0
}

// shareMemory divides web.cache_bytes among the sites that do not say themselves how much they need.
func (c *checker) shareMemory() {
	left, without := c.config.Web.CacheBytes, ByteSize(0)
	for _, site := range c.config.Sites {
		left -= site.CacheBytes
		if site.CacheBytes == 0 {
			without++
		}
	}
	if without > 0 && left < without<<20 || left < 0 {
		if c.first == nil {
			c.wrong(diag.At("web", "cache_bytes"), "too little for %d sites: each needs 1 MB or more", len(c.config.Sites))
		}
		left = without << 20 // a start goes on with that
	}
	for i := range c.config.Sites {
		if site := &c.config.Sites[i]; site.CacheBytes == 0 {
			site.CacheBytes = left / without
		}
	}
}
