package config

import (
	"regexp"
	"strings"

	"tinycdn/zones/diag"
)

// maxAge finds the directive that Strict-Transport-Security must have (RFC 6797, 6.1.1).
var maxAge = regexp.MustCompile(`(?i)(?:^|;)\s*max-age\s*=\s*"?(\d+)"?\s*(?:;|$)`)

// keeps says whether a Strict-Transport-Security keeps browsers from HTTP. With max-age=0 they forget about it.
func keeps(value string) bool {
	age := maxAge.FindStringSubmatch(value)
	return age != nil && strings.Trim(age[1], "0") != ""
}

// noteMaxAge notes a Strict-Transport-Security, at its keys, that browsers pass over.
func (c *checker) noteMaxAge(keys []string, value string) {
	if value != "" && !maxAge.MatchString(value) {
		c.note(keys, `browsers pass over %q: it has no max-age in seconds, such as "max-age=7776000"`, value)
	}
}

// noteHSTS notes what browsers pass over, and what keeps them from a site over HTTP that is meant to be seen that way.
func (c *checker) noteHSTS() {
	c.noteMaxAge(diag.At("web", "hsts"), c.config.Web.HSTS)
	for i := range c.config.Sites {
		site := &c.config.Sites[i]
		if site.HSTS != nil {
			c.noteMaxAge(diag.At("sites", site.Name, "hsts"), *site.HSTS)
		}
		if site.HTTPSRedirect == nil || *site.HTTPSRedirect {
			continue
		}
		keys := diag.At("sites", site.Name, "https_redirect")
		if keeps(site.StrictTransport(&c.config.Web.Config)) {
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
		value := above.StrictTransport(&c.config.Web.Config)
		if !keeps(value) || !strings.Contains(strings.ToLower(value), "includesubdomains") {
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
