package origin

import (
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestPurgedPagesAreFetchedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("Cache-Control: max-age=60 | Vary: Accept-Language")
		h.get("/a?b=c", "Accept-Language: de")
		h.get("/a?b=c", "Accept-Language: en")
		h.get("/other", "")
		if n := h.site.Purge("Example.COM:8080", "/a?b=c"); n != 2 {
			t.Errorf("%d pages were purged, want 2", n)
		}
		if a := h.get("/a?b=c", "Accept-Language: de"); a.word != "miss" {
			t.Errorf("the purged page: %s, want miss", a.word)
		}
		if a := h.get("/other", ""); a.word != "hit" {
			t.Errorf("another page: %s, want hit", a.word)
		}
		if n := h.site.PurgeAll(); n != 2 {
			t.Errorf("%d pages were purged in all, want 2", n)
		}
		if a := h.get("/other", ""); a.word != "miss" {
			t.Errorf("after all were purged: %s, want miss", a.word)
		}
	})
}

// RFC 3986, 6.2.2: however a path is spelled, it is the same page. A * at the end stands for all that begins so.
func TestPurgeKnowsEverySpelling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pages := []string{"/caf%C3%A9", "/~user", "/a%2Fb", "/a/b", "/dir/one?x", "/dir/two", "/dir", "/*"}
		for purged, want := range map[string]int{
			"/caf%c3%a9": 1, "/%63af%C3%a9": 1, "/%7Euser": 1, "/%7euser": 1, "/a%2fb": 1, "/a/b": 1, "/dir/*": 2, "/dir*": 3, "/a*": 2,
			"/caf%C3%A9?": 0, "/CAF%C3%A9": 0, "/none": 0, "/%": 0, "/%zz": 0, "/dir/one": 0, "/d%69r/on%65?%78": 1,
		} {
			h := newFixture(t)
			h.says("Cache-Control: max-age=60")
			for _, target := range pages {
				h.get(target, "")
			}
			if n := h.site.Purge("example.com", purged); n != want {
				t.Errorf("%s: %d pages were purged, want %d", purged, n, want)
			}
		}
	})
}

func TestWhatIsOnItsWayIsPurgedToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, all := range []bool{false, true} {
			h := newFixture(t)
			release := make(chan struct{})
			h.play(func(w http.ResponseWriter, r *http.Request) {
				if h.times() == 1 {
					<-release
				}
				w.Header().Set("Cache-Control", "max-age=60")
				io.WriteString(w, "page")
			})
			var first sync.WaitGroup
			first.Go(func() { h.get("/", "") })
			h.eventually("the application is asked", func() bool { return h.times() > 0 })
			if all {
				h.site.PurgeAll()
			} else {
				h.site.Purge("example.com", "/")
			}
			close(release)
			first.Wait()
			if a := h.get("/", ""); a.word != "miss" {
				t.Errorf("all %v: got %s: what was asked for before the purge was kept", all, a.word)
			}
			if a := h.get("/", ""); a.word != "hit" {
				t.Errorf("all %v: got %s: what was asked for after the purge was not kept", all, a.word)
			}
		}
	})
}

func TestUnsafeRequestsInvalidate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, method, target string
		status               int
		header               string
		gone                 bool // the page at /page
	}{
		{"its own target", "POST", "/page", 200, "", true},
		{"with a redirect", "PUT", "/page", 303, "Location: /elsewhere", true},
		{"a method nobody knows", "FROB", "/page", 200, "", true},
		{"Location", "POST", "/new", 201, "Location: /page", true},
		{"Location, relative", "POST", "/new", 201, "Location: page", true},
		{"Location, absolute", "POST", "/new", 201, "Location: http://example.com/page", true},
		{"Location on another host", "POST", "/new", 201, "Location: http://example.net/page", false},
		{"Content-Location", "DELETE", "/new", 200, "Content-Location: /page", true},
		{"a failure", "POST", "/page", 500, "", false},
		{"a mistake of the client", "POST", "/page", 404, "", false},
		{"another query", "POST", "/page?x", 200, "", false},
		{"a safe method", "OPTIONS", "/page", 200, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newFixture(t)
				h.says("Cache-Control: max-age=60")
				h.get("/page", "")
				h.play(func(w http.ResponseWriter, r *http.Request) {
					for name, values := range headerOf(c.header, time.Now()) {
						w.Header()[name] = values
					}
					w.WriteHeader(c.status)
				})
				if a := h.do(c.method, c.target, ""); a.status != c.status {
					t.Errorf("%s: got %d, want the application's %d", c.method, a.status, c.status)
				}
				h.says("Cache-Control: max-age=60")
				if a := h.get("/page", ""); (a.word == "miss") != c.gone {
					t.Errorf("the page: %s, gone should be %v", a.word, c.gone)
				}
			})
		})
	}
}
