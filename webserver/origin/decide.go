package origin

import (
	"net/http"
	"strings"
	"time"

	"tinycdn/webserver/cache"
	"tinycdn/webserver/page"
)

// state is where a request is on its way, in Varnish's words where it has one.
type state uint8

const (
	pass       state = iota // the application answers; nothing of it is kept
	hit                     // what is stored serves
	grace                   // what is stored serves, and is renewed in the background
	stale                   // what is stored serves because the application fails
	miss                    // one fetch is made for all who wait for it
	hitForMiss              // a fetch is made for this client alone
	fetched                 // what a fetch brought serves
	timeout                 // 504: nothing stored serves, and the application is not to be asked or takes too long
	loop                    // 508: we are our own origin
)

// lookup is a request, and what is stored for it.
type lookup struct {
	q         *page.Request
	cacheable bool // else nothing was looked up
	key       key
	asked     cache.CacheControl
	now       time.Time
	entry     *entry    // nil: nothing is known of the key
	found     *response // nil: nothing is stored that was made for such a request
	early     *early    // to the visitor, if he waits for a fetch
}

// minReloadAge is how old a response must be at least before a client's "no-cache" asks the application for it again.
// What clients ask for is advice (RFC 9111, 5.2.1): with less, anybody could reload an application to death.
const minReloadAge = time.Second

func (s *Site) lookUp(q *page.Request) lookup {
	l := lookup{q: q, cacheable: cacheable(q.HTTP), asked: cache.NoDirectives}
	if !l.cacheable {
		return l
	}
	l.key = s.keyOf(q)
	l.entry, l.found = s.store.find(l.key, q.HTTP.Header)
	l.now = time.Now()
	if q.HTTP.Header["Cache-Control"] != nil || q.HTTP.Header["Pragma"] != nil {
		l.asked = cache.ParseRequest(q.HTTP.Header)
	}
	if l.found != nil && l.now.Sub(l.found.received) < minReloadAge {
		l.asked.NoCache, l.asked.MaxAge = false, cache.NoDirectives.MaxAge
	}
	return l
}

// decide is the table of all ways that a request can go. The first line that holds counts.
func (s *Site) decide(l *lookup) state {
	verdict := cache.Confirm
	if l.found != nil {
		verdict = l.found.freshness.Decide(&l.asked, l.now)
	}
	switch {
	case !l.cacheable:
		return pass
	case verdict == cache.Use:
		return hit
	case verdict == cache.UseAndRenew && l.asked.OnlyIfCached:
		return hit
	case verdict == cache.UseAndRenew:
		return grace
	case l.asked.OnlyIfCached: // RFC 9111, 5.2.1.7
		return timeout
	case l.found == nil && mustPass(l.q.HTTP, &l.asked):
		return pass
	case l.found.usableIfError(l.now) && s.backsOff(l):
		return stale
	case s.loops(l.q):
		return loop
	case l.isHitForMiss(), l.q.HTTP.Header["Authorization"] != nil:
		return hitForMiss
	}
	return miss
}

// decideFetched is the same once a fetch has ended that was made for this client, be it first of many or alone.
func (s *Site) decideFetched(l *lookup, got *result) state {
	if got.failed() && l.found.usableIfError(time.Now()) {
		got.drop()
		return stale
	}
	return fetched
}

// decideShared is the same for all others who waited.
func (s *Site) decideShared(l *lookup, got *result) state {
	now := time.Now()
	selected := got.response != nil && cache.Selected(got.response.by, l.q.HTTP.Header)
	switch {
	case got.failed() && l.found.usableIfError(now):
		return stale
	case got.stream != nil: // it is the first one's alone
		return hitForMiss
	case got.response == nil, selected && got.response.freshness.Fresh(now):
		return fetched
	case selected, !got.stored:
		return hitForMiss
	}
	// It varies. Now that this is known, each variant has fetches of its own.
	*l = s.lookUp(l.q)
	return s.decide(l)
}

// backsOff says whether the application is let alone for a moment, because it failed.
func (s *Site) backsOff(l *lookup) bool {
	return s.health.backingOff(l.now) || l.entry != nil && l.now.Before(l.entry.backOff)
}

func (l *lookup) isHitForMiss() bool { return l.entry != nil && l.now.Before(l.entry.hitForMiss) }

// cacheable says whether a request may be answered from the cache at all.
func cacheable(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.ContentLength == 0 && !isWebSocket(r)
}

// mustPass says whether a request that nothing is stored for goes through to the application as it is.
func mustPass(r *http.Request, asked *cache.CacheControl) bool {
	return r.Method == http.MethodHead || r.Header["Range"] != nil || asked.NoStore ||
		strings.Contains(r.Header.Get("Accept"), "text/event-stream")
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
