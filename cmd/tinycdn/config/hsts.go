package config

import (
	"strings"

	"tinycdn/zones/diag"
)

// noteHSTS notes what keeps browsers from a site over HTTP that is meant to be seen that way.
func (c *checker) noteHSTS() {
	for i := range c.config.Sites {
		site := &c.config.Sites[i]
		if site.HTTPSRedirect == nil || *site.HTTPSRedirect {
			continue
		}
		keys := diag.At("sites", site.Name, "https_redirect")
		if site.StrictTransport(&c.config.Web.Config) != "" {
			c.note(keys, "browsers that have once been here over HTTPS never come over HTTP again: the site says Strict-Transport-Security")
		}
		for _, host := range site.Hosts {
			if above, name := c.includes(host); above != nil && above != site {
				c.note(keys, "browsers that have once been at %s over HTTPS never come to %s over HTTP: the Strict-Transport-Security of site %q includes subdomains", name, host, above.Name)
			}
		}
	}
}

// includes gives the site, and the name of it, whose Strict-Transport-Security holds for a host below it as well; nil: none.
func (c *checker) includes(host string) (*Site, string) {
	for i := range c.config.Sites {
		above := &c.config.Sites[i]
		if !strings.Contains(strings.ToLower(above.StrictTransport(&c.config.Web.Config)), "includesubdomains") {
			continue
		}
		for _, name := range above.Hosts {
			if name != "*" && strings.HasSuffix(host, "."+name) {
				return above, name
			}
		}
	}
	return nil, ""
}
