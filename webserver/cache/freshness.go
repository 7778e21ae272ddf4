package cache

import (
	"net/http"
	"strings"
	"time"
)

// Freshness is how long a stored response is fresh, and on which conditions it may be used after that.
type Freshness struct {
	born            time.Time     // when the origin made the response, as far as Date and Age tell
	lifetime        time.Duration // how long it is fresh from then on
	whileRevalidate time.Duration // how long after that, while it is renewed in the background
	ifError         time.Duration // how long after that, if the origin fails
	confirm         bool          // no-cache: ask before every use
	strict          bool          // never to be used stale, whatever the client would take
}

// keptForErrors is how long a stale page is better than none, if its origin does not say.
const keptForErrors = 24 * time.Hour

// FreshnessOf reads that of a response that was asked for and that came in at these times.
func FreshnessOf(response http.Header, asked, received time.Time) Freshness {
	said := ParseResponse(response)
	date, err := http.ParseTime(response.Get("Date"))
	if err != nil {
		date = received // RFC 9110, 6.6.1
	}
	f := Freshness{
		born:            received.Add(-initialAge(response, date, asked, received)),
		whileRevalidate: max(said.WhileRevalidate, 0),
		ifError:         keptForErrors,
		confirm:         said.NoCache,
	}
	silent := false
	switch expires, given := response["Expires"]; {
	case said.SharedMaxAge != absent:
		f.lifetime = said.SharedMaxAge
	case said.MaxAge != absent:
		f.lifetime = said.MaxAge
	case given:
		// RFC 9111, 5.3: a time that is none, "0" above all, is in the past.
		if at, err := http.ParseTime(expires[0]); err == nil {
			f.lifetime = max(at.Sub(date), 0)
		}
	default:
		silent = true
	}
	// RFC 9111, 4.2.4: these forbid to use it stale. s-maxage alone does too (5.2.2.10), but an origin that says both
	// s-maxage and how long it may be stale means that, as all who serve such pages take it.
	f.strict = said.MustRevalidate || said.NoCache || said.SharedMaxAge != absent
	if said.MustRevalidate || said.NoCache {
		f.whileRevalidate, f.ifError = 0, 0
	} else if said.IfError != absent {
		f.ifError = said.IfError
	} else if f.strict {
		f.ifError = f.whileRevalidate
	}
	// What does not say how long it is fresh is kept to be confirmed: nobody gets it without that by saying "max-stale".
	f.strict = f.strict || silent
	return f
}

// initialAge is the age that a response had when it came in (RFC 9111, 4.2.3).
func initialAge(response http.Header, date, asked, received time.Time) time.Duration {
	corrected := received.Sub(asked)
	if ages := response["Age"]; len(ages) > 0 {
		// RFC 9111, 5.1: of several the first counts, and what is no number is as good as none.
		age, _, _ := strings.Cut(ages[0], ",")
		corrected += seconds(strings.Trim(age, " \t"))
	}
	return max(corrected, received.Sub(date), 0)
}

// Age is how long ago the origin made the response or confirmed it.
func (f *Freshness) Age(now time.Time) time.Duration { return max(now.Sub(f.born), 0) }

// Left is how long the response is still fresh; below 0 it is stale.
func (f *Freshness) Left(now time.Time) time.Duration { return f.lifetime - f.Age(now) }

// Fresh says whether the response may be given to others without asking.
func (f *Freshness) Fresh(now time.Time) bool { return !f.confirm && f.Left(now) > 0 }

// Verdict is what may be done with a stored response.
type Verdict uint8

const (
	Use         Verdict = iota // it may be used as it is
	UseAndRenew                // it may be used, and is to be renewed in the background (RFC 5861, 3)
	Confirm                    // the origin is to be asked first
)

// Decide says what may be done with a stored response for a request with these directives.
func (f *Freshness) Decide(asked *CacheControl, now time.Time) Verdict {
	if f.confirm || asked.NoCache || asked.MaxAge != absent && f.Age(now) > asked.MaxAge {
		return Confirm
	}
	left := f.Left(now)
	switch {
	case left > 0 && left >= asked.MinFresh:
		return Use
	case left > 0 || asked.MinFresh != absent: // too near its end for this client
		return Confirm
	case -left < f.whileRevalidate:
		return UseAndRenew
	case -left <= asked.MaxStale && !f.strict:
		return Use
	}
	return Confirm
}

// UsableIfError says whether the response may be used when the origin cannot be reached or fails (RFC 5861, 4;
// RFC 9111, 4.2.4).
func (f *Freshness) UsableIfError(now time.Time) bool {
	return f.Fresh(now) || !f.confirm && -f.Left(now) < f.ifError
}

// Failure says whether a status tells that the origin fails (RFC 5861, 4), so that something stale serves better.
func Failure(status int) bool {
	return status == 500 || status == 502 || status == 503 || status == 504
}
