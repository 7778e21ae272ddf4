package pop

import (
	"context"
	"net/http"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/cmd/tinycdn/dashboard"
	"tinycdn/cmd/tinycdn/metrics"
	"tinycdn/webserver"
)

// adminRoutes is what admins may ask until ctx ends, and which room answers.
func (p *POP) adminRoutes(ctx context.Context) *admin.Routes {
	r := new(admin.Routes)
	r.Handle("GET "+admin.HealthPath, p.tellPOPs)
	r.Handle("POST "+admin.DrainPath, p.tellDrains)
	r.Handle("GET "+admin.RestartPath, p.tellVersion)
	r.Handle("POST "+admin.RestartPath, p.askForRestart)
	r.Handle("GET "+admin.CertsPath, p.tellCerts)
	r.Handle("POST "+admin.CertsPath, p.orderCerts)
	r.Handle("GET "+admin.StatsPath, p.answerStats)
	r.Handle("GET "+webserver.HealthPath, p.tellHealth)
	r.Handle("GET "+admin.MetricsPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", metrics.ContentType)
		p.writeCounters(w)
	})
	d := p.dashboard(ctx)
	r.Handle("GET /{$}", dashboard.Page(dashboard.Elsewhere).ServeHTTP)
	r.Handle("GET "+dashboard.StatePath, d.TellState)
	r.Handle("GET "+dashboard.EventsPath, d.TellEvents)
	r.Handle("GET "+dashboard.MapPath, d.TellMap)
	r.Handle("GET "+dashboard.ExplainPath, d.TellExplanation)
	r.Handle("GET "+dashboard.VisitsPath, d.TellVisits)
	r.Handle("GET "+dashboard.GenerationsPath, d.TellGenerations)
	r.Handle("/", p.askPages(http.StatusNotFound))
	r.HandlePurge(p.askPages(http.StatusMisdirectedRequest))
	return r
}

// askPages has the page server answer; without one there is a status.
func (p *POP) askPages(without int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if p.withPages() {
			p.web.AdminHandler().ServeHTTP(w, r)
			return
		}
		http.Error(w, http.StatusText(without), without)
	}
}

// tellHealth tells all of the health page, without sites, too.
func (p *POP) tellHealth(w http.ResponseWriter, r *http.Request) {
	if p.withPages() {
		p.web.AdminHandler().ServeHTTP(w, r)
		return
	}
	status, text := webserver.Health(p.states(), p.name, p.away())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(text)
}
