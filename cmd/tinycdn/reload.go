package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/webserver/certs"
	"tinycdn/zones"
)

// reload takes over what changed. Asked for by a signal, it reads everything again and always says what came of it.
func (p *pop) reload(what change) {
	if what.asked {
		p.notify.Reloading()
		defer func() { p.notify.Ready(p.status()) }()
	}
	usable := !what.files || p.reloadZones(what.asked)
	if usable || what.sites {
		p.reloadSites(what)
	}
	p.tellAll(what.asked)
	p.watchFolders()
}

// reloadZones takes over the configuration, the databases and the zones. It says whether the configuration can be used.
func (p *pop) reloadZones(asked bool) bool {
	begin := time.Now()
	last := &p.loader.last
	next := p.loader.read(asked)
	p.remarks.zones = next.remarks("everything stays as it was until this is mended", "the maps stay as they were")
	p.mistaken = nil
	if len(next.wrong) > 0 {
		p.mistaken = next.config.Folders()
		return false
	}
	differs := next.differs(last)
	fallen := next.serialsNotRisen(last)
	if err := p.loader.adopt(next, p.store); err != nil {
		p.remarks.zones = append(p.remarks.zones, remark{slog.LevelError, err.Error(), "everything stays as it was"})
		return false
	}
	p.remarks.zones = append(p.remarks.zones, p.needRestart(next.config)...)
	if !differs && !asked {
		return true
	}
	for _, text := range fallen {
		p.log.Warn(text, "effect", "secondaries and monitors do not notice the change")
	}
	debug.FreeOSMemory()
	if !asked {
		p.notify.Status(p.status())
	}
	p.log.Info("reloaded", "zones", p.status(), "databases", databaseNames(next.geo.infos), "after", time.Since(begin).Round(time.Millisecond))
	return true
}

// reloadSites takes over the sites and certificates of the configuration that was adopted last.
func (p *pop) reloadSites(what change) {
	begin := time.Now()
	last := p.sites.last
	next := p.sites.read(p.loader.last.config, what.asked, what.sites)
	p.remarks.sites = next.remarks()
	p.sites.adopt(next)
	p.certs.Set(next.certs.Value)
	if p.web == nil {
		return
	}
	p.web.Publish(next.servings())
	p.tender.tend(p.ctx, next)
	for _, site := range next.published(&last) {
		p.log.Info("published", "site", site.config.Name, "pages", site.pages(), "after", time.Since(begin).Round(time.Millisecond))
	}
	before := last.certs.Value.Expiries()
	for _, c := range next.certs.Value.Expiries() {
		if !slices.ContainsFunc(before, func(b certs.Expiry) bool { return b.Until.Equal(c.Until) && slices.Equal(b.Names, c.Names) }) {
			p.log.Info("certificate taken over", "for", strings.Join(c.Names, " "), "until", c.Until.UTC())
		}
	}
}

// tellAll logs what is wrong and odd: each thing once, or with again all of it.
func (p *pop) tellAll(again bool) {
	p.tell.tell(slices.Concat(p.remarks.zones, p.remarks.sites), again)
}

// needRestart names the settings that were changed but hold only from the next start on.
func (p *pop) needRestart(c *config.Config) (list []remark) {
	old := p.started
	for _, s := range []struct {
		key     string
		changed bool
	}{
		{"pop", old.POP != c.POP},
		{"user", old.User != c.User},
		{"log", old.Log != c.Log},
		{"dns.listen", !slices.Equal(old.DNS.Listen, c.DNS.Listen)},
		{"dns.nsid", old.DNS.NSID != c.DNS.NSID},
		{"dns.version", old.DNS.Version != c.DNS.Version},
		{"dns.tcp_clients", old.DNS.TCPClients != c.DNS.TCPClients},
		{"dns.tcp_per_address", old.DNS.TCPPerAddress != c.DNS.TCPPerAddress},
		{"dns.tcp_idle", old.DNS.TCPIdle != c.DNS.TCPIdle},
		{"web.listen", !slices.Equal(old.Web.Listen, c.Web.Listen)},
		{"web.tls_listen", !slices.Equal(old.Web.TLSListen, c.Web.TLSListen)},
		{"web.certs", (len(old.Web.Certs) == 0) != (len(c.Web.Certs) == 0)},
		{"web.https_redirect", old.Web.HTTPSRedirect != c.Web.HTTPSRedirect},
		{"web.http3", old.Web.HTTP3 != c.Web.HTTP3},
		{"web.hsts", old.Web.HSTS != c.Web.HSTS},
		{"web.show_pop", old.Web.ShowPOP != c.Web.ShowPOP},
		{"web.clients", old.Web.Clients != c.Web.Clients},
		{"web.clients_per_address", old.Web.PerAddress != c.Web.PerAddress},
		{"web.trusted", !slices.Equal(old.Web.Trusted, c.Web.Trusted)},
		{"web.admin", !slices.Equal(old.Web.Admin, c.Web.Admin)},
		{"web.access_log", !reflect.DeepEqual(old.Web.AccessLog, c.Web.AccessLog)},
		{"sites", len(old.Sites) == 0 && len(c.Sites) > 0}, // nobody listens for them
	} {
		if s.changed {
			list = append(list, remark{slog.LevelWarn, s.key + " has changed", "the new value holds from the next start on"})
		}
	}
	return append(list, notes(c)...)
}

// serialsNotRisen names the zones that changed without a higher serial number (RFC 1982).
func (next *state) serialsNotRisen(last *state) (list []string) {
	for file, z := range next.zones {
		before := last.zones[file]
		if before == nil || before.Value == nil || z.Value == nil || z.Value == before.Value || before.Files.Equal(z.Files) {
			continue
		}
		if int32(z.Value.Serial-before.Value.Serial) <= 0 {
			list = append(list, fmt.Sprintf("%s: zone %s has changed, but its serial number went from %d to %d", file.Path, zones.NameText(z.Apex), before.Value.Serial, z.Value.Serial))
		}
	}
	return list
}

// watchFolders watches those in which a change may concern us.
func (p *pop) watchFolders() {
	list := append(slices.Clone(p.loader.last.config.Folders()), p.mistaken...)
	for _, z := range p.loader.last.zones {
		for file := range z.Files {
			list = append(list, filepath.Dir(file))
		}
	}
	for file := range p.sites.last.certs.stamps {
		list = append(list, filepath.Dir(file))
	}
	sites, roots := p.sites.last.folders()
	p.watch.folders(list, sites, roots)
}
