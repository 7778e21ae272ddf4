package cache

import (
	"testing"
	"time"
)

const date = "Date: Sun, 22 Nov 2026 12:00:00 GMT | "

// What a visitor gets of a stored response, by what it says of itself, how old it is and what the request says.
func TestHowAStoredResponseIsUsed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		response string
		age      int // seconds since it came in, at noon
		request  string
		want     Verdict
	}{
		// RFC 9111, 4.2: fresh while its age is less than its lifetime.
		{"Cache-Control: max-age=60", 0, "", Use},
		{"Cache-Control: max-age=60", 59, "", Use},
		{"Cache-Control: max-age=60", 60, "", Confirm},
		{"Cache-Control: max-age=0", 0, "", Confirm},
		{"Cache-Control: max-age=60 | Age: 50", 9, "", Use},
		{"Cache-Control: max-age=60 | Age: 50", 10, "", Confirm},
		// 4.2.1: s-maxage before max-age before Expires.
		{"Cache-Control: s-maxage=10, max-age=60", 10, "", Confirm},
		{"Cache-Control: s-maxage=60, max-age=10", 59, "", Use},
		{"Cache-Control: max-age=10 | Expires: Sun, 22 Nov 2026 12:01:00 GMT", 10, "", Confirm},
		{"Expires: Sun, 22 Nov 2026 12:01:00 GMT", 59, "", Use},
		{"Expires: Sun, 22 Nov 2026 12:01:00 GMT", 60, "", Confirm},
		// 5.3: what is no time is in the past.
		{"Expires: 0", 0, "", Confirm},
		{"Expires: never", 0, "", Confirm},
		{"Expires: Sun, 22 Nov 2026 11:00:00 GMT", 0, "", Confirm},
		// Nothing said: kept to be confirmed, whatever the client would take.
		{"", 0, "", Confirm},
		{"", 0, "Cache-Control: max-stale", Confirm},
		// 5.2.2.4: no-cache.
		{"Cache-Control: max-age=60, no-cache", 0, "", Confirm},
		{"Cache-Control: max-age=60, no-cache", 0, "Cache-Control: max-stale", Confirm},
		// 5.2.1.4, 5.4: the request's no-cache, or Pragma where there is no Cache-Control.
		{"Cache-Control: max-age=60", 0, "Cache-Control: no-cache", Confirm},
		{"Cache-Control: max-age=60", 0, "Pragma: no-cache", Confirm},
		{"Cache-Control: max-age=60", 0, "Pragma: no-cache | Cache-Control: max-age=60", Use},
		{"Cache-Control: max-age=60", 0, "Pragma: other", Use},
		// 5.2.1.1: how old the client would have it.
		{"Cache-Control: max-age=60", 10, "Cache-Control: max-age=10", Use},
		{"Cache-Control: max-age=60", 11, "Cache-Control: max-age=10", Confirm},
		{"Cache-Control: max-age=60", 0, "Cache-Control: max-age=0", Use},
		// 5.2.1.3: how long it must still be fresh.
		{"Cache-Control: max-age=60", 50, "Cache-Control: min-fresh=10", Use},
		{"Cache-Control: max-age=60", 51, "Cache-Control: min-fresh=10", Confirm},
		{"Cache-Control: max-age=60, stale-while-revalidate=60", 61, "Cache-Control: min-fresh=1", Confirm},
		// 5.2.1.2: how stale it may be.
		{"Cache-Control: max-age=60", 70, "Cache-Control: max-stale=10", Use},
		{"Cache-Control: max-age=60", 71, "Cache-Control: max-stale=10", Confirm},
		{"Cache-Control: max-age=60", 7000, "Cache-Control: max-stale", Use},
		// 4.2.4: but not where the origin forbids it.
		{"Cache-Control: max-age=60, must-revalidate", 61, "Cache-Control: max-stale", Confirm},
		{"Cache-Control: max-age=60, proxy-revalidate", 61, "Cache-Control: max-stale", Confirm},
		{"Cache-Control: s-maxage=60", 61, "Cache-Control: max-stale", Confirm},
		// RFC 5861, 3: used while it is renewed.
		{"Cache-Control: max-age=60, stale-while-revalidate=30", 59, "", Use},
		{"Cache-Control: max-age=60, stale-while-revalidate=30", 60, "", UseAndRenew},
		{"Cache-Control: max-age=60, stale-while-revalidate=30", 89, "", UseAndRenew},
		{"Cache-Control: max-age=60, stale-while-revalidate=30", 90, "", Confirm},
		{"Cache-Control: s-maxage=60, stale-while-revalidate=30", 61, "", UseAndRenew},
		{"Cache-Control: max-age=60, stale-while-revalidate=30, must-revalidate", 61, "", Confirm},
		{"Cache-Control: max-age=60, stale-while-revalidate=30, no-cache", 61, "", Confirm},
		{"Cache-Control: max-age=60, stale-while-revalidate=30", 100, "Cache-Control: max-stale=50", Use},
	} {
		f := FreshnessOf(header(date+c.response), noon, noon)
		asked := ParseRequest(header(c.request))
		if got := f.Decide(&asked, noon.Add(time.Duration(c.age)*time.Second)); got != c.want {
			t.Errorf("%q after %d s, asked for with %q: got %d, want %d", c.response, c.age, c.request, got, c.want)
		}
	}
}

