package config

import (
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tinycdn/webserver"
	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
	"tinycdn/zones/tomlfile"
)

// Site is [sites.NAME]: the pages of some hosts, from one of three places.
type Site struct {
	Name string

	// the host names of a site; `"*"` is every host that no site names. Left out: its name
	Hosts []string `toml:"hosts"`
	// a folder of Markdown pages. Left out: one of the three
	Pages string `toml:"pages"`
	// a folder with a finished site. Left out: one of the three
	Root string `toml:"root"`
	// the URL of an application. Left out: one of the three
	Origin string `toml:"origin"`
	// the host that the application is asked for. Left out: the visitor's
	OriginHost string `toml:"origin_host"`
	// the host that visitors of the others are sent to. Left out: none
	Canonical string `toml:"canonical"`
	// memory of this site. Left out: an equal share
	CacheBytes ByteSize `toml:"cache_bytes"`
	// header fields that replace ours or are added; `""` takes one away. Left out: none
	Headers map[string]string `toml:"headers"`

	Redirects []webserver.Redirect
	Rules     []page.Rule // for Cache-Control
}

// siteTable is [sites.NAME] as it is written.
type siteTable struct {
	Site
	// `"/old" = "/new"`, `"/old/*" = "/new/*"`, `"/x" = { to = "/y", status = 302 }`; status 410: gone. Left out: none
	Redirects map[string]*tomlfile.Node `toml:"redirects"`
	// by path: `"/assets/*"`, `"*.pdf"`, `"/feed.xml"`. Left out: see [pages](../../webserver/README.md#pages)
	CacheControl map[string]string `toml:"cache_control"`
}

var hostName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

func (c *checker) readSites(file map[string]siteTable) {
	sites := make(map[string]string) // of hosts
	for _, name := range c.config.doc.Keys("sites") {
		s := file[name]
		site := s.Site
		site.Name, site.Hosts, site.Redirects = name, c.hosts(name, s.Hosts, sites), c.redirects(name, s.Redirects)
		c.checkSource(name, &s)
		if s.Pages != "" {
			site.Pages = c.config.resolve(s.Pages)
			c.checkSecrets(name, "pages", site.Pages)
		}
		if s.Root != "" {
			site.Root = c.config.resolve(s.Root)
			c.checkSecrets(name, "root", site.Root)
		}
		site.OriginHost = c.siteHost(diag.At("sites", name, "origin_host"), s.OriginHost)
		if site.Canonical = c.siteHost(diag.At("sites", name, "canonical"), s.Canonical); site.Canonical != "" && !slices.Contains(site.Hosts, site.Canonical) {
			c.wrong(diag.At("sites", name, "canonical"), "%q is not among the hosts of the site%s", site.Canonical, diag.DidYouMean(site.Canonical, site.Hosts))
		}
		spelled := map[string]string{} // how a field is written, by its canonical name
		for _, field := range c.config.doc.Keys("sites", name, "headers") {
			keys := diag.At("sites", name, "headers", field)
			c.checkHeader(keys, field, s.Headers[field])
			if first, twice := spelled[http.CanonicalHeaderKey(field)]; twice {
				c.wrong(keys, "the same field as %q", first)
			}
			spelled[http.CanonicalHeaderKey(field)] = field
		}
		for _, pattern := range c.config.doc.Keys("sites", name, "cache_control") {
			keys := diag.At("sites", name, "cache_control", pattern)
			if !strings.HasPrefix(pattern, "/") && !strings.HasPrefix(pattern, "*") {
				c.wrong(keys, `a pattern is a path, "/assets/*", or an end, "*.pdf"`)
			}
			page.CheckField(keys, s.CacheControl[pattern], c.wrong)
			site.Rules = append(site.Rules, page.Rule{Pattern: pattern, Value: s.CacheControl[pattern]})
		}
		c.config.Sites = append(c.config.Sites, site)
	}
	c.shareMemory()
	c.watchSites()
}

// hosts reads the hosts of a site. Each belongs to one site.
func (c *checker) hosts(name string, written []string, sites map[string]string) (list []string) {
	hosts := written
	if len(hosts) == 0 {
		hosts = []string{name}
	}
	for i, host := range hosts {
		where := diag.At("sites", name, "hosts", strconv.Itoa(i))
		if len(written) == 0 {
			where = diag.At("sites", name)
		}
		switch host = strings.ToLower(strings.TrimSuffix(host, ".")); {
		case host != "*" && (len(host) > 253 || !hostName.MatchString(host)):
			c.wrong(where, `%q is not the name of a host ("*" is every host)`, host)
		case sites[host] != "":
			c.wrong(where, "host %q belongs to site %q already", host, sites[host])
		default:
			sites[host] = name
			list = append(list, host)
		}
	}
	return list
}

func (c *checker) siteHost(keys []string, host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host != "" && (len(host) > 253 || !hostName.MatchString(host)) {
		c.wrong(keys, "%q is not the name of a host", host)
	}
	return host
}

