package origin

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestRulesOfSharedCaches tells for each response of an application what a second visitor gets some time later.
func TestRulesOfSharedCaches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		first string // the first visitor's header
		says  string // the application's
		after int    // seconds
		then  string // the second visitor's header
		word  string // how the second answer came about
		asked int    // how often the application was asked
	}{
		{"max-age fresh", "", "Cache-Control: max-age=60", 59, "", "hit", 1},
		{"max-age over", "", "Cache-Control: max-age=60", 60, "", "miss", 2},
		{"s-maxage before max-age", "", "Cache-Control: max-age=1, s-maxage=60", 30, "", "hit", 1},
		{"s-maxage shorter", "", "Cache-Control: max-age=60, s-maxage=1", 30, "", "miss", 2},
		{"Expires", "", "Expires: {60}", 59, "", "hit", 1},
		{"Expires over", "", "Expires: {60}", 61, "", "miss", 2},
		{"max-age before Expires", "", "Cache-Control: max-age=60 | Expires: {0}", 30, "", "hit", 1},
		{"Expires: 0", "", "Expires: 0", 2, "", "miss", 2},
		{"max-age that is no number", "", "Cache-Control: max-age=an hour", 2, "", "miss", 2},
		{"max-age in quotes", "", `Cache-Control: max-age="60"`, 30, "", "hit", 1},
		{"max-age too long for a number", "", "Cache-Control: max-age=99999999999999999999", 3600, "", "hit", 1},
		{"first of two", "", "Cache-Control: max-age=60 | Cache-Control: max-age=1", 30, "", "hit", 1},
		{"a directive inside quotes", "", `Cache-Control: max-age=60, x="no-store, private"`, 30, "", "hit", 1},
		{"letter case", "", "Cache-Control: MAX-AGE=60", 30, "", "hit", 1},
		{"Age counts", "", "Cache-Control: max-age=60 | Age: 50", 11, "", "miss", 2},
		{"no-store", "", "Cache-Control: no-store, max-age=60", 0, "", "pass", 2},
		{"private", "", "Cache-Control: private, max-age=60", 0, "", "pass", 2},
		{"private for a field", "", `Cache-Control: private="x", max-age=60`, 0, "", "pass", 2},
		{"no-cache", "", "Cache-Control: no-cache, max-age=60", 0, "", "miss", 2},
		{"no-cache confirmed", "", `Cache-Control: no-cache | ETag: "a"`, 0, "", "revalidated", 2},
		{"stale confirmed", "", `Cache-Control: max-age=1 | ETag: "a"`, 2, "", "revalidated", 2},
		{"no word of freshness, confirmed", "", `ETag: "a"`, 2, "", "revalidated", 2},
		{"no word of freshness", "", "", 0, "", "miss", 2},
		{"Set-Cookie", "", "Cache-Control: public, max-age=60 | Set-Cookie: a=b", 0, "", "pass", 2},
		{"Cookie, and no word of freshness", "Cookie: me", "", 0, "", "miss", 2},
		{"Cookie, and a word", "Cookie: me", "Cache-Control: max-age=60", 0, "", "hit", 1},
		{"Authorization", "Authorization: Basic eA==", "Cache-Control: max-age=60", 0, "", "miss", 2},
		{"Authorization, public", "Authorization: Basic eA==", "Cache-Control: public, max-age=60", 0, "", "hit", 1},
		{"Authorization, s-maxage", "Authorization: Basic eA==", "Cache-Control: s-maxage=60", 0, "", "hit", 1},
		{"Authorization, must-revalidate", "Authorization: Basic eA==", "Cache-Control: max-age=60, must-revalidate", 0, "", "hit", 1},
		{"must-understand lifts no-store", "", "Cache-Control: no-store, must-understand, max-age=60", 0, "", "hit", 1},
		{"Vary: *", "", "Cache-Control: max-age=60 | Vary: *", 0, "", "pass", 2},
		{"Vary, the same", "Accept-Language: de", "Cache-Control: max-age=60 | Vary: Accept-Language", 0, "Accept-Language: de", "hit", 1},
		{"Vary, other spaces", "Accept-Language: de,en", "Cache-Control: max-age=60 | Vary: Accept-Language", 0, "Accept-Language: de, en", "hit", 1},
		{"Vary, another", "Accept-Language: de", "Cache-Control: max-age=60 | Vary: Accept-Language", 0, "Accept-Language: en", "miss", 2},
		{"Vary, absent", "Accept-Language: de", "Cache-Control: max-age=60 | Vary: Accept-Language", 0, "", "miss", 2},
		{"Vary: Accept-Encoding is ours", "Accept-Encoding: gzip", "Cache-Control: max-age=60 | Vary: Accept-Encoding", 0, "", "hit", 1},
		{"Vary on each visitor", "", "Cache-Control: max-age=60 | Vary: X-Forwarded-For", 0, "", "pass", 2},
		{"request no-cache", "", "Cache-Control: max-age=60", 5, "Cache-Control: no-cache", "miss", 2},
		{"request Pragma", "", "Cache-Control: max-age=60", 5, "Pragma: no-cache", "miss", 2},
		{"request Pragma beside Cache-Control", "", "Cache-Control: max-age=60", 5, "Pragma: no-cache | Cache-Control: max-age=9", "hit", 1},
		{"request no-cache, once a second", "", "Cache-Control: max-age=60", 0, "Cache-Control: no-cache", "hit", 1},
		{"request max-age", "", "Cache-Control: max-age=60", 5, "Cache-Control: max-age=4", "miss", 2},
		{"request max-age, young enough", "", "Cache-Control: max-age=60", 5, "Cache-Control: max-age=5", "hit", 1},
		{"request min-fresh", "", "Cache-Control: max-age=60", 50, "Cache-Control: min-fresh=20", "miss", 2},
		{"request max-stale", "", "Cache-Control: max-age=60", 70, "Cache-Control: max-stale=20", "stale", 1},
		{"request max-stale, too stale", "", "Cache-Control: max-age=60", 90, "Cache-Control: max-stale=20", "miss", 2},
		{"request max-stale, forbidden", "", "Cache-Control: max-age=60, must-revalidate", 70, "Cache-Control: max-stale", "miss", 2},
		{"request only-if-cached", "", "Cache-Control: max-age=60", 5, "Cache-Control: only-if-cached", "hit", 1},
		{"request no-store uses what there is", "", "Cache-Control: max-age=60", 5, "Cache-Control: no-store", "hit", 1},
		{"request no-store keeps nothing", "Cache-Control: no-store", "Cache-Control: max-age=60", 0, "", "miss", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newFixture(t)
				h.says(c.says)
				h.get("/", c.first)
				time.Sleep(time.Duration(c.after) * time.Second)
				second := h.get("/", c.then)
				got := fmt.Sprintf("%d %s, asked %d times", second.status, second.word, h.times())
				if want := fmt.Sprintf("200 %s, asked %d times", c.word, c.asked); got != want {
					t.Errorf("got %s, want %s (%s)", got, want, second.header.Get("Cache-Status"))
				}
			})
		})
	}
}
