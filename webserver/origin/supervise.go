package origin

import (
	"context"
	"sync"
	"time"
)

// Supervisor runs the sites that are served: each probes its application while that is away, and one that is served no
// longer may answer what it was asked before. The zero value is ready. One goroutine uses it at a time.
type Supervisor struct {
	work     sync.WaitGroup
	probes   map[*Site]context.CancelFunc
	draining map[*Site]*time.Timer
}

// drainTime is how long a site that is served no longer may take to answer what it was asked before.
const drainTime = 30 * time.Second

// Supervise makes these the sites that are served. Each must be new, or one that Usable has just said yes to.
func (s *Supervisor) Supervise(sites []*Site) {
	if s.probes == nil {
		s.probes, s.draining = map[*Site]context.CancelFunc{}, map[*Site]*time.Timer{}
	}
	wanted := map[*Site]bool{}
	for _, site := range sites {
		wanted[site] = true
		if s.probes[site] == nil {
			ctx, end := context.WithCancel(context.Background())
			s.probes[site] = end
			s.work.Go(func() { site.Run(ctx) })
		}
	}
	for site := range s.draining {
		if site.closed() {
			delete(s.draining, site)
		}
	}
	for site, end := range s.probes {
		if !wanted[site] {
			end()
			delete(s.probes, site)
			s.draining[site] = time.AfterFunc(drainTime, site.Close)
		}
	}
}

// Usable says whether a site can be served from now on: not one that has been served and is closed since.
func (s *Supervisor) Usable(site *Site) bool {
	if timer, draining := s.draining[site]; draining {
		delete(s.draining, site)
		return timer.Stop() // else it is being closed
	}
	return !site.closed()
}

// Close closes all sites.
func (s *Supervisor) Close() {
	for site, end := range s.probes {
		end()
		site.Close()
	}
	for site, timer := range s.draining {
		if timer.Stop() {
			site.Close()
		}
	}
	s.work.Wait()
}

func (s *Site) closed() bool { return s.alive.Err() != nil }
