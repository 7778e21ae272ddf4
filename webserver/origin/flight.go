package origin

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"tinycdn/webserver/page"
)

// flight is a fetch that many may wait for. It goes on when they leave.
type flight struct {
	begun time.Time
	done  chan struct{}
	got   fetched // once done is closed
	left  bool    // by Site.mu: whoever began it left, and with him the only taker of a response that cannot be shared
}

// mostFlights is how many fetches of a site may be under way that go on when their visitors leave. Without a bound, who
// asks and leaves at once could begin as many as there are connections to applications: he has none that would count.
const mostFlights = 256

// join gives the flight that fetches the page of a key for such a request, and begins it if there is none. first says
// that the caller began it. There is no flight if the last one ended since the caller looked, with a fresh response: that
// is landed then. Nor is there if too many are under way.
func (s *Site) join(k key, found *stored, q *page.Request) (f *flight, first bool, landed *stored) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, now := s.store.find(k, q.HTTP.Header) // again: by now it may be known on what it varies
	c := courseOf(k, known, q.HTTP.Header)
	if f := s.flights[c]; f != nil {
		return f, false, nil
	}
	if now != nil && now != found && now.terms.Fresh(s.now()) {
		return nil, false, now
	}
	if len(s.flights) >= mostFlights {
		return nil, false, nil
	}
	f = &flight{begun: s.now(), done: make(chan struct{})}
	if s.alive.Err() != nil {
		f.got.status = http.StatusBadGateway
		close(f.done)
		return f, true, nil
	}
	s.flights[c] = f
	e := s.newErrand(s.alive, k, found, q)
	e.shared = true
	s.running.Go(func() { s.land(c, f, s.fly(e)) })
	return f, true, nil
}

// fly is fetch where nobody else would catch a panic: it costs those who wait their page, as if the application had failed.
func (s *Site) fly(e *errand) (got fetched) {
	defer func() {
		if fault := recover(); fault != nil {
			e.cancel()
			s.logPanic(fault)
			got = fetched{status: http.StatusBadGateway}
		}
	}()
	return s.fetch(e)
}

func (s *Site) logPanic(fault any) {
	cmp.Or(s.config.Log, slog.Default()).Error("a page could not be fetched, which is a bug in tinycdn; please report it",
		"fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
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
func (s *Site) await(f *flight, found *stored, q *page.Request) bool {
	var enough <-chan time.Time
	if found.standsIn(s.now()) {
		timer := time.NewTimer(s.patience - s.now().Sub(f.begun))
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case <-f.done:
		return true
	case <-enough:
	case <-q.HTTP.Context().Done():
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
func (s *Site) renew(k key, known *kept, found *stored, q *page.Request) {
	now := s.now()
	if s.reach.resting(now) || now.Before(known.resting) || now.Before(known.alone) || s.loops(q) {
		return
	}
	if f, first, _ := s.join(k, found, q); first {
		s.leave(f)
	}
}

// fetchAlone fetches for one visitor. When he leaves it ends; and when he has waited long enough, if there is something
// stored that would do.
func (s *Site) fetchAlone(k key, found *stored, q *page.Request) fetched {
	e := s.newErrand(q.HTTP.Context(), k, found, q)
	if !found.standsIn(s.now()) {
		return s.fetch(e)
	}
	enough := time.AfterFunc(s.patience, e.cancel)
	defer enough.Stop()
	return s.fetch(e)
}
