package pop

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geodns"
	"tinycdn/webserver"
	"tinycdn/webserver/certs"
)

// Listen binds the sockets of the nameserver, and of the page server if there are sites.
func (p *POP) Listen() (err error) {
	at := p.started.ListenAt(p.name)
	if len(at.PassedOver) > 0 {
		p.log.Info("addresses of other POPs are not listened on", "listen", strings.Join(at.PassedOver, " "))
	}
	if p.member != nil {
		if err := p.member.doors.inherit(p.restarts.inherited, at.HTTPS); err != nil {
			return err
		}
	}
	if p.dns, err = geodns.Listen(p.dnsConfig(), p.newAnswerer, p.log); err != nil {
		return err
	}
	if p.servesPages() {
		p.listenForPages(p.started)
	}
	p.listenAdmin()
	return nil
}

// listenForPages binds the sockets of the page server, by the configuration that brings the first site.
func (p *POP) listenForPages(c *config.Config) {
	p.pages = c
	p.certs.Set(certs.None(wantedCerts(c))) // until they are read
	p.web = webserver.Listen(p.webConfig(c), &p.certs, p.log)
	if p.current != nil {
		p.showCertificates()
		p.publishSites()
	}
	close(p.hasPages)
}

// wantedCerts is how many certificates there are to be: of those that are ordered only that there are any is known yet.
func wantedCerts(c *config.Config) int {
	if c.ACME != nil {
		return len(c.Web.Certs) + 1
	}
	return len(c.Web.Certs)
}

func (p *POP) dnsConfig() geodns.Config {
	c := p.started.DNS
	c.Listen = p.started.ListenAt(p.name).DNS
	c.NSID = cmp.Or(c.NSID, p.name)
	c.Inherited, c.Country, c.POP = p.restarts.inherited, p.country, p.popAt
	if p.restarts.by != nil {
		c.Secrets = p.restarts.by.Secrets
	}
	c.MaxClients = min(c.MaxClients, p.budget().Queries)
	return c
}

func (p *POP) newAnswerer(loop *geodns.Loop) geodns.Answerer {
	c := p.started.DNS
	return geodns.NewResponder(p.store, geodns.Identity{Name: cmp.Or(c.NSID, p.name), Version: c.Version, Told: p.told}, loop)
}

func (p *POP) webConfig(from *config.Config) webserver.Config {
	c, budget := from.Web.Config, pageBudget(from)
	at := from.ListenAt(p.name)
	c.Listen, c.TLSListen = at.HTTP, at.HTTPS
	if most := system.ConnectionsIn(system.Memory()).Visitors; c.Clients > most {
		c.Clients = most
		p.log.Info("memory bounds the connections of visitors", "web.clients", most)
	}
	if c.Clients >= budget.Visitors {
		c.Clients = budget.Visitors
		p.log.Warn("the limit on open files is low", "files", budget.Files, "web.clients", c.Clients, "effect", "there is no room for more connections of visitors")
	}
	if from.Web.ShowPOP {
		c.POP = p.name
	}
	c.Inherited, c.QUICAfter = p.restarts.inherited, p.quicAfter()
	c.States, c.Counters, c.Away, c.Token = p.states, p.writeCounters, p.away, p.token
	c.Where = p.tellWhere
	if p.member != nil {
		c.Peers, c.Purge = p.member.peers(), p.member.purgeElsewhere
	}
	return c
}

// publishSites hands the sites of what is served to the page server, if there is one.
func (p *POP) publishSites() {
	p.count()
	if p.web == nil {
		return
	}
	p.web.Publish(p.current.servings())
	p.origins.Supervise(p.current.origins())
}

// servesPages says whether there is a page server from the start on: that of a member of a cluster has the port at which the others
// come, too.
func (p *POP) servesPages() bool { return len(p.started.Sites) > 0 || p.member != nil }

// budget divides the open files of this process, as the configuration was when it started.
func (p *POP) budget() system.FileBudget {
	if !p.servesPages() {
		return system.QueryBudget(system.OpenFiles())
	}
	return pageBudget(p.started)
}

// pageBudget divides them where there are sites.
func pageBudget(c *config.Config) system.FileBudget {
	hasOrigin := slices.ContainsFunc(c.Parts(), func(c config.Part) bool { return c.Origin != "" })
	return system.PageBudget(system.OpenFiles(), c.Web.Clients, hasOrigin)
}

func listeners(addrs []netip.AddrPort) string {
	var list []string
	for _, a := range addrs {
		list = append(list, a.String())
	}
	return strings.Join(list, " ")
}
