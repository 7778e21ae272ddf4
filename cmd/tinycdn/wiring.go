package main

import (
	"slices"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geodns"
	"tinycdn/webserver"
	"tinycdn/webserver/certs"
)

func (p *pop) dnsConfig() geodns.Config {
	c := p.started.DNS
	clients := system.Capped(c.TCPClients, p.budget().Queries)
	return geodns.Config{Listen: c.Listen, MaxClients: clients, MaxPerAddress: c.TCPPerAddress, IdleTime: c.TCPIdle}
}

func (p *pop) newAnswerer() geodns.Answerer {
	c := p.started.DNS
	id := geodns.Identity{Name: p.name, Version: c.Version}
	if c.NSID != "" {
		id.Name = c.NSID
	}
	return geodns.NewResponder(p.store, id).Respond
}

// budget divides the open files of this process, as the configuration was when it started.
func (p *pop) budget() system.FileBudget {
	if len(p.started.Sites) == 0 {
		return system.QueryBudget(system.OpenFiles())
	}
	hasOrigin := slices.ContainsFunc(p.started.Sites, func(c config.Site) bool { return c.Origin != "" })
	return system.PageBudget(system.OpenFiles(), p.started.Web.Clients, hasOrigin)
}

// listenWeb binds the sockets of the page server, if there are sites.
func (p *pop) listenWeb() (*webserver.Server, error) {
	if len(p.started.Sites) == 0 {
		return nil, nil
	}
	config, share := webConfig(p.started, p.name), p.budget()
	if config.Clients = system.Capped(config.Clients, share.Visitors); config.Clients == share.Visitors {
		p.log.Warn("the limit on open files is low", "files", share.Files, "web.clients", share.Visitors, "effect", "there is no room for more connections of visitors")
	}
	web, err := webserver.Listen(config, p.currentCerts(), p.log)
	if err != nil {
		return nil, err
	}
	web.Publish(p.sites.last.servings())
	return web, nil
}

// webConfig is how the page server of a POP is to work.
func webConfig(config *config.Config, pop string) webserver.Config {
	c := config.Web
	if !c.ShowPOP {
		pop = ""
	}
	return webserver.Config{
		POP: pop, Listen: c.Listen, TLSListen: c.TLSListen, HTTP3: c.HTTP3, HTTPSRedirect: c.HTTPSRedirect, HSTS: c.HSTS,
		Trusted: c.Trusted, Admin: c.Admin, Clients: c.Clients, PerAddress: c.PerAddress, AccessLog: c.AccessLog,
	}
}

// currentCerts are the certificates, or nil if none are configured.
func (p *pop) currentCerts() *certs.Current {
	if len(p.started.Web.Certs) == 0 {
		return nil
	}
	return &p.certs
}
