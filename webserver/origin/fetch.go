package origin

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tinycdn/webserver/cache"
)

// result is what came of a fetch: a response that may be kept, or one that passes through, or a status that says why
// there is neither.
type result struct {
	status   int // of the application, or ours
	response *response
	stored   bool // the response is in the store
	stream   *stream

	collapsed bool // another client began the fetch (RFC 9211, 2.6)
}

// failed says whether something stale serves better.
func (f *result) failed() bool {
	return f.response == nil && f.stream == nil || f.response == nil && cache.Failure(f.status)
}

// drop is for who does not want what was fetched.
func (f *result) drop() {
	if f.stream != nil {
		f.stream.drop()
	}
}

// hitForMissTime is how long a key that cannot be shared is remembered as such.
const hitForMissTime = 10 * time.Second

// fetchJob is one request to the application.
type fetchJob struct {
	key    key
	found  *response // what is stored for the same, and would be confirmed by a 304; or nil
	out    *http.Request
	cancel context.CancelFunc // ends the exchange
	tick   uint64
	shared bool // others wait for it: what comes of it says something about the key
}

func (s *Site) newJob(ctx context.Context, l *lookup) *fetchJob {
	ctx, cancel := context.WithCancel(ctx)
	return &fetchJob{key: l.key, found: l.found, out: s.requestOf(l.early.trace(ctx), l), cancel: cancel, tick: s.store.ticks.Add(1)}
}

// fetch asks the application, and keeps the response if that may be kept.
func (s *Site) fetch(job *fetchJob) result {
	asked := time.Now()
	response, err := s.transport.RoundTrip(job.out)
	received := time.Now()
	s.noteReached(err, received)
	if err == nil && response.StatusCode == http.StatusSwitchingProtocols { // RFC 9110, 15.2.2: nobody asked for that
		response.Body.Close()
		err = errUnasked
	}
	if err != nil {
		s.tellSpoiled(job.out, err)
		job.cancel()
		s.backOff(job, received)
		return result{status: statusOf(err)}
	}
	cache.RemoveHopByHop(response.Header)
	s.makeLocal(response)
	if response.StatusCode == http.StatusNotModified && job.found != nil {
		response.Body.Close()
		job.cancel()
		return s.confirm(job, response.Header, asked, received)
	}
	passing := result{status: response.StatusCode, stream: &stream{response, job.cancel, func(err error) { s.tellSpoiled(job.out, err) }}}
	if cache.Failure(response.StatusCode) && job.found.usableIfError(received) {
		s.backOff(job, received)
		return passing
	}
	if !cache.Storable(job.out.Header, response.StatusCode, response.Header) || !readable(response, s.store.max) {
		s.refuse(job, response.StatusCode, response.Header, received)
		return passing
	}
	body, err := s.read(response)
	switch {
	case errors.Is(err, errStream):
		s.refuse(job, response.StatusCode, response.Header, received)
		return passing
	case errors.Is(err, errCoding):
		s.tellSpoiled(job.out, err)
		s.refuse(job, response.StatusCode, response.Header, received)
		return passing
	case err != nil:
		s.tellSpoiled(job.out, err)
		job.cancel()
		s.backOff(job, received)
		return result{status: statusOf(err)}
	}
	job.cancel()
	return s.keep(job, newResponse(response.StatusCode, response.Header, body, asked, received, job.out), response.StatusCode)
}

// backOff lets the application alone for a moment, where there is something to serve instead.
func (s *Site) backOff(job *fetchJob, now time.Time) {
	if job.found.usableIfError(now) {
		s.store.setBackOff(job.key, now.Add(backOffTime))
	}
}

// confirm keeps what was stored with the header of a 304, if that still lets us.
func (s *Site) confirm(job *fetchJob, fresh http.Header, asked, received time.Time) result {
	header := cache.Update(job.found.header, fresh)
	if !cache.Storable(job.out.Header, job.found.page.Status, header) {
		s.refuse(job, job.found.page.Status, header, received)
		return result{status: job.found.page.Status, stream: streamOf(job.found, header)}
	}
	return s.keep(job, job.found.confirmed(header, asked, received, job.out), http.StatusNotModified)
}

func (s *Site) keep(job *fetchJob, r *response, status int) result {
	got := result{status: status, response: r, stored: s.store.put(job.key, r, job.tick)}
	if !r.freshness.Fresh(time.Now()) {
		s.store.setHitForMiss(job.key, time.Now().Add(hitForMissTime), nil) // each visitor has to ask for himself
	}
	return got
}

// refuse notes that a response is not to be kept. Nothing is noted of a job for one client, or with something fresh
// at hand: else anybody could empty the cache, with a request that gets him an odd response.
func (s *Site) refuse(job *fetchJob, status int, header http.Header, now time.Time) {
	if !job.shared || cache.Failure(status) || job.found != nil && job.found.freshness.Fresh(now) {
		return
	}
	replaced := job.found
	if cache.Storable(nil, status, header) {
		replaced = nil // it is this visitor's request that forbids to keep it: others still get what is stored
	}
	s.store.setHitForMiss(job.key, now.Add(hitForMissTime), replaced)
}

// statusOf is what a visitor is told of an error: whether it was not even tried, took too long, or went wrong.
func statusOf(err error) int {
	var timeout net.Error
	switch {
	case errors.Is(err, errFull):
		return http.StatusServiceUnavailable
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// readable says whether a response has a body that could be kept: in a coding that we know, and not too long.
func readable(response *http.Response, most int64) bool {
	if n, err := strconv.ParseInt(response.Header.Get("Content-Length"), 10, 64); err == nil && n > most {
		return false
	}
	switch coding := strings.ToLower(response.Header.Get("Content-Encoding")); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		if strings.Contains(strings.ToLower(response.Header.Get("Cache-Control")), "no-transform") {
			return false // RFC 9111, 5.2.2.6: then it may not be unpacked
		}
	default:
		return false
	}
	kind, _, _ := strings.Cut(strings.ToLower(response.Header.Get("Content-Type")), ";")
	return kind != "text/event-stream" && kind != "multipart/x-mixed-replace"
}
