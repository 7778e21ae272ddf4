package pop

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"time"

	"tinycdn/cmd/tinycdn/metrics"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geodns"
	"tinycdn/geoip"
	"tinycdn/webserver"
	webmetrics "tinycdn/webserver/metrics"
	"tinycdn/webserver/page"
	"tinycdn/zones"
)

// writeCounters writes all that is counted as Prometheus reads it.
func (p *POP) writeCounters(w io.Writer) {
	if err := p.counters.WriteText(w); err != nil {
		p.log.Warn(fmt.Sprintf("not all counters could be told: %v", err))
	}
}

// readCounters reads what the rooms have counted, and how all is now.
func (p *POP) readCounters(to *metrics.Readings) {
	now, g := time.Now(), p.served.Load()
	to.Add("tinycdn_info", 1, p.name, system.Version())
	if !p.begin.IsZero() {
		to.Add("tinycdn_start_time_seconds", seconds(p.begin))
	}
	p.readQueries(to, p.dns.Stats())
	if p.withPages() {
		stats := p.web.Stats(now)
		readPages(to, &stats)
		readStates(to, stats.States)
	} else {
		readStates(to, p.states())
	}
	to.Add("tinycdn_reloads_total", float64(p.reloaded.good.Load()), "taken over")
	to.Add("tinycdn_reloads_total", float64(p.reloaded.bad.Load()), "wrong")
	to.Add("tinycdn_reload_seconds", time.Duration(p.reloaded.took.Load()).Seconds())
	for _, db := range g.Databases() {
		to.Add("tinycdn_database_built_seconds", seconds(db.Built), db.Path)
	}
	to.Add("tinycdn_table_compiled_seconds", seconds(g.maps.since))
	p.readPOPs(to, g)
	if p.member != nil {
		s := p.member.State()
		to.Add("tinycdn_generation", float64(s.Serving.Number), "served")
		to.Add("tinycdn_generation", float64(s.Wanted.Number), "live")
	}
}

// readPOPs tells which POPs are up, as this one answers for them.
func (p *POP) readPOPs(to *metrics.Readings, g *Generation) {
	down := map[string]zones.Down{}
	for _, d := range p.store.Current().Down() {
		down[d.POP] = d
	}
	for _, pop := range g.Config.POPs {
		d := down[pop.Name]
		to.AddBool("tinycdn_pop_up", !d.A && !d.AAAA, pop.Name)
		to.AddBool("tinycdn_pop_drained", d.Drained, pop.Name)
	}
}

// readQueries tells what the nameserver has counted.
func (p *POP) readQueries(to *metrics.Readings, s *geodns.Stats) {
	for transport, c := range map[string]*geodns.Counted{"udp": &s.UDP, "tcp": &s.TCP} {
		for subnet, with := range []string{"no", "yes"} {
			for kind, name := range geodns.TypeNames {
				for rcode, n := range c.Asked[subnet][kind] {
					if n > 0 {
						to.Add("tinycdn_dns_queries_total", float64(n), p.name, name, geodns.RcodeNames[rcode], transport, with)
					}
				}
			}
		}
		to.Add("tinycdn_dns_dropped_total", float64(c.Dropped), p.name, transport)
		to.AddTimes("tinycdn_dns_response_seconds", inSeconds(geodns.Bounds[:]), c.Took[:], c.Total.Seconds(), p.name, transport)
	}
	for zone, name := range p.store.Counted() {
		for rcode, n := range s.Zones[zone] {
			if n > 0 {
				to.Add("tinycdn_dns_zone_queries_total", float64(n), p.name, name, geodns.RcodeNames[rcode])
			}
		}
	}
	for number, code := range geoip.CountryCodes() {
		if n := s.Countries[number]; n > 0 {
			to.Add("tinycdn_dns_country_queries_total", float64(n), p.name, cmp.Or(code, "unknown"))
		}
	}
	to.Add("tinycdn_dns_limited_total", float64(s.Limited.Truncated), "truncated")
	to.Add("tinycdn_dns_limited_total", float64(s.Limited.BadCookie), "badcookie")
	to.Add("tinycdn_dns_limited_total", float64(s.Limited.Silent), "silence")
	to.Add("tinycdn_dns_log_dropped_total", float64(s.Unlogged.File), "query_log")
	to.Add("tinycdn_dns_log_dropped_total", float64(s.Unlogged.DNSTap), "dnstap")
}

// readPages tells what the page server has counted.
func readPages(to *metrics.Readings, s *webserver.Stats) {
	for i := range s.Sites {
		c := &s.Sites[i]
		for status, n := range c.Statuses {
			to.Add("tinycdn_http_requests_total", float64(n), c.Site, strconv.Itoa(status))
		}
		for result, n := range c.Results {
			to.Add("tinycdn_http_cache_total", float64(n), c.Site, page.Result(result).String())
		}
		to.Add("tinycdn_http_body_bytes_total", float64(c.Bytes), c.Site)
		to.AddTimes("tinycdn_http_generation_seconds", inSeconds(webmetrics.Bounds[:]), c.Took[:], c.Total.Seconds(), c.Site)
	}
	to.Add("tinycdn_http_connections_open", float64(s.Connections.Open))
	to.Add("tinycdn_http_connections_idle", float64(s.Connections.Idle))
	to.Add("tinycdn_http_connections_admitted_total", float64(s.Connections.Admitted))
	to.Add("tinycdn_http_connections_shed_total", float64(s.Connections.Shed))
}

// readStates tells how all is that is served.
func readStates(to *metrics.Readings, states webserver.States) {
	for kind, all := range states {
		for name, s := range all {
			to.AddBool("tinycdn_ok", s.OK, kind, name)
			to.AddBool("tinycdn_fresh", s.Fresh, kind, name)
			if !s.Since.IsZero() {
				to.Add("tinycdn_since_seconds", seconds(s.Since), kind, name)
			}
			if s.Serial != nil {
				to.Add("tinycdn_serial", float64(*s.Serial), kind, name)
			}
			if kind == "certificates" && !s.Until.IsZero() {
				to.Add("tinycdn_certificate_expiry_seconds", seconds(s.Until), name)
			}
		}
	}
}

func seconds(t time.Time) float64 { return float64(t.Unix()) }

func inSeconds(bounds []time.Duration) (list []float64) {
	for _, b := range bounds {
		list = append(list, b.Seconds())
	}
	return list
}
