package config

import (
	"net"
	"net/netip"
	"slices"

	"tinycdn/geoip/inet"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// Listening is what one POP listens on.
type Listening struct {
	DNS, HTTP, HTTPS []string
	PassedOver       []string // addresses of other POPs: one list serves all of them
}

// ListenAt is what the POP of that name listens on: "pop" stands for its own addresses.
func (c *Config) ListenAt(pop string) (l Listening) {
	l.DNS = c.listenAt(pop, c.DNS.Listen, "53", &l)
	l.HTTP = c.listenAt(pop, c.Web.Listen, "80", &l)
	l.HTTPS = c.listenAt(pop, c.Web.TLSListen, "443", &l)
	return l
}

func (c *Config) listenAt(pop string, addresses []string, port string, l *Listening) (all []string) {
	add := func(address string) {
		if !slices.Contains(all, address) {
			all = append(all, address)
		}
	}
	for _, address := range addresses {
		if port, ok := inet.ListensAsPOP(address, port); ok {
			for _, own := range c.pop(pop).Addresses {
				add(net.JoinHostPort(own.String(), port))
			}
		} else if a, err := netip.ParseAddrPort(address); err == nil && c.isOfAnother(pop, a.Addr().Unmap()) {
			l.PassedOver = append(l.PassedOver, address)
		} else {
			add(address)
		}
	}
	return all
}

// pop is the POP of that name; without any addresses: there is none.
func (c *Config) pop(name string) (found steer.POP) {
	for _, pop := range slices.Concat(c.POPs, c.lostPOPs) {
		if pop.Name == name {
			found = pop
		}
	}
	return found
}

func (c *Config) isOfAnother(pop string, a netip.Addr) bool {
	return pop != "" && slices.ContainsFunc(slices.Concat(c.POPs, c.lostPOPs), func(p steer.POP) bool { return p.Name != pop && slices.Contains(p.Addresses, a) })
}

// checkListen notes which POPs would listen nowhere, and wants that there are some where "pop" stands.
func (c *checker) checkListen() {
	config := c.config
	for _, key := range []struct {
		keys      []string
		addresses []string
		port      string
	}{
		{diag.At("dns", "listen"), config.DNS.Listen, "53"},
		{diag.At("web", "listen"), config.Web.Listen, "80"},
		{diag.At("web", "tls_listen"), config.Web.TLSListen, "443"},
	} {
		asPOP := slices.ContainsFunc(key.addresses, func(address string) bool { _, ok := inet.ListensAsPOP(address, ""); return ok })
		if asPOP && len(config.POPs) == 0 {
			c.wrong(key.keys, `"pop" is the addresses of this POP, but there are no [pops]`)
		}
		for _, pop := range config.POPs {
			if len(key.addresses) > 0 && len(pop.Addresses) > 0 && len(config.listenAt(pop.Name, key.addresses, key.port, new(Listening))) == 0 {
				c.note(key.keys, `POP %q listens on none of these: they are others' (did you mean "pop", each POP's own?)`, pop.Name)
			}
		}
	}
}
