package pop

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/dashboard"
	"tinycdn/cmd/tinycdn/status"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geodns"
	"tinycdn/geoip"
	"tinycdn/webserver"
	"tinycdn/webserver/page"
)

// dashboard is this POP's, until ctx ends.
func (p *POP) dashboard(ctx context.Context) *dashboard.Dashboard {
	return dashboard.New(ctx, dashboard.Host{State: p.shown, Totals: p.totals, Map: p.drawMap, Explain: p.explain, Visits: p.visited, Generations: p.generations})
}

// shown is how all is.
func (p *POP) shown(now time.Time) *dashboard.State {
	g := p.served.Load()
	s := &dashboard.State{
		POP: cmp.Or(p.name, "this POP"), Version: system.Version(), Started: utc(p.begin), Alone: p.member == nil, Reloads: p.reloaded.last(),
		Maps: append([]string{}, g.mapNames()...), Drawn: g.mapsDrawn(),
		POPs: []dashboard.POP{}, Certificates: []dashboard.Certificate{}, Wrong: []dashboard.Wrong{},
	}
	var known cluster.Status
	if p.member != nil {
		is := p.member.State()
		s.Generation = &dashboard.Generation{Served: is.Serving.Number, Live: is.Wanted.Number, Since: utc(is.Since), Canary: is.Canary}
		known = p.member.Status()
	}
	for _, pop := range g.Config.POPs {
		s.POPs = append(s.POPs, p.shownPOP(pop.Name, &known))
	}
	p.showDrains(s.POPs)
	states := p.states()
	if p.withPages() {
		states = p.web.Stats(now).States
	}
	showCertificates(s, states, now)
	showWrong(s, states)
	return s
}

// shownPOP is how one is, as this one answers, and as all of them see it.
func (p *POP) shownPOP(name string, known *cluster.Status) dashboard.POP {
	one := dashboard.POP{Name: name, Here: name == p.name, State: "up", Seen: map[string]dashboard.Seen{}}
	for _, d := range p.store.Current().Down() {
		if d.POP != name {
			continue
		}
		switch one.Why = d.Why; {
		case d.A || d.AAAA:
			one.State, one.Since = "down", utc(d.Since)
		case d.Drained:
			one.State = "drained"
		case d.Doubt:
			one.State = "in doubt"
		}
	}
	if row, is := known.Rows[name]; is {
		one.Generation, one.Version, one.Load = row.Serving.Number, row.Version, &row.Report.Load
	}
	if link := known.Rows[p.name].Hears[name]; link.Error == "" && !link.Heard.IsZero() {
		ms := float64(link.RTT.Microseconds()) / 1000
		one.RTT = &ms
	}
	for by, sight := range status.Sights(name, known.Rows) {
		one.Seen[by] = dashboard.Seen(sight)
	}
	if p.member != nil || one.Here {
		return one
	}
	if standing, looked := p.checks.pops()[name]; looked { // what is agreed is what this one sees
		text := "up"
		if standing.Out4 || standing.Out6 {
			text = "DOWN"
		}
		one.Seen[p.name] = dashboard.Seen{Text: text, Why: standing.Why}
	}
	return one
}

// showDrains says which are drained, be they up or down.
func (p *POP) showDrains(pops []dashboard.POP) {
	for _, d := range p.drainage().Drains {
		if i := slices.IndexFunc(pops, func(one dashboard.POP) bool { return one.Name == d.POP }); i >= 0 {
			pops[i].Drained = status.DrainText(&d)
		}
	}
}

// showCertificates tells of each, the one that expires first first.
func showCertificates(s *dashboard.State, states webserver.States, now time.Time) {
	for _, kind := range []string{"certificates", "acme"} {
		for name, state := range states[kind] {
			one := dashboard.Certificate{Name: name, Until: state.Until, Why: state.Why, Days: int(state.Until.Sub(now) / (24 * time.Hour))}
			i := slices.IndexFunc(s.Certificates, func(c dashboard.Certificate) bool { return c.Name == name })
			switch {
			case i < 0:
				s.Certificates = append(s.Certificates, one)
			case one.Why != "":
				s.Certificates[i].Why = one.Why
			}
		}
	}
	slices.SortFunc(s.Certificates, func(a, b dashboard.Certificate) int {
		return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.Name, b.Name))
	})
}

// showWrong tells of what is not served, or not as it is by now. What becomes of POPs and certificates stands elsewhere.
func showWrong(s *dashboard.State, states webserver.States) {
	for kind, all := range states {
		for name, state := range all {
			if kind != "pops" && (!state.OK || !state.Fresh) {
				s.Wrong = append(s.Wrong, dashboard.Wrong{What: kind + " " + name, Why: state.Why, Since: state.StaleSince, Dark: !state.OK})
			}
		}
	}
	slices.SortFunc(s.Wrong, func(a, b dashboard.Wrong) int { return cmp.Compare(a.What, b.What) })
	s.Wrong = s.Wrong[:min(len(s.Wrong), mostWrong)]
}

// mostWrong is as many as somebody looks through: a mistake may be in thousands of zones, and the log has all.
const mostWrong = 100

// mostCountries are shown of those from which most is asked.
const mostCountries = 8

// totals is what was counted.
func (p *POP) totals(now time.Time) (t dashboard.Totals) {
	stats := p.dns.Stats()
	for _, c := range []*geodns.Counted{&stats.UDP, &stats.TCP} {
		for _, kinds := range c.Asked {
			for _, rcodes := range kinds {
				for _, n := range rcodes {
					t.Questions += n
				}
			}
		}
	}
	for number, code := range geoip.CountryCodes() {
		if n := stats.Countries[number]; n > 0 {
			t.Countries = append(t.Countries, dashboard.Country{Code: cmp.Or(code, "unknown"), Questions: n})
		}
	}
	slices.SortFunc(t.Countries, func(a, b dashboard.Country) int {
		return cmp.Or(cmp.Compare(b.Questions, a.Questions), cmp.Compare(a.Code, b.Code))
	})
	t.Countries = t.Countries[:min(len(t.Countries), mostCountries)]
	if !p.withPages() {
		return t
	}
	web := p.web.Stats(now)
	t.Open = web.Connections.Open
	for i := range web.Sites {
		for result, n := range web.Sites[i].Results {
			switch t.Pages += n; page.Result(result) {
			case page.Hit, page.Stale, page.Renew:
				t.Kept += n
			default:
				t.Fetched += n
			}
		}
	}
	return t
}
