package origin

import (
	"context"
	"net/http"
	"time"
)

// flight is a fetch that many may wait for. It goes on when they leave.
type flight struct {
	begun time.Time
	done  chan struct{}
	got   fetched // once done is closed
	left  bool    // by Site.mu: whoever began it left, and with him the only taker of a response that cannot be shared
}

// join gives the flight on a course, and begins it if there is none. first says that the caller began it.
func (s *Site) join(c course, found *stored, r *http.Request) (f *flight, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.flights[c]; f != nil {
		return f, false
	}
	f = &flight{begun: s.now(), done: make(chan struct{})}
	if s.alive.Err() != nil {
		f.got.status = http.StatusBadGateway
		close(f.done)
		return f, true
	}
	s.flights[c] = f
	ctx, cancel := context.WithCancel(s.alive)
	out := s.requestOf(ctx, c.key, found, r)
	tick := s.store.ticks.Add(1)
	s.running.Go(func() { s.land(c, f, s.fetch(c.key, found, out, cancel, tick)) })
	return f, true
}

func (s *Site) land(c course, f *flight, got fetched) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.got = got
	delete(s.flights, c)
	if f.left {
		got.drop()
	}
	close(f.done)
}

// await waits for a flight's end. It is false if the visitor leaves, or if there is something stored that serves him
// better than to wait longer.
func (s *Site) await(f *flight, found *stored, r *http.Request) bool {
	var enough <-chan time.Time
	if found != nil && found.terms.ServesErrors(s.now()) {
		timer := time.NewTimer(patience - s.now().Sub(f.begun))
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case <-f.done:
		return true
	case <-enough:
	case <-r.Context().Done():
	}
	return false
}

// leave is for whoever began a flight and does not wait for its end.
func (s *Site) leave(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.left = true
	select {
	case <-f.done:
		f.got.drop()
	default:
	}
}

// renew fetches in the background.
func (s *Site) renew(k key, known *kept, found *stored, r *http.Request) {
	if s.reach.resting(s.now()) || s.loops(r) || s.now().Before(known.alone) {
		return
	}
	if f, first := s.join(courseOf(k, known, r), found, r); first {
		s.leave(f)
	}
}

// fetchAlone fetches for one visitor. When he leaves it ends.
func (s *Site) fetchAlone(k key, found *stored, r *http.Request) fetched {
	ctx, cancel := context.WithCancel(r.Context())
	return s.fetch(k, found, s.requestOf(ctx, k, found, r), cancel, s.store.ticks.Add(1))
}