// Whether a stored response stands in for an origin that fails (RFC 5861, 4), by how old it is.
func TestHowLongAStoredResponseStandsInForErrors(t *testing.T) {
	t.Parallel()
	const day = 24 * 60 * 60
	for _, c := range []struct {
		response string
		age      int // seconds since it came in, at noon
		want     bool
	}{
		{"Cache-Control: max-age=60", 59, true},
		{"Cache-Control: max-age=60", 60 + day - 1, true}, // a day, where the origin does not say
		{"Cache-Control: max-age=60", 60 + day, false},
		{"", day - 1, true},
		{"", day, false},
		{"Cache-Control: max-age=60, stale-if-error=30", 89, true},
		{"Cache-Control: max-age=60, stale-if-error=30", 90, false},
		{"Cache-Control: max-age=60, stale-if-error=0", 59, true},
		{"Cache-Control: max-age=60, stale-if-error=0", 60, false},
		{"Cache-Control: max-age=60, must-revalidate", 59, true},
		{"Cache-Control: max-age=60, must-revalidate", 60, false},
		{"Cache-Control: max-age=60, must-revalidate, stale-if-error=30", 60, false},
		{"Cache-Control: max-age=60, no-cache", 0, false},
		{"Cache-Control: s-maxage=60", 59, true},
		{"Cache-Control: s-maxage=60", 60, false},
		{"Cache-Control: s-maxage=60, stale-while-revalidate=30", 89, true},
		{"Cache-Control: s-maxage=60, stale-while-revalidate=30", 90, false},
		{"Cache-Control: s-maxage=60, stale-if-error=30", 89, true},
		{"Cache-Control: s-maxage=60, stale-if-error=30", 90, false},
	} {
		f := FreshnessOf(header(date+c.response), noon, noon)
		if got := f.UsableIfError(noon.Add(time.Duration(c.age) * time.Second)); got != c.want {
			t.Errorf("%q after %d s: got %v, want %v", c.response, c.age, got, c.want)
		}
	}
}

func TestStatusesThatTellOfAFailure(t *testing.T) {
	t.Parallel()
	failures := map[int]bool{500: true, 502: true, 503: true, 504: true}
	for status := 100; status < 600; status++ {
		if Failure(status) != failures[status] {
			t.Errorf("%d: failure %v, want %v", status, !failures[status], failures[status])
		}
	}
}

func TestFreshIsWhatNeedsNoQuestion(t *testing.T) {
	t.Parallel()
	for response, want := range map[string]time.Duration{ // how long it is fresh
		"Cache-Control: max-age=60":                            time.Minute,
		"Cache-Control: max-age=60 | Age: 20":                  40 * time.Second,
		"Cache-Control: max-age=60, no-cache":                  0,
		"Cache-Control: max-age=60, stale-while-revalidate=60": time.Minute,
		"Cache-Control: max-age=0":                             0,
		"":                                                     0,
	} {
		f := FreshnessOf(header(date+response), noon, noon)
		if want > 0 && (f.Left(noon) != want || !f.Fresh(noon.Add(want-1))) || f.Fresh(noon.Add(want)) {
			t.Errorf("%q: fresh for %v, want %v", response, f.Left(noon), want)
		}
	}
}