// checkSource wants just one place for the pages to come from.
func (c *checker) checkSource(name string, s *siteTable) {
	count := 0
	for _, source := range []string{s.Pages, s.Root, s.Origin} {
		if source != "" {
			count++
		}
	}
	if count != 1 {
		c.wrong(diag.At("sites", name), "want one of pages, root and origin, not %d", count)
		return
	}
	if s.Origin == "" {
		if s.OriginHost != "" {
			c.wrong(diag.At("sites", name, "origin_host"), "it is for a site with an origin")
		}
		return
	}
	if origin, err := url.Parse(s.Origin); err != nil || origin.Host == "" || origin.Scheme != "http" && origin.Scheme != "https" {
		c.wrong(diag.At("sites", name, "origin"), `%q is not a URL like "http://127.0.0.1:3000"`, s.Origin)
	}
	if len(s.CacheControl) > 0 {
		c.wrong(diag.At("sites", name, "cache_control"), "the application says for itself how long its responses may be kept")
	}
}

// redirects reads a table of paths and where they lead.
func (c *checker) redirects(name string, table map[string]*tomlfile.Node) (list []webserver.Redirect) {
	for _, from := range c.config.doc.Keys("sites", name, "redirects") {
		keys := diag.At("sites", name, "redirects", from)
		rule, ok := redirectOf(from, table[from])
		if !ok {
			c.wrong(keys, `want where it leads: "/new", or { to = "/new", status = 302 }`)
			continue
		}
		c.checkRedirect(keys, &rule)
		list = append(list, rule)
	}
	return list
}

// redirectOf reads "/new" or { to = "/new", status = 302 }.
func redirectOf(from string, node *tomlfile.Node) (r webserver.Redirect, ok bool) {
	r = webserver.Redirect{From: from, To: node.Text(), Status: http.StatusMovedPermanently}
	for key, value := range node.Table {
		switch status, isNumber := value.Value.(int64); {
		case key == "to" && value.Text() != "":
			r.To = value.Text()
		case key == "status" && isNumber:
			r.Status = int(status)
		default:
			return r, false
		}
	}
	return r, r.To != "" || r.Status == http.StatusGone
}

func (c *checker) checkRedirect(keys []string, r *webserver.Redirect) {
	to, err := url.Parse(r.To)
	switch {
	case !strings.HasPrefix(r.From, "/"):
		c.wrong(keys, `a redirect is from a path, such as "/old" or "/old/*"`)
	case strings.Contains(strings.TrimSuffix(r.From, "*"), "*"):
		c.wrong(keys, `a * may only stand at the end: "/old/*"`)
	case r.Status == http.StatusGone:
		if r.To != "" {
			c.wrong(keys, "what is gone (410) leads nowhere: leave out `to`")
		}
	case !slices.Contains([]int{301, 302, 303, 307, 308}, r.Status):
		c.wrong(keys, "status %d is none of 301, 302, 303, 307, 308 and 410", r.Status)
	case err != nil, to.Scheme == "" && (!strings.HasPrefix(r.To, "/") || strings.HasPrefix(r.To, "//")), to.Scheme != "" && to.Host == "":
		c.wrong(keys, `%q is neither a path such as "/new" nor a URL`, r.To)
	case to.Scheme != "" && strings.HasSuffix(to.Host, "*"):
		c.wrong(keys, `what comes in place of the * would become a part of the host: want "https://%s/*"`, strings.TrimSuffix(to.Host, "*"))
	case r.From == r.To:
		c.wrong(keys, "it leads to itself")
	case strings.HasSuffix(r.From, "*") && strings.HasPrefix(r.To, strings.TrimSuffix(r.From, "*")):
		c.wrong(keys, "%s is among what it redirects: it would never end", r.To)
	}
	page.CheckField(keys, r.To, c.wrong)
}

var fieldName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// checkHeader: a field that the server itself must get right is not for the configuration.
func (c *checker) checkHeader(keys []string, name, value string) {
	own := []string{
		"Accept-Ranges", "Connection", "Content-Encoding", "Content-Length", "Content-Range", "Content-Type", "Date", "Etag", "Keep-Alive",
		"Last-Modified", "Location", "Server-Timing", "Trailer", "Transfer-Encoding", "Upgrade", "Vary", "Cache-Status", "Age",
	}
	switch canonical := http.CanonicalHeaderKey(name); {
	case !fieldName.MatchString(name):
		c.wrong(keys, "%q is not the name of a header field", name)
	case canonical == "Cache-Control":
		c.wrong(keys, "Cache-Control is set by path, in [sites.NAME.cache_control]")
	case slices.Contains(own, canonical):
		c.wrong(keys, "%s is set by the server, for each response", canonical)
	}
	page.CheckField(keys, value, c.wrong)
}

// shareMemory divides web.cache_bytes among the sites that do not say themselves how much they need.
func (c *checker) shareMemory() {
	left, without := c.config.Web.CacheBytes, ByteSize(0)
	for i := range c.config.Sites {
		if own := c.config.Sites[i].CacheBytes; own > 0 {
			left -= own
		} else {
			without++
		}
	}
	if without > 0 && left < without<<20 || left < 0 {
		c.wrong(diag.At("web", "cache_bytes"), "too little for %d sites: each needs 1 MB or more", len(c.config.Sites))
		return
	}
	for i := range c.config.Sites {
		if site := &c.config.Sites[i]; site.CacheBytes == 0 {
			site.CacheBytes = left / without
		}
	}
}

// watchSites adds the folders that sites stand in, so that one that is replaced by another is noticed.
func (c *checker) watchSites() {
	for i := range c.config.Sites {
		for _, folder := range []string{c.config.Sites[i].Pages, c.config.Sites[i].Root} {
			if folder != "" {
				c.watch(filepath.Dir(folder))
			}
		}
	}
}
