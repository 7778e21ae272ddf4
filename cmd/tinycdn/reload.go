package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"tinycdn/zones"
)

// reload takes over what changed. Asked for by a signal, it reads all zones again and always says what came of it.
func (p *pop) reload(asked bool) {
	begin := time.Now()
	if asked {
		p.notify.reloading()
		defer func() { p.notify.ready(p.status()) }()
	}
	last := &p.loader.last
	next := p.loader.read(asked)
	remarks := next.remarks("everything stays as it was until this is mended", "the maps stay as they were")
	if len(next.wrong) > 0 {
		p.tell.tell(remarks, asked)
		p.watch.folders(append(p.folders(), next.config.Folders()...))
		return
	}
	differs := next.differs(last)
	fallen := next.serialsNotRisen(last)
	if err := p.loader.adopt(next, p.store); err != nil {
		p.tell.tell(append(remarks, remark{slog.LevelError, err.Error(), "everything stays as it was"}), asked)
		return
	}
	p.tell.tell(append(remarks, p.needRestart(next.config)...), asked)
	p.watch.folders(p.folders())
	if !differs && !asked {
		return
	}
	for _, text := range fallen {
		p.log.Warn(text, "effect", "secondaries and monitors do not notice the change")
	}
	debug.FreeOSMemory()
	if !asked {
		p.notify.status(p.status())
	}
	p.log.Info("reloaded", "zones", p.status(), "databases", databaseNames(next.geo.infos), "after", time.Since(begin).Round(time.Millisecond))
}

// needRestart names the settings that were changed but hold only from the next start on.
func (p *pop) needRestart(c *Config) (list []remark) {
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
		if before == nil || before.Zone == nil || z.Zone == nil || z.Zone == before.Zone || stamps(before.Files).same(z.Files) {
			continue
		}
		if int32(z.Zone.Serial-before.Zone.Serial) <= 0 {
			list = append(list, fmt.Sprintf("%s: zone %s has changed, but its serial number went from %d to %d", file.Path, zones.NameText(z.Apex), before.Zone.Serial, z.Zone.Serial))
		}
	}
	return list
}

// folders are those in which a change may concern us.
func (p *pop) folders() []string {
	list := slices.Clone(p.loader.last.config.Folders())
	for _, z := range p.loader.last.zones {
		for file := range z.Files {
			list = append(list, filepath.Dir(file))
		}
	}
	return list
}
