package cache

import (
	"net/http"
	"time"
)

// Terms are the conditions on which a stored response may be used.
type Terms struct {
	born            time.Time     // when the origin made the response, as far as Date and Age tell
	lifetime        time.Duration // how long it is fresh from then on
	whileRevalidate time.Duration // how long after that, while it is renewed in the background
	ifError         time.Duration // how long after that, if the origin fails
	confirm         bool          // no-cache: ask before every use
	strict          bool          // never to be used stale, whatever the client would take
}

// keptForErrors is how long a stale page is better than none, if its origin does not say.
const keptForErrors = 24 * time.Hour

// TermsOf reads the terms of a response that was asked for and that came in at these times.
func TermsOf(response http.Header, asked, received time.Time) Terms {
	said := Said(response)
	date, ok := httpTime(response.Get("Date"))
	if !ok {
		date = received // RFC 9110, 6.6.1
	}
	t := Terms{
		born:            received.Add(-initialAge(response, date, asked, received)),
		whileRevalidate: max(said.WhileRevalidate, 0),
		ifError:         keptForErrors,
		confirm:         said.NoCache,
	}
	silent := false
	switch expires, given := response["Expires"]; {
	case said.SharedMaxAge != absent:
		t.lifetime = said.SharedMaxAge
	case said.MaxAge != absent:
		t.lifetime = said.MaxAge
	case given:
		// RFC 9111, 5.3: a time that is none, "0" above all, is in the past.
		if at, ok := httpTime(expires[0]); ok {
			t.lifetime = max(at.Sub(date), 0)
		}
	default:
		silent = true
	}
	// RFC 9111, 4.2.4: these forbid to use it stale. s-maxage alone does too (5.2.2.10), but an origin that says both
	// s-maxage and how long it may be stale means that, as all who serve such pages take it.
	t.strict = said.MustRevalidate || said.NoCache || said.SharedMaxAge != absent
	if said.MustRevalidate || said.NoCache {
		t.whileRevalidate, t.ifError = 0, 0
	} else if said.IfError != absent {
		t.ifError = said.IfError
	} else if t.strict {
		t.ifError = t.whileRevalidate
	}
	// What does not say how long it is fresh is kept to be confirmed: nobody gets it without that by saying "max-stale".
	t.strict = t.strict || silent
	return t
}

// initialAge is the age that a response had when it came in (RFC 9111, 4.2.3).
func initialAge(response http.Header, date, asked, received time.Time) time.Duration {
	told := received.Sub(asked)
	switch age := response["Age"]; {
	case len(age) == 0:
	case len(age) == 1 && digits(age[0]):
		told += seconds(age[0])
	default:
		// RFC 9111, 5.1 would have the first of several, and none for what is no number. But then nobody knows how old
		// the response is, and to ask once more does no harm.
		told = longest
	}
	return max(told, received.Sub(date), 0)
}

func httpTime(value string) (time.Time, bool) {
	t, err := http.ParseTime(value)
	return t, err == nil
}

// Age is how long ago the origin made the response or confirmed it.
func (t *Terms) Age(now time.Time) time.Duration { return max(now.Sub(t.born), 0) }

// Left is how long the response is still fresh; below 0 it is stale.
func (t *Terms) Left(now time.Time) time.Duration { return t.lifetime - t.Age(now) }

// Fresh says whether the response may be given to others without asking.
func (t *Terms) Fresh(now time.Time) bool { return !t.confirm && t.Left(now) > 0 }

// Verdict is what may be done with a stored response.
type Verdict uint8

const (
	Use         Verdict = iota // it may be used as it is
	UseAndRenew                // it may be used, and is to be renewed in the background (RFC 5861, 3)
	Confirm                    // the origin is to be asked first
)

// Judge says what may be done with a stored response for a request. asked is what the request's Cache-Control says.
func (t *Terms) Judge(asked *Control, now time.Time) Verdict {
	if t.confirm || asked.NoCache || asked.MaxAge != absent && t.Age(now) > asked.MaxAge {
		return Confirm
	}
	left := t.Left(now)
	switch {
	case left > 0 && left >= asked.MinFresh:
		return Use
	case left > 0 || asked.MinFresh != absent: // too near its end for this client
		return Confirm
	case -left < t.whileRevalidate:
		return UseAndRenew
	case -left <= asked.MaxStale && !t.strict:
		return Use
	}
	return Confirm
}

// ServesErrors says whether the response may be used when the origin cannot be reached or fails (RFC 5861, 4;
// RFC 9111, 4.2.4).
func (t *Terms) ServesErrors(now time.Time) bool {
	return t.Fresh(now) || !t.confirm && -t.Left(now) < t.ifError
}

// Failure says whether a status tells that the origin fails (RFC 5861, 4), so that something stale serves better.
func Failure(status int) bool {
	return status == 500 || status == 502 || status == 503 || status == 504
}
