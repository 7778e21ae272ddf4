package main

import (
	"maps"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"
)

// reload takes over what changed. Asked for by a signal, it reads all zones again and always says what came of it.
func (p *pop) reload(asked bool) {
	begin := time.Now()
	if asked {
		p.notify.reloading()
		defer func() { p.notify.ready(p.status()) }()
	}
	next := p.loader.read(asked)
	changed := asked || next.newGeo || !maps.Equal(p.loader.zones, next.zones)
	if told := next.tell(); asked || told != p.told {
		p.told = told
		logProblems(p.log, "everything stays as it was", next.problems)
		logProblems(p.log, "the zone stays as it was", next.bad)
	}
	if len(next.problems) > 0 {
		p.watch.folders(append(p.folders(), next.config.Folders()...))
		return
	}
	if !changed {
		return
	}
	if err := p.loader.adopt(next, p.store); err != nil {
		p.log.Error(err.Error(), "effect", "everything stays as it was")
		return
	}
	p.watch.folders(p.folders())
	p.warnOfRestart(next.config)
	debug.FreeOSMemory()
	p.log.Info("reloaded", "zones", p.status(), "databases", databaseNames(p.loader.geo.infos), "after", time.Since(begin).Round(time.Millisecond))
}

// warnOfRestart names the settings that were changed but hold only from the next start on.
func (p *pop) warnOfRestart(c *Config) {
	old := p.started
	for _, s := range []struct {
		key     string
		changed bool
	}{
		{"user", old.User != c.User},
		{"log", old.Log != c.Log},
		{"pop", old.POP != c.POP},
		{"dns.listen", !slices.Equal(old.DNS.Listen, c.DNS.Listen)},
		{"dns.nsid", old.DNS.NSID != c.DNS.NSID},
		{"dns.version", old.DNS.Version != c.DNS.Version},
		{"dns.tcp_*", old.DNS.TCPClients != c.DNS.TCPClients || old.DNS.TCPPerAddress != c.DNS.TCPPerAddress || old.DNS.TCPIdle != c.DNS.TCPIdle},
	} {
		if s.changed {
			p.log.Warn("this setting has changed; it holds from the next start on", "key", s.key)
		}
	}
}

// folders are those in which a change may concern us.
func (p *pop) folders() []string {
	list := p.loader.config.Folders()
	for _, z := range p.loader.zones {
		for file := range z.Files {
			list = append(list, filepath.Dir(file))
		}
	}
	return list
}
