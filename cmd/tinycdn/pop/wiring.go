package pop

import (
	"slices"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geodns"
	"tinycdn/webserver"
	"tinycdn/webserver/certs"
)

// Listen binds the sockets of the nameserver, and of the page server if there are sites.
func (p *POP) Listen() (err error) {
	if p.dns, err = geodns.Listen(p.dnsConfig(), p.newAnswerer, p.log); err != nil {
		return err
	}
	if len(p.started.Sites) == 0 {
		return nil
	}
	if p.web, err = webserver.Listen(p.webConfig(), p.currentCerts(), p.log); err != nil {
		p.dns.Close()
		return err
	}
	p.publishSites()
	return nil
}

func (p *POP) dnsConfig() geodns.Config {
	c := p.started.DNS
	clients := system.Capped(c.TCPClients, p.budget().Queries)
	return geodns.Config{Listen: c.Listen, Loops: p.Loops, MaxClients: clients, MaxPerAddress: c.TCPPerAddress, IdleTime: c.TCPIdle}
}

func (p *POP) newAnswerer() geodns.Answerer {
	c := p.started.DNS
	id := geodns.Identity{Name: p.name, Version: c.Version}
	if c.NSID != "" {
		id.Name = c.NSID
	}
	return geodns.NewResponder(p.store, id).Respond
}

func (p *POP) webConfig() webserver.Config {
	c, budget := p.started.Web, p.budget()
	clients := system.Capped(c.Clients, budget.Visitors)
	if clients == budget.Visitors {
		p.log.Warn("the limit on open files is low", "files", budget.Files, "web.clients", clients, "effect", "there is no room for more connections of visitors")
	}
	name := p.name
	if !c.ShowPOP {
		name = ""
	}
	return webserver.Config{
		POP: name, Listen: c.Listen, TLSListen: c.TLSListen, HTTP3: c.HTTP3, HTTPSRedirect: c.HTTPSRedirect, HSTS: c.HSTS,
		Trusted: c.Trusted, Admin: c.Admin, Clients: clients, PerAddress: c.PerAddress, AccessLog: c.AccessLog,
	}
}

// currentCerts are the certificates, or nil if none are configured.
func (p *POP) currentCerts() *certs.Current {
	if len(p.started.Web.Certs) == 0 {
		return nil
	}
	return &p.certs
}

// publishSites hands the sites of what is served to the page server, if there is one.
func (p *POP) publishSites() {
	if p.web == nil {
		return
	}
	p.web.Publish(p.current.servings())
	p.origins.Supervise(p.current.origins())
}

// budget divides the open files of this process, as the configuration was when it started.
func (p *POP) budget() system.FileBudget {
	if len(p.started.Sites) == 0 {
		return system.QueryBudget(system.OpenFiles())
	}
	hasOrigin := slices.ContainsFunc(p.started.Sites, func(c config.Site) bool { return c.Origin != "" })
	return system.PageBudget(system.OpenFiles(), p.started.Web.Clients, hasOrigin)
}
