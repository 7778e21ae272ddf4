package main

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"tinycdn/zones/tomlfile"
)

// WebConfig is [web].
type WebConfig struct {
	Listen        []string
	TLSListen     []string
	Certs         []CertPair
	HTTPSRedirect bool
	HTTP3         bool
	CacheBytes    int64
}

// CertPair is a certificate chain and its key.
type CertPair struct{ Chain, Key string }

// SiteConfig is [sites.NAME]: the pages of some hosts, from one of three places.
type SiteConfig struct {
	Name   string
	Hosts  []string
	Pages  string // folder of Markdown pages
	Root   string // folder of a finished static site
	Origin string // URL of an application whose responses are cached
}

// webFile is [web] as it is written.
type webFile struct {
	Listen        tomlfile.Strings `toml:"listen"`
	TLSListen     tomlfile.Strings `toml:"tls_listen"`
	Certs         *tomlfile.Node   `toml:"certs"` // one pair, or a list of pairs
	HTTPSRedirect bool             `toml:"https_redirect"`
	HTTP3         bool             `toml:"http3"`
	CacheBytes    byteSize         `toml:"cache_bytes"`
}

// siteFile is [sites.NAME] as it is written.
type siteFile struct {
	Hosts  tomlfile.Strings `toml:"hosts"` // left out: the name of the site
	Pages  string           `toml:"pages"`
	Root   string           `toml:"root"`
	Origin string           `toml:"origin"`
}

func (c *configCheck) readWeb(file *webFile) {
	c.checkListen(at("web", "listen"), file.Listen, "80")
	c.checkListen(at("web", "tls_listen"), file.TLSListen, "443")
	c.config.Web = WebConfig{
		Listen: file.Listen, TLSListen: file.TLSListen,
		HTTPSRedirect: file.HTTPSRedirect, HTTP3: file.HTTP3, CacheBytes: int64(file.CacheBytes),
	}
	if file.Certs == nil {
		return
	}
	pairs := file.Certs.List
	if isPair(file.Certs) {
		pairs = []*tomlfile.Node{file.Certs}
	}
	if len(pairs) == 0 {
		c.wrong(at("web", "certs"), `want a pair like ["fullchain.pem", "privkey.pem"], or a list of pairs`)
	}
	for i, pair := range pairs {
		if !isPair(pair) {
			c.wrong(at("web", "certs", strconv.Itoa(i)), `want a pair like ["fullchain.pem", "privkey.pem"]`)
			continue
		}
		c.config.Web.Certs = append(c.config.Web.Certs, CertPair{c.config.beside(pair.List[0].Text()), c.config.beside(pair.List[1].Text())})
	}
}

func isPair(n *tomlfile.Node) bool {
	return len(n.List) == 2 && n.List[0].Text() != "" && n.List[1].Text() != ""
}

var hostName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

func (c *configCheck) readSites(file map[string]siteFile) {
	sites := make(map[string]string) // of hosts
	for _, name := range c.config.doc.Keys("sites") {
		s := file[name]
		site := SiteConfig{Name: name, Origin: s.Origin}
		hosts := s.Hosts
		if len(hosts) == 0 {
			hosts = tomlfile.Strings{name}
		}
		for i, host := range hosts {
			where := at("sites", name, "hosts", strconv.Itoa(i))
			if len(s.Hosts) == 0 {
				where = at("sites", name)
			}
			switch host = strings.ToLower(strings.TrimSuffix(host, ".")); {
			case len(host) > 253 || !hostName.MatchString(host):
				c.wrong(where, "%q is not the name of a host", host)
			case sites[host] != "":
				c.wrong(where, "host %q belongs to site %q already", host, sites[host])
			default:
				sites[host] = name
				site.Hosts = append(site.Hosts, host)
			}
		}
		c.checkSource(name, &s)
		if s.Pages != "" {
			site.Pages = c.config.beside(s.Pages)
		}
		if s.Root != "" {
			site.Root = c.config.beside(s.Root)
		}
		c.config.Sites = append(c.config.Sites, site)
	}
}

// checkSource wants just one place for the pages to come from.
func (c *configCheck) checkSource(name string, s *siteFile) {
	count := 0
	for _, source := range []string{s.Pages, s.Root, s.Origin} {
		if source != "" {
			count++
		}
	}
	if count != 1 {
		c.wrong(at("sites", name), "want one of pages, root and origin, not %d", count)
		return
	}
	if s.Origin == "" {
		return
	}
	if origin, err := url.Parse(s.Origin); err != nil || origin.Host == "" || origin.Scheme != "http" && origin.Scheme != "https" {
		c.wrong(at("sites", name, "origin"), `%q is not a URL like "http://127.0.0.1:3000"`, s.Origin)
	}
}

// byteSize is a number of bytes: 1000000, "64MB", "1GiB".
type byteSize int64

func (b *byteSize) UnmarshalText(text []byte) error {
	units := []struct {
		name string
		size int64
	}{{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"B", 1}, {"", 1}}
	for _, unit := range units {
		digits, ok := strings.CutSuffix(string(text), unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > 1<<50/unit.size {
			break
		}
		*b = byteSize(n * unit.size)
		return nil
	}
	return fmt.Errorf(`%q is not a number of bytes, such as "64MB"`, text)
}
