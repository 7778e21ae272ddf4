package pop

import (
	"fmt"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/webserver"
	"tinycdn/zones"
	"tinycdn/zones/diag"
)

// failingTime is how long questions may fail to come in before the POP says that it does not answer.
const failingTime = 10 * time.Second

// states are how what this POP serves is, but for what the page server knows itself. Anybody may ask at any time.
func (p *POP) states() webserver.States {
	g := p.served.Load()
	all := webserver.States{"databases": g.databaseStates(), "zones": g.zoneStates()}
	if orders := p.certificateStates(time.Now()); orders != nil {
		all["acme"] = orders
	}
	if p.member != nil {
		all["generation"] = p.member.states()
	}
	for name, s := range p.checks.pops() {
		if all["pops"] == nil {
			all["pops"] = map[string]webserver.State{}
		}
		out := s.Out4 || s.Out6
		one := webserver.State{OK: true, Fresh: !out, Why: s.Why} // it is another that is not OK
		if out {
			one.StaleSince = utc(s.Since)
		}
		all["pops"][name] = one
	}
	if p.path != "" { // else, in the demo, it is of no file
		all["configuration"] = map[string]webserver.State{p.path: g.configState()}
	}
	if u := p.unwritten(); u != nil {
		all["statistics"] = map[string]webserver.State{p.counting.folder: {OK: true, Why: "cannot be written: " + u.Why.Error(), StaleSince: utc(u.Since)}}
	}
	if since := p.dns.FailingSince(); !since.IsZero() && time.Since(since) > failingTime {
		all["nameserver"] = map[string]webserver.State{"UDP": {Why: "questions cannot be received", StaleSince: since.UTC()}}
	}
	if step, since := p.reloading(); step != "" && time.Since(since) > tooLong {
		all["reload"] = map[string]webserver.State{step: {Why: "the reload stands there, and no change is taken over", StaleSince: since.UTC()}}
	}
	return all
}

// states are those of the generation that is served.
func (m *member) states() map[string]webserver.State {
	s := m.State()
	state := webserver.State{OK: true, Fresh: s.Serving == s.Wanted, Since: utc(s.Since)}
	if !state.Fresh {
		state.Why = fmt.Sprintf("behind: generation %d is live elsewhere", s.Wanted.Number)
	}
	return map[string]webserver.State{fmt.Sprint(s.Serving.Number): state}
}

// report is what this POP tells the others of itself.
func (m *member) report() (r cluster.Report) {
	p := m.pop.Load()
	if p == nil {
		return r
	}
	r.Orders = p.ordersReport()
	r.Trouble, r.Load = p.notices.Trouble(webhooksOf(p.served.Load().Config)...), p.questions.note(time.Now(), p.dns.Questions())
	if u := p.unwritten(); u != nil {
		r.Trouble = strings.TrimPrefix(r.Trouble+"; statistics cannot be written: "+u.Why.Error(), "; ")
	}
	for _, c := range p.certs.Store().Expiries() {
		if len(c.Names) > 0 && (r.Until.IsZero() || c.Until.Before(r.Until)) {
			r.Certificate, r.Until = c.Names[0], utc(c.Until)
		}
	}
	return r
}

// configState is not fresh where there is a mistake: the one before holds, or at a start all of it but what is wrong.
func (g *Generation) configState() webserver.State {
	state := webserver.State{OK: true, Fresh: len(g.mistakes) == 0, StaleSince: utc(g.refusedSince)}
	if !state.Fresh {
		state.Why = g.mistakes[0].Text
	}
	return state
}

// databaseStates are those of the databases by which visitors are placed.
func (g *Generation) databaseStates() map[string]webserver.State {
	all := map[string]webserver.State{}
	wrong := map[string]string{} // by path
	for i, path := range g.Config.GeoIP.Databases {
		wrong[path] = g.databaseProblem(i)
		all[path] = webserver.State{OK: true, Fresh: wrong[path] == "" && !g.maps.kept, Why: wrong[path], Since: utc(g.maps.since), StaleSince: utc(g.maps.stale)}
	}
	if len(all) == 0 {
		all["built-in"] = webserver.State{OK: true, Fresh: true, Since: utc(g.maps.since)}
	}
	return all
}

// databaseProblem is what is wrong with a database; "": nothing.
func (g *Generation) databaseProblem(i int) string {
	at := g.Config.Problem(diag.At("geoip", "databases", fmt.Sprint(i)), "")
	for _, p := range g.maps.Problems {
		if p.Line == at.Line {
			return p.String()
		}
	}
	return ""
}

// zoneStates are those of the zones by name, and of files that say of no zone what it is called by path.
func (g *Generation) zoneStates() map[string]webserver.State {
	all := map[string]webserver.State{}
	for _, z := range g.answered {
		all[zones.NameText(z.apex)] = z.state()
	}
	for _, file := range g.files {
		if z := g.zones[file]; z.apex == nil && len(z.Problems) > 0 {
			all[file.Path] = z.state()
		}
	}
	return all
}

func (z *zonePart) state() webserver.State {
	state := webserver.State{OK: z.Value != nil, Fresh: z.Value != nil && !z.kept, Since: utc(z.since), StaleSince: utc(z.stale)}
	if z.Value != nil {
		state.Serial = &z.Value.Serial
	}
	if !state.Fresh && len(z.Problems) > 0 {
		state.Why = z.Problems[0].String()
	}
	return state
}

func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
