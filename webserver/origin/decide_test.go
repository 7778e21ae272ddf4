package origin

import (
	"net/http/httptest"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/webserver/page"
)

var stateNames = [...]string{"pass", "hit", "grace", "stale", "miss", "hit-for-miss", "fetched", "timeout", "loop"}

const (
	fresh     = "Cache-Control: max-age=60"
	confirmed = "Cache-Control: no-cache"
	late      = "Cache-Control: max-age=60, stale-while-revalidate=60"
)

// ways are all that a request can go, by what is stored and how long ago that came in.
var ways = []struct {
	name    string
	stored  string // "": nothing
	after   int    // seconds
	mark    string // of the key
	method  string
	request string
	want    state
}{
	{"nothing stored", "", 0, "", "GET", "", miss},
	{"nothing stored, of no use to others", "", 0, "hit-for-miss", "GET", "", hitForMiss},
	{"nothing stored, Authorization", "", 0, "", "GET", "Authorization: x", hitForMiss},
	{"nothing stored, and nothing to be asked", "", 0, "", "GET", "Cache-Control: only-if-cached", timeout},
	{"nothing stored, to be kept by nobody", "", 0, "", "GET", "Cache-Control: no-store", pass},
	{"nothing stored, HEAD", "", 0, "", "HEAD", "", pass},
	{"nothing stored, range", "", 0, "", "GET", "Range: bytes=0-1", pass},
	{"nothing stored, events", "", 0, "", "GET", "Accept: text/event-stream", pass},
	{"nothing stored, back off", "", 0, "back-off", "GET", "", miss},
	{"nothing stored, by way of us", "", 0, "", "GET", "Via: 1.1 tinycdn (test)", loop},
	{"another method", fresh, 0, "", "POST", "", pass},
	{"fresh", fresh, 59, "", "GET", "", hit},
	{"fresh, HEAD", fresh, 59, "", "HEAD", "", hit},
	{"fresh, range", fresh, 59, "", "GET", "Range: bytes=0-1", hit},
	{"fresh, Authorization", fresh, 59, "", "GET", "Authorization: x", hit},
	{"fresh, of no use to others", fresh, 59, "hit-for-miss", "GET", "", hit},
	{"fresh, by way of us", fresh, 59, "", "GET", "Via: 1.1 tinycdn (test)", hit},
	{"fresh, asked anew", fresh, 59, "", "GET", "Cache-Control: no-cache", miss},
	{"fresh, asked anew at once", fresh, 0, "", "GET", "Cache-Control: no-cache", hit},
	{"in its grace", late, 61, "", "GET", "", grace},
	{"in its grace, and nothing to be asked", late, 61, "", "GET", "Cache-Control: only-if-cached", hit},
	{"in its grace, back off", late, 61, "back-off", "GET", "", grace},
	{"past its grace", late, 121, "", "GET", "", miss},
	{"stale", fresh, 60, "", "GET", "", miss},
	{"stale, and nothing to be asked", fresh, 60, "", "GET", "Cache-Control: only-if-cached", timeout},
	{"stale, back off", fresh, 60, "back-off", "GET", "", stale},
	{"stale, out of reach", fresh, 60, "outage", "GET", "", stale},
	{"stale, back off, by way of us", fresh, 60, "back-off", "GET", "Via: 1.1 tinycdn (test)", stale},
	{"stale, by way of us", fresh, 60, "", "GET", "Via: 1.1 tinycdn (test)", loop},
	{"stale, of no use to others", fresh, 60, "hit-for-miss", "GET", "", hitForMiss},
	{"too stale, back off", fresh, 2 * 24 * 60 * 60, "back-off", "GET", "", miss},
	{"no-cache, back off", confirmed, 0, "back-off", "GET", "", miss},
}

func TestWaysOfARequest(t *testing.T) {
	t.Parallel()
	for _, c := range ways {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := New(Config{Name: "test", URL: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Memory: 1 << 20})
				defer s.Close()
				r := httptest.NewRequest(c.method, "/", nil)
				r.Header = headerOf(c.request, time.Now())
				q := page.RequestOf(r)
				if c.stored != "" {
					s.store.put(s.keyOf(&q), newResponse(200, headerOf(c.stored, time.Now()), nil, time.Now(), time.Now(), r), 1)
				}
				time.Sleep(time.Duration(c.after) * time.Second)
				switch c.mark {
				case "hit-for-miss":
					s.store.setHitForMiss(s.keyOf(&q), time.Now().Add(hitForMissTime), nil)
				case "back-off":
					s.store.setBackOff(s.keyOf(&q), time.Now().Add(backOffTime))
				case "outage":
					s.health.outage.Store(&outage{since: time.Now(), last: time.Now()})
				}
				l := s.lookUp(&q)
				if got := s.decide(&l); got != c.want {
					t.Errorf("got %s, want %s", stateNames[got], stateNames[c.want])
				}
			})
		})
	}
}
