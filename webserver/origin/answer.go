package origin

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"tinycdn/webserver/cache"
	"tinycdn/webserver/page"
)

// again is how old a response must be at least before a visitor's "no-cache" asks the application for it again. What
// clients ask for is advice (RFC 9111, 5.2.1): with less, anybody could reload an application to death.
const again = time.Second

// Answer gives the page for a request from the cache, or gets it from the application. If large pages that visitors
// are still taking fill their share of the memory, one more passes through, which keeps none of it. What an application
// says may depend on anything in a request: without all of it, it declines.
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
		return s.through(q)
	}
	a.Done = release
	return a
}

func (s *Site) answer(q *page.Request) page.Answer {
	if !cacheable(q.HTTP) {
		return s.through(q)
	}
	k := keyOf(q)
	known, found := s.store.find(k, q.HTTP.Header)
	asked := cache.NoDirectives
	if q.HTTP.Header["Cache-Control"] != nil || q.HTTP.Header["Pragma"] != nil {
		asked = cache.ParseRequest(q.HTTP.Header)
	}
	now := s.now()
	if found == nil {
		switch {
		case asked.OnlyIfCached: // RFC 9111, 5.2.1.7
			return failed(http.StatusGatewayTimeout)
		case passes(q.HTTP, &asked):
			return s.through(q)
		}
		return s.get(k, known, nil, q)
	}
	if now.Sub(found.received) < again {
		asked.NoCache, asked.MaxAge = false, cache.NoDirectives.MaxAge
	}
	switch found.freshness.Decide(&asked, now) {
	case cache.Use:
		return page.Answer{Page: found.page, Cache: found.outcomeNow(now)}
	case cache.UseAndRenew:
		if !asked.OnlyIfCached {
			s.renew(k, known, found, q)
		}
		return page.Answer{Page: found.page, Cache: found.outcomeNow(now)}
	}
	switch {
	case asked.OnlyIfCached:
		return failed(http.StatusGatewayTimeout)
	case (s.health.backingOff(now) || now.Before(known.backOff)) && found.usableIfError(now):
		return s.serveStale(found)
	}
	return s.get(k, known, found, q)
}

// serveStale serves what is stored because the application does not.
func (s *Site) serveStale(found *response) page.Answer {
	outcome := found.outcomeNow(s.now())
	outcome.Status += "; detail=origin-down"
	outcome.Result = page.Stale
	return page.Answer{Page: found.page, Cache: outcome}
}

// get fetches a page, or waits for somebody who does.
func (s *Site) get(k key, known *entry, found *response, q *page.Request) page.Answer {
	if s.loops(q) {
		return failed(http.StatusLoopDetected)
	}
	if known != nil && s.now().Before(known.hitForMiss) || q.HTTP.Header["Authorization"] != nil {
		return s.deliver(s.fetchAlone(k, found, q), found, q, "")
	}
	f, first, landed := s.join(k, found, q)
	switch {
	case landed != nil:
		return page.Answer{Page: landed.page, Cache: landed.outcomeNow(s.now())}
	case f == nil:
		return s.deliver(s.fetchAlone(k, found, q), found, q, "") // that ends when the visitor leaves
	}
	if !s.await(f, found, q) {
		if first {
			s.leave(f)
		}
		if found.usableIfError(s.now()) {
			return s.serveStale(found)
		}
		return failed(http.StatusGatewayTimeout)
	}
	got := f.got
	switch {
	case first:
		return s.deliver(got, found, q, "")
	case got.stream != nil && !(got.failed() && found.usableIfError(s.now())):
		// It was the first one's alone.
		return s.deliver(s.fetchAlone(k, found, q), found, q, "")
	case got.response == nil:
		got.stream = nil
		return s.deliver(got, found, q, "; collapsed")
	case cache.Selected(got.response.by, q.HTTP.Header) && got.response.freshness.Fresh(s.now()):
		return s.deliver(got, found, q, "; collapsed")
	case cache.Selected(got.response.by, q.HTTP.Header), !got.stored:
		return s.deliver(s.fetchAlone(k, found, q), found, q, "")
	}
	// It varies. Now that this is known, the fetches of each variant go a course of their own.
	if known, found = s.store.find(k, q.HTTP.Header); found != nil && found.freshness.Fresh(s.now()) {
		return page.Answer{Page: found.page, Cache: found.outcomeNow(s.now())}
	}
	return s.get(k, known, found, q)
}

// deliver makes an answer of what was fetched.
func (s *Site) deliver(got result, found *response, q *page.Request, how string) page.Answer {
	why := "fwd=uri-miss"
	switch {
	case found == nil:
	case found.freshness.Fresh(s.now()):
		why = "fwd=request"
	default:
		why = "fwd=stale"
	}
	switch {
	case got.failed() && found.usableIfError(s.now()):
		got.drop()
		return s.serveStale(found)
	case got.response != nil:
		outcome := page.Outcome{Status: why + "; fwd-status=" + strconv.Itoa(got.status), Result: page.Miss}
		outcome.Age = int(got.response.freshness.Age(s.now()) / time.Second)
		if got.status == http.StatusNotModified {
			outcome.Result = page.Renew
		}
		if got.stored {
			outcome.Status += "; stored"
		}
		outcome.Status += how
		return page.Answer{Page: got.response.page, Cache: outcome}
	case got.stream != nil:
		return page.Answer{Stream: got.stream.until(q.HTTP.Context()), Cache: page.Outcome{Status: why, Result: page.Pass}}
	}
	return failed(got.status)
}

// through passes a request on as it is.
func (s *Site) through(q *page.Request) page.Answer {
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

// loops says whether a request went through us already, so that we are our own origin.
func (s *Site) loops(q *page.Request) bool {
	for _, via := range q.HTTP.Header["Via"] {
		if strings.Contains(via+",", s.via+",") {
			return true
		}
	}
	return false
}
