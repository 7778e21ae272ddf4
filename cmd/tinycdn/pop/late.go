package pop

import (
	"log/slog"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/system"
)

// listenLate listens for what came while the POP was at work: the first site, and the first certificate. It is for whoever adopts.
func (p *POP) listenLate() {
	c := p.current.Config
	if p.web == nil && len(c.Sites) > 0 {
		p.listenForPages(c)
		system.TuneForPages()
		http, https := p.web.Addrs()
		p.log.Info("listening for pages", "http", listeners(http), "https", listeners(https))
	}
	p.tlsProblem = nil
	if p.web == nil || !c.WantsHTTPS() {
		return
	}
	if _, https := p.web.Addrs(); len(https) == 0 {
		if p.tlsProblem = p.web.ListenTLS(); p.tlsProblem == nil {
			p.publishSites() // which say by now where HTTP/3 is
		}
	}
}

// needRestart names the settings that were changed but hold only from the next start on.
func (p *POP) needRestart(c *config.Config) (list []Finding) {
	start := *p.started
	start.Web = c.Web
	if p.pages != nil {
		start.Web = p.pages.Web
	}
	start.Web.AdminSocket = p.started.Web.AdminSocket
	const later = "the new value holds from the next start on"
	for _, key := range c.NeedRestart(&start, p.name) {
		list = append(list, Finding{Level: slog.LevelWarn, Text: key + " has changed", Effect: later})
	}
	if p.pages != nil && p.pages != p.started {
		if http, _ := p.web.Addrs(); len(http) == 0 {
			list = append(list, Finding{Level: slog.LevelWarn, Text: "sites: no address of web.listen could be bound for the first", Effect: "there are no pages before the next start, unless one can be bound"})
		}
	}
	if p.tlsProblem != nil {
		list = append(list, Finding{Level: slog.LevelWarn, Text: p.tlsProblem.Error(), Effect: "there is no HTTPS before a reload or a start that can listen there"})
	}
	return list
}
