package pop

import (
	"net"
	"net/netip"
	"slices"
	"strconv"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones/health"
	"tinycdn/zones/steer"
)

// spots are where and how the other POPs of a generation are looked at from here, and membersOf what there is to be said of each. Of a
// family that this POP has no address of it sees nothing.
func (p *POP) spots(g *Generation) (list []health.Spot) {
	page, zone := g.checkedPage(), g.checkedZone()
	own := familiesOf(g.Config, p.name)
	for _, pop := range g.Config.POPs {
		if pop.Name == p.name {
			continue
		}
		at := g.Config.ListenAt(pop.Name)
		var all [4]health.Spot // IPv4 and IPv6, pages and DNS
		for _, addr := range pop.Addresses {
			if !own[addr.Is4()] {
				continue
			}
			i := 0
			if addr.Is6() {
				i = 2
			}
			if page != nil {
				all[i].Target, all[i].Page = health.Target{POP: pop.Name, Check: health.PagesOver(addr)}, page
				all[i].Addrs = append(all[i].Addrs, netip.AddrPortFrom(addr, pagePort(g.Config, at, page)))
			}
			if zone != nil {
				all[i+1].Target, all[i+1].Zone = health.Target{POP: pop.Name, Check: health.DNSOver(addr)}, zone
				all[i+1].Addrs = append(all[i+1].Addrs, netip.AddrPortFrom(addr, portOf(at.DNS, g.Config.DNS.Listen, 53)))
			}
		}
		for _, spot := range all {
			if spot.Timeout = g.Config.Health.Timeout; len(spot.Addrs) > 0 {
				list = append(list, spot)
			}
		}
	}
	return list
}

// membersOf are the POPs of a generation with what there is to be checked of them.
func (g *Generation) membersOf(votes func(pop string) bool) (list []health.Member) {
	page, zone := g.checkedPage(), g.checkedZone()
	for _, pop := range g.Config.POPs {
		m := health.Member{Name: pop.Name, Votes: votes(pop.Name)}
		for _, addr := range pop.Addresses {
			m.Checks[health.PagesOver(addr)] = page != nil
			m.Checks[health.DNSOver(addr)] = zone != nil
		}
		list = append(list, m)
	}
	return list
}

// familiesOf says whether a POP has addresses of IPv4 (true) and IPv6 (false).
func familiesOf(c *config.Config, name string) map[bool]bool {
	families := map[bool]bool{}
	i := slices.IndexFunc(c.POPs, func(p steer.POP) bool { return p.Name == name })
	if i < 0 {
		return families
	}
	for _, addr := range c.POPs[i].Addresses {
		families[addr.Is4()] = true
	}
	return families
}

// checkedPage is the page that is looked at: that of the first host of the sites, unless the settings name one; nil: there is none.
func (g *Generation) checkedPage() *health.Page {
	host := ""
	for _, site := range g.Config.Sites {
		for _, name := range site.Hosts {
			if host == "" && name != "*" {
				host = name
			}
		}
	}
	return g.Config.Health.PageOf(host, len(g.Config.Web.TLSListen) > 0 && g.certs.Value.Covers(host))
}

// checkedZone is the name of the zone that nameservers are asked for; nil: there is none.
func (g *Generation) checkedZone() []byte {
	for _, z := range g.answered {
		if z.Value != nil {
			return z.apex
		}
	}
	return nil
}

// pagePort is the port at which a POP has the page.
func pagePort(c *config.Config, at config.Listening, page *health.Page) uint16 {
	there, written, usual := at.HTTP, c.Web.Listen, uint16(80)
	if page.Secure {
		there, written, usual = at.HTTPS, c.Web.TLSListen, 443
	}
	switch {
	case page.Port > 0:
		return page.Port
	case len(c.Sites) == 0: // another server has the pages
		return usual
	}
	return portOf(there, written, usual)
}

// portOf is the port at which strangers find a POP that listens there: the usual one, unless others alone are listened on. Of one that
// listens nowhere by this POP's configuration, which may have addresses of this one alone, it is as written here.
func portOf(there, written []string, usual uint16) uint16 {
	if len(there) == 0 {
		there = written
	}
	var ports []uint16
	for _, address := range there {
		_, text, _ := net.SplitHostPort(address)
		if port, err := strconv.ParseUint(text, 10, 16); err == nil {
			ports = append(ports, uint16(port))
		}
	}
	if len(ports) == 0 || slices.Contains(ports, usual) {
		return usual
	}
	return ports[0]
}
