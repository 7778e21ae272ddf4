package config

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"tinycdn/webserver/acme"
	"tinycdn/zones/diag"
)

// readACME resolves what [acme] names, and says what does not fit.
func (c *checker) readACME() {
	a := c.config.ACME
	if a == nil {
		return
	}
	for _, path := range []*string{&a.EAB.Key, &a.Roots} {
		if *path != "" {
			*path = c.config.resolve(*path)
		}
	}
	a.Check(c.below("acme"))
	for i, name := range a.Names {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		if host := strings.TrimPrefix(name, "*."); !isHost(host) || !isPublic(host) {
			c.wrong(diag.At("acme", "names", strconv.Itoa(i)), "%q is no name that an authority gives a certificate for", name)
		}
		if slices.Contains(a.Names[:i], name) {
			c.wrong(diag.At("acme", "names", strconv.Itoa(i)), "%q is there twice", name)
		}
		a.Names[i] = name
	}
	if len(c.config.Web.TLSListen) == 0 {
		c.note(diag.At("acme"), "it has no effect: web.tls_listen is empty")
	}
}

// Certificates are those that are to be ordered: one of the names that are given, else one for each site, with its hosts but for those
// that have a certificate of their own.
func (c *Config) Certificates(covered func(host string) bool) (wanted []acme.Wanted) {
	if c.ACME == nil {
		return nil
	}
	if len(c.ACME.Names) > 0 {
		return []acme.Wanted{{Name: "names", Names: c.ACME.Names}}
	}
	for _, site := range c.Sites {
		one := acme.Wanted{Name: site.Name}
		for _, host := range site.Hosts {
			if isPublic(host) && !covered(host) {
				one.Names = append(one.Names, host)
			}
		}
		wanted = append(wanted, one)
	}
	return wanted
}

// isPublic says whether an authority may give a certificate for a host by its name. "*" is every host, one without a dot is one of this
// network, and an address is proved in another way: it would take the certificate from the names beside it.
func isPublic(host string) bool {
	_, err := netip.ParseAddr(host)
	return err != nil && strings.Contains(host, ".")
}

// WantsHTTPS says whether there is to be any certificate.
func (c *Config) WantsHTTPS() bool { return len(c.Web.Certs) > 0 || c.ACME != nil }
