package origin

import (
	"net/http"
	"time"
)

// flight is a fetch that many may wait for. It goes on when they leave.
type flight struct {
	begun time.Time
	done  chan struct{}
	got   result // once done is closed
	left  bool   // by Site.mu: whoever began it left, and with him the only taker of a response that cannot be shared
}

// mostFlights is how many fetches of a site may be under way that go on when their clients leave. Without a bound, who
// asks and leaves at once could begin as many as there are connections to applications: he has none that would count.
const mostFlights = 256

// fetchShared fetches a page, or waits for somebody who does, and says what comes next.
func (s *Site) fetchShared(l *lookup) (state, result) {
	l.early = earlyTo(l.q.Early, l.q.HTTP)
	f, first, fresh := s.join(l)
	switch {
	case fresh != nil:
		l.found, l.now = fresh, time.Now()
		return hit, result{}
	case f == nil: // too many: one that ends when its client leaves
		return hitForMiss, result{}
	}
	if !s.await(f, l) {
		if first {
			s.leave(f)
		}
		if l.found.usableIfError(time.Now()) {
			return stale, result{}
		}
		return timeout, result{}
	}
	got := f.got
	if first {
		return s.decideFetched(l, &got), got
	}
	got.collapsed = true
	return s.decideShared(l, &got), got
}

// fetchAlone fetches for one client. When he leaves it ends; and when he has waited long enough, if there is something
// stored that would do.
func (s *Site) fetchAlone(l *lookup) (state, result) {
	l.early = earlyTo(l.q.Early, l.q.HTTP)
	job := s.newJob(l.q.HTTP.Context(), l)
	if l.found.usableIfError(time.Now()) {
		enough := time.AfterFunc(patience, job.cancel)
		defer enough.Stop()
	}
	got := s.fetch(job)
	return s.decideFetched(l, &got), got
}

// renew fetches in the background.
func (s *Site) renew(l *lookup) {
	if s.backsOff(l) || l.isHitForMiss() || s.loops(l.q) {
		return
	}
	if f, first, _ := s.join(l); first {
		s.leave(f)
	}
}

// join gives the flight that fetches the page for such a request, and begins it if there is none. first says that the
// caller began it. There is no flight if the last one ended since the caller looked, with a response that is fresh. Nor
// is there if too many are under way. Of the request itself, nothing is held by a flight.
func (s *Site) join(l *lookup) (f *flight, first bool, fresh *response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry, now := s.store.find(l.key, l.q.HTTP.Header) // again: by now it may be known on what it varies
	k := flightKeyOf(l.key, entry, l.q.HTTP.Header)
	if f := s.flights[k]; f != nil {
		return f, false, nil
	}
	if now != nil && now != l.found && now.freshness.Fresh(time.Now()) {
		return nil, false, now
	}
	if len(s.flights) >= mostFlights {
		return nil, false, nil
	}
	f = &flight{begun: time.Now(), done: make(chan struct{})}
	if s.alive.Err() != nil {
		f.got.status = http.StatusBadGateway
		close(f.done)
		return f, true, nil
	}
	s.flights[k] = f
	job := s.newJob(s.alive, l)
	job.shared = true
	s.running.Go(func() { s.finish(k, f, s.run(job)) })
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

func (s *Site) finish(k flightKey, f *flight, got result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.got = got
	delete(s.flights, k)
	if f.left {
		got.drop()
	}
	close(f.done)
}

// await waits for a flight's end. It is false if the client leaves, or if there is something stored that serves him
// better than to wait longer.
func (s *Site) await(f *flight, l *lookup) bool {
	var enough <-chan time.Time
	if now := time.Now(); l.found.usableIfError(now) {
		timer := time.NewTimer(patience - now.Sub(f.begun))
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case <-f.done:
		return true
	case <-enough:
	case <-l.q.HTTP.Context().Done():
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
