package origin

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"tinycdn/webserver/cache"
	"tinycdn/webserver/page"
)

// Answer gives the page for a request from the cache, or gets it from the application. If large pages that clients are
// still taking fill their share of the memory, one more passes through, which keeps none of it. What an application says
// may depend on anything in a request: without all of it, it declines.
func (s *Site) Answer(q *page.Request) page.Answer {
	if q.HTTP == nil {
		return page.Answer{}
	}
	a := s.answer(q)
	if a.Page == nil || len(a.Page.Body()) <= smallPage {
		return a
	}
	release, ok := s.inUse.acquire(a.Page)
	if !ok {
		return s.passThrough(q)
	}
	a.Done = release
	return a
}

// answer looks up, decides, fetches as long as there is something to fetch, and delivers.
func (s *Site) answer(q *page.Request) page.Answer {
	l := s.lookUp(q)
	defer func() { l.early.end() }()
	var got result
	for next := s.decide(&l); ; {
		switch next {
		case miss:
			next, got = s.fetchShared(&l)
			continue
		case hitForMiss:
			next, got = s.fetchAlone(&l)
			continue
		case grace:
			s.renew(&l)
		}
		return s.deliver(&l, next, &got)
	}
}

// deliver makes an answer of what a request has come to.
func (s *Site) deliver(l *lookup, is state, got *result) page.Answer {
	switch is {
	case pass:
		return s.passThrough(l.q)
	case hit, grace:
		return page.Answer{Page: l.found.page, Cache: l.found.outcomeNow(l.now)}
	case stale:
		outcome := l.found.outcomeNow(time.Now())
		outcome.Status += "; detail=origin-down"
		outcome.Result = page.Stale
		return page.Answer{Page: l.found.page, Cache: outcome}
	case timeout:
		return failed(http.StatusGatewayTimeout)
	case loop:
		return failed(http.StatusLoopDetected)
	}
	now := time.Now()
	why := "fwd=uri-miss"
	switch {
	case l.found == nil:
	case l.found.freshness.Fresh(now):
		why = "fwd=request"
	default:
		why = "fwd=stale"
	}
	switch {
	case got.response != nil:
		return page.Answer{Page: got.response.page, Cache: got.outcome(why, now)}
	case got.stream != nil:
		context.AfterFunc(l.q.HTTP.Context(), got.stream.drop) // if the client leaves, even before a byte of it is read
		return page.Answer{Stream: got.stream, Cache: page.Outcome{Status: why, Result: page.Pass}}
	}
	return failed(got.status)
}

// outcome says how a response came about that has just been fetched, and why it was.
func (r *result) outcome(why string, now time.Time) page.Outcome {
	o := page.Outcome{Status: why + "; fwd-status=" + strconv.Itoa(r.status), Result: page.Miss}
	o.Age = int(r.response.freshness.Age(now) / time.Second)
	if r.status == http.StatusNotModified {
		o.Result = page.Renew
	}
	if r.stored {
		o.Status += "; stored"
	}
	if r.collapsed {
		o.Status += "; collapsed"
	}
	return o
}

// passThrough lets the application answer a request as it is.
func (s *Site) passThrough(q *page.Request) page.Answer {
	switch {
	case q.Method == http.MethodTrace, q.Method == http.MethodConnect:
		return page.Answer{Page: failures[http.StatusMethodNotAllowed], Cache: page.Outcome{Status: "fwd=method", Result: page.Pass}}
	case s.loops(q):
		return failed(http.StatusLoopDetected)
	}
	outcome := page.Outcome{Status: "fwd=bypass", Result: page.Pass}
	if !cache.Safe(q.Method) {
		outcome.Status = "fwd=method"
	}
	return page.Answer{Stream: s.passOn(q), Cache: outcome}
}
