package webserver

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"

	"tinycdn/webserver/page"
)

// State is how one of the things is that this POP serves. Times are as RFC 3339 has them.
type State struct {
	OK    bool   `json:"ok"`            // who asks for it gets it
	Fresh bool   `json:"fresh"`         // as its files, or its application, have it by now
	Why   string `json:"why,omitempty"` // it is not OK, or not fresh

	Since      time.Time `json:"since,omitzero"`       // that it is served as it is
	StaleSince time.Time `json:"stale_since,omitzero"` // that it is not fresh
	Until      time.Time `json:"until,omitzero"`       // of a certificate
	Left       int       `json:"left,omitempty"`       // seconds until then
	Serial     *uint32   `json:"serial,omitempty"`     // of a zone
}

// States are the states of all that a POP serves, by kind and name: States["zones"]["example.org"].
type States map[string]map[string]State

// awayTime, in seconds, is when to ask a POP again that sends visitors elsewhere.
const awayTime = "10"

// HealthPath is where a POP tells how it is, on every host.
const HealthPath = endpointPrefix + "health"

// health is what the page at HealthPath says. Everybody is told how it is, and in a word why it sends visitors elsewhere; what there is,
// and why it is not well, may name what is inside, and is for admins.
func (s *Server) health(now time.Time, admin bool) *page.Page {
	away := ""
	if s.config.Away != nil {
		away = s.config.Away()
	}
	status, text := health(s.states(now), s.config.POP, away, admin)
	header := []page.Field{{Name: "Content-Type", Value: "application/json"}, {Name: "Cache-Control", Value: "no-store"}}
	if away != "" {
		header = append(header, page.Field{Name: "Retry-After", Value: awayTime})
	}
	return page.New(page.Response{Status: status, Body: text, ShortLived: true, Header: header})
}

// Health is what that page tells admins of a POP without a page server: its status and JSON.
func Health(states States, pop, away string) (status int, text []byte) {
	return health(states, pop, away, true)
}

// health is 200 if all that is asked of a POP can be served, and it should be asked, else 503.
func health(states States, pop, away string, admin bool) (status int, text []byte) {
	told := map[string]any{}
	ok, fresh := true, true
	for kind, all := range states {
		for _, one := range all {
			ok, fresh = ok && one.OK, fresh && one.Fresh
		}
		told[kind] = all
	}
	if admin {
		told["fresh"], told["pop"] = fresh, pop
	} else {
		told = map[string]any{}
		if generation, there := states["generation"]; there { // which other POPs want to know, and the nameserver tells everybody
			told["generation"] = generation
		}
	}
	if away != "" {
		ok, told["away"] = false, away
	}
	told["ok"] = ok
	if status = http.StatusOK; !ok {
		status = http.StatusServiceUnavailable
	}
	text, err := json.MarshalIndent(told, "", "  ")
	if err != nil {
		panic("webserver: internal error: " + err.Error())
	}
	return status, append(text, '\n')
}

// states are those of the sites and certificates, and of what else this POP serves.
func (s *Server) states(now time.Time) States {
	all := States{}
	if s.config.States != nil {
		maps.Copy(all, s.config.States())
	}
	sites := map[string]State{}
	for _, site := range s.router.Load().all {
		for i := range site.Parts {
			sites[site.Parts[i].Name] = site.Parts[i].state()
		}
	}
	all["sites"] = sites
	if s.certs != nil && s.certs.Store().Wanted() {
		all["certificates"] = s.certificates(now)
		if len(all["certificates"]) == 0 && all["acme"] == nil { // one that is ordered is nowhere yet, and that is no fault of this POP's
			all["certificates"]["none"] = State{Why: "nobody can come over HTTPS"}
		}
	}
	return all
}

func (p *Part) state() State {
	one := State{OK: true, Fresh: p.StaleSince.IsZero(), Why: p.Stale, Since: inSeconds(p.Since), StaleSince: inSeconds(p.StaleSince)}
	if p.Site == nil {
		one.OK, one.Fresh, one.Why = false, false, "it could not be loaded"
	} else if err := p.Site.Health(); err != nil {
		// What is kept of an application that is down is served all the same, and it is down for every POP alike.
		one.Fresh, one.Why = false, err.Error()
	}
	return one
}

// certificates says until when each certificate holds, by the first name in it.
func (s *Server) certificates(now time.Time) map[string]State {
	all := map[string]State{}
	for i, c := range s.certs.Store().Expiries() {
		name := strconv.Itoa(i + 1)
		if len(c.Names) > 0 {
			name = c.Names[0]
		}
		holds := now.Before(c.Until)
		one := State{OK: holds, Fresh: holds && c.Stale == "", Why: c.Stale, Until: inSeconds(c.Until), Left: int(c.Until.Sub(now).Seconds())}
		if !holds {
			one.Why = "it has expired"
		}
		all[name] = one
	}
	return all
}

// inSeconds is a time as it is told: in seconds of UTC. Zero stays zero.
func inSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
