package geodns

import (
	"time"

	"tinycdn/geodns/querylog"
	"tinycdn/geoip"
	"tinycdn/zones"
)

// Stats is what a server has counted since its start. The names of what its lists are by are TypeNames, RcodeNames, Bounds, and those
// of zones.Store.Counted.
type Stats struct {
	UDP, TCP Counted
	Zones    [zones.Numbered][Rcodes]uint64 // questions that were looked up, by zone
	Limited  Limited
	Unlogged querylog.Dropped // queries that should have been written down
	// Countries is for whom they were, by the numbers of geoip.CountryCodes, estimated from one in 16.
	Countries [geoip.MostCountries]uint64
}

// Counted is what has come by one transport.
type Counted struct {
	Asked   [2][Types][Rcodes]uint64 // queries, [1] with a client subnet
	Dropped uint64                   // what was no query, and got silence
	// Took is for how many queries it took how long until the answers were handed to the kernel, of one batch or read in 16. The last is
	// of those beyond all Bounds. Total is all of these times together.
	Took  [len(Bounds) + 1]uint64
	Total time.Duration
}

// Stats tells what was counted. Anybody may ask.
func (s *Server) Stats() *Stats {
	sum := new(Stats)
	s.eachLoop(func(l *Loop, tcp bool) {
		to := &sum.UDP
		if tcp {
			to = &sum.TCP
		}
		to.add(&l.counts)
		for zone := range l.counts.zones {
			for rcode := range l.counts.zones[zone] {
				sum.Zones[zone][rcode] += l.counts.zones[zone][rcode].Load()
			}
		}
		for i := range l.counts.countries {
			sum.Countries[i] += l.counts.countries[i].Load()
		}
	})
	sum.Limited = s.Limited()
	if s.queries != nil {
		sum.Unlogged = s.queries.Dropped()
	}
	return sum
}

func (to *Counted) add(c *counts) {
	for subnet := range c.asked {
		for kind := range c.asked[subnet] {
			for rcode := range c.asked[subnet][kind] {
				to.Asked[subnet][kind][rcode] += c.asked[subnet][kind][rcode].Load()
			}
		}
	}
	to.Dropped += c.dropped.Load()
	for i := range c.took {
		to.Took[i] += c.took[i].Load()
	}
	to.Total += time.Duration(c.total.Load())
}

// eachLoop looks at all loops: those of UDP, and those that TCP clients share.
func (s *Server) eachLoop(look func(l *Loop, tcp bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, bound := range s.listeners {
		for _, l := range bound.loops {
			look(l, false)
		}
	}
	for _, l := range s.shared {
		look(l, true)
	}
}
