package pop

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/state"
	"tinycdn/geoip"
	"tinycdn/webserver/visits"
	"tinycdn/zones"
	"tinycdn/zones/diag"
)

// counting is what a POP counts of its visitors.
type counting struct {
	folder  string                         // in which it is kept; "": nothing is counted
	begun   chan struct{}                  // closed when there is a counter
	counter atomic.Pointer[visits.Counter] // nil: nobody has asked yet
}

// statsIn is the folder for statistics in a state folder; "": there is none.
func statsIn(path string) string {
	if path == "" {
		return ""
	}
	return filepath.Join(path, state.Stats)
}

// count has page views and queries counted as what is served wants it. It is for whoever adopts.
func (p *POP) count() {
	k, config := &p.counting, p.current.Config.Stats
	counter := k.counter.Load()
	if p.dns != nil {
		p.dns.CountNames(k.folder != "" && !p.standsIn() && config != nil)
	}
	switch {
	case k.folder == "" || p.standsIn():
		return
	case config == nil && counter == nil:
		visits.Forget(k.folder)
		return
	case config == nil:
		if p.web != nil {
			p.web.Count(nil)
		}
		counter.Rest()
		return
	case counter == nil:
		counter = visits.New(visits.Options{Folder: k.folder, POP: p.statsName(), Locate: p.countryOf, Queries: p.queries, Log: p.log}, *config)
		k.counter.Store(counter)
		defer close(k.begun)
	}
	counter.Set(*config)
	if p.web != nil {
		p.web.Count(counter)
	}
}

// statsName is what the POP's files are called by; one that has no name has one there.
func (p *POP) statsName() string {
	if p.name == "" {
		return "pop"
	}
	return p.name
}

// countryOf is that of an address by the databases of what is served; "": it is not known.
func (p *POP) countryOf(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return geoip.CountryCodes()[p.country(geoip.BlockOfAddr(a))]
}

// queries are those that the nameserver has answered, by name those since the last time.
func (p *POP) queries() visits.Queries {
	if p.dns == nil {
		return visits.Queries{}
	}
	s, q := p.dns.Stats(), visits.Queries{Zones: map[string]uint64{}, Countries: map[string]uint64{}, Names: p.dns.Names()}
	for number, name := range p.store.Counted() {
		switch number {
		case zones.NoZone:
			name = "(no zone here)"
		case zones.OtherZones:
			name = "(other)"
		}
		for _, n := range s.Zones[number] {
			q.Zones[name] += n
		}
	}
	for number, code := range geoip.CountryCodes() {
		q.Countries[code] = s.Countries[number]
	}
	return q
}

// countVisits counts until ctx ends, once somebody has asked for it.
func (p *POP) countVisits(ctx context.Context) error {
	select {
	case <-p.counting.begun:
		p.counting.counter.Load().Run(ctx)
	case <-ctx.Done():
	}
	return nil
}

// cannotCount tells why what a generation wants to be counted is not.
func (p *POP) cannotCount(g *Generation) []Finding {
	if g.Config.Stats == nil || p.counting.folder != "" {
		return nil
	}
	text := g.Config.Problem(diag.At("stats"), "there is no folder to keep statistics in").String()
	return []Finding{{Level: slog.LevelWarn, Text: text, Effect: "nothing is counted"}}
}

// counts is who counts; nil: nobody does.
func (p *POP) counts() *visits.Counter {
	if p.standsIn() || p.served.Load() == nil || p.served.Load().Config.Stats == nil {
		return nil
	}
	return p.counting.counter.Load()
}

// unwritten is what of it cannot be written, and why; nil: all is, or nobody counts.
func (p *POP) unwritten() *visits.Unwritten {
	if c := p.counts(); c != nil {
		return c.Unwritten()
	}
	return nil
}

// tellStats writes what was counted, a line for each Row, and last of which databases the countries are.
func (p *POP) tellStats(o cluster.StatsOrder, w io.Writer) error {
	c := p.counts()
	if c == nil {
		return fmt.Errorf("POP %s counts nothing (its configuration has no [stats])", p.name)
	}
	out := json.NewEncoder(w)
	if err := c.Report(o.Days, o.Top, func(r visits.Row) error { return out.Encode(r) }); err != nil {
		return err
	}
	for _, info := range p.served.Load().Databases() {
		if info.Attribution != "" {
			out.Encode(visits.Row{By: visits.BySource, Name: info.Attribution})
		}
	}
	return nil
}

// answerStats tells an admin what was counted.
func (p *POP) answerStats(w http.ResponseWriter, r *http.Request) {
	var o cluster.StatsOrder
	o.Days, _ = strconv.Atoi(r.URL.Query().Get("days"))
	o.Top, _ = strconv.Atoi(r.URL.Query().Get("top"))
	err := o.Check()
	if err == nil && p.member != nil {
		p.member.FreshCounts(r.Context())
	}
	if err == nil {
		err = p.tellStats(o, w)
	}
	if err != nil {
		http.Error(w, strings.TrimSpace(err.Error()), http.StatusConflict)
	}
}

// counter is who counts at this POP; nil: nobody does.
func (m *member) counter() cluster.Counter {
	if p := m.pop.Load(); p != nil {
		if c := p.counts(); c != nil {
			return c
		}
	}
	return nil
}

// stats tells a publisher what was counted.
func (m *member) stats(o cluster.StatsOrder, w io.Writer) error {
	p := m.pop.Load()
	if p == nil {
		return errElsewhere
	}
	return p.tellStats(o, w)
}
