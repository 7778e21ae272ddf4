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
	got   result // once done is closed
	left  bool   // by Site.mu: whoever began it left, and with him the only taker of a response that cannot be shared
}

// mostFlights is how many fetches of a site may be under way that go on when their visitors leave. Without a bound, who
// asks and leaves at once could begin as many as there are connections to applications: he has none that would count.
const mostFlights = 256

// join gives the flight that fetches the page of a key for such a request, and begins it if there is none. first says
// that the caller began it. There is no flight if the last one ended since the caller looked, with a fresh response: that
// is landed then. Nor is there if too many are under way.
func (s *Site) join(k key, found *response, q *page.Request) (f *flight, first bool, landed *response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, now := s.store.find(k, q.HTTP.Header) // again: by now it may be known on what it varies
	c := flightKeyOf(k, known, q.HTTP.Header)
	if f := s.flights[c]; f != nil {
		return f, false, nil
	}
	if now != nil && now != found && now.freshness.Fresh(s.now()) {
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
	job := s.newJob(s.alive, k, found, q)
	job.shared = true
	s.running.Go(func() { s.finish(c, f, s.run(job)) })
	return f, true, nil
}

// run is fetch where nobody else would catch a panic: it costs those who wait their page, as if the application had failed.
func (s *Site) run(job *fetchJob) (got result) {
	defer func() {
		if fault := recover(); fault != nil {
			job.cancel()
			s.logPanic(fault)
			got = result{status: http.StatusBadGateway}
		}
	}()
	return s.fetch(job)
}

func (s *Site) logPanic(fault any) {
	cmp.Or(s.config.Log, slog.Default()).Error("a page could not be fetched, which is a bug in tinycdn; please report it",
		"fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
}

func (s *Site) finish(c flightKey, f *flight, got result) {
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
func (s *Site) await(f *flight, found *response, q *page.Request) bool {
	var enough <-chan time.Time
	if found.usableIfError(s.now()) {
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
func (s *Site) renew(k key, known *entry, found *response, q *page.Request) {
	now := s.now()
	if s.health.backingOff(now) || now.Before(known.backOff) || now.Before(known.hitForMiss) || s.loops(q) {
		return
	}
	if f, first, _ := s.join(k, found, q); first {
		s.leave(f)
	}
}

// fetchAlone fetches for one visitor. When he leaves it ends; and when he has waited long enough, if there is something
// stored that would do.
func (s *Site) fetchAlone(k key, found *response, q *page.Request) result {
	job := s.newJob(q.HTTP.Context(), k, found, q)
	if !found.usableIfError(s.now()) {
		return s.fetch(job)
	}
	enough := time.AfterFunc(s.patience, job.cancel)
	defer enough.Stop()
	return s.fetch(job)
}
