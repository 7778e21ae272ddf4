package origin

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneFetchServesAllWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		release := make(chan struct{})
		h.play(func(w http.ResponseWriter, r *http.Request) {
			<-release
			w.Header().Set("Cache-Control", "max-age=60")
			io.WriteString(w, "slow page")
		})
		const clients = 50
		answers := make([]got, clients)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() { answers[i] = h.get("/slow", "") })
		}
		h.eventually("the application is asked", func() bool { return h.times() > 0 })
		close(release)
		all.Wait()
		for i, a := range answers {
			if a.status != 200 || a.body != "slow page" {
				t.Errorf("visitor %d got %d %q", i, a.status, a.body)
			}
		}
		if h.times() != 1 {
			t.Errorf("the application was asked %d times, want 1", h.times())
		}
	})
}

func TestFetchGoesOnWhenItsClientLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		release := make(chan struct{})
		h.play(func(w http.ResponseWriter, r *http.Request) {
			<-release
			w.Header().Set("Cache-Control", "max-age=60")
			io.WriteString(w, "page")
		})
		ctx, leave := context.WithCancel(t.Context())
		var first sync.WaitGroup
		first.Go(func() { h.send(httptest.NewRequestWithContext(ctx, "GET", "/", nil)) })
		h.eventually("the application is asked", func() bool { return h.times() > 0 })
		leave()
		first.Wait()
		close(release)
		if second := h.get("/", ""); second.body != "page" || h.times() != 1 {
			t.Errorf("got %q, the application was asked %d times, want once for both", second.body, h.times())
		}
	})
}

func TestNobodyWaitsForWhatIsNotForHim(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, says string }{
		{"private", "Cache-Control: private"},
		{"cookie", "Cache-Control: max-age=60 | Set-Cookie: you=somebody"},
		{"no word of freshness", "Etag: \"a\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newFixture(t)
				const clients = 10
				var arrived sync.WaitGroup
				arrived.Add(clients)
				h.play(func(w http.ResponseWriter, r *http.Request) {
					if h.times() > 1 { // the first shows that waiting is in vain; then all are here at a time
						arrived.Done()
						arrived.Wait()
					}
					for name, values := range headerOf(c.says, time.Now()) {
						w.Header()[name] = values
					}
					io.WriteString(w, "for "+r.Header.Get("Cookie"))
				})
				h.get("/", "Cookie: first")
				var all sync.WaitGroup
				for i := range clients {
					all.Go(func() {
						me := fmt.Sprintf("visitor %d", i)
						if a := h.get("/", "Cookie: "+me); a.body != "for "+me {
							t.Errorf("%s got what was %s", me, a.body)
						}
					})
				}
				all.Wait()
			})
		})
	}
}

func TestVariantsAreFetchedOnceEach(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		release := make(chan struct{})
		h.play(func(w http.ResponseWriter, r *http.Request) {
			<-release
			w.Header().Set("Cache-Control", "max-age=60")
			w.Header().Set("Vary", "Accept-Language")
			io.WriteString(w, "in "+r.Header.Get("Accept-Language"))
		})
		var all sync.WaitGroup
		for i := range 30 {
			language := []string{"de", "en", "fr"}[i%3]
			all.Go(func() {
				if a := h.get("/", "Accept-Language: "+language); a.body != "in "+language {
					t.Errorf("who reads %s got a page %s", language, a.body)
				}
			})
		}
		h.eventually("the application is asked", func() bool { return h.times() > 0 })
		close(release)
		all.Wait()
		if h.times() != 3 {
			t.Errorf("the application was asked %d times for 3 languages", h.times())
		}
	})
}

func TestVariantsOfAPageAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("Cache-Control: max-age=60 | Vary: X-Any")
		for i := range 100 {
			h.get("/", fmt.Sprintf("X-Any: %d", i))
		}
		known, _ := h.site.store.find(key{"example.com", "/", false}, nil)
		if len(known.responses) != maxVariants {
			t.Errorf("%d variants are kept, want %d", len(known.responses), maxVariants)
		}
		if a := h.get("/", "X-Any: 99"); a.word != "hit" {
			t.Errorf("the newest variant: %s, want hit", a.word)
		}
	})
}

// Values that somebody makes up throw out each other, not what visitors have.
func TestVariantAskedForLeastMakesWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("Cache-Control: max-age=60 | Vary: Accept-Language")
		honest := []string{"Accept-Language: en", "Accept-Language: de"}
		for range 3 {
			for _, language := range honest {
				h.get("/", language)
			}
		}
		for i := range 200 {
			h.get("/", fmt.Sprintf("Accept-Language: x%d", i))
		}
		for _, language := range honest {
			if a := h.get("/", language); a.word != "hit" {
				t.Errorf("%s: %s, want hit", language, a.word)
			}
		}
	})
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		gone := make(chan struct{})
		h.play(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			close(gone)
		})
		var client sync.WaitGroup
		client.Go(func() {
			if a := h.get("/", ""); a.status != http.StatusBadGateway {
				t.Errorf("got %d, want 502", a.status)
			}
		})
		h.eventually("the application is asked", func() bool { return h.times() > 0 })
		h.site.Close()
		client.Wait()
		select {
		case <-gone:
		case <-time.After(10 * time.Second):
			t.Error("the fetch goes on")
		}
	})
}

// A panic in a goroutine of the site's own would end the whole process.
func TestAFlightThatPanicsFailsAsTheApplicationWould(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer // that of the program, in its format
		h := newFixture(t, func(c *Config) { c.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
		var faulty atomic.Bool
		faulty.Store(true)
		h.site.transport.Proxy = func(*http.Request) (*url.URL, error) {
			if faulty.Load() {
				panic("of a library")
			}
			return nil, nil
		}
		h.says("Cache-Control: max-age=60")
		if a := h.get("/", ""); a.status != http.StatusBadGateway {
			t.Errorf("got %d, want 502", a.status)
		}
		if !strings.HasPrefix(log.String(), "{") || !strings.Contains(log.String(), `"fault":"of a library"`) {
			t.Errorf("the log says %s", &log)
		}
		faulty.Store(false)
		if a := h.get("/", ""); a.status != 200 || a.body != "page 1" {
			t.Errorf("afterwards: got %d %q", a.status, a.body)
		}
	})
}

// Who asks and leaves at once has no connection that would count against him.
func TestFetchesWithoutAClientAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		release := make(chan struct{})
		h.play(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-release:
			case <-r.Context().Done():
			}
			w.Header().Set("Cache-Control", "max-age=60")
			io.WriteString(w, "page")
		})
		ctx, leave := context.WithCancel(t.Context())
		var clients sync.WaitGroup
		for i := range mostFlights + 20 {
			clients.Go(func() { h.send(httptest.NewRequestWithContext(ctx, "GET", fmt.Sprintf("/%d", i), nil)) })
		}
		h.eventually("the application is asked by all", func() bool { return h.times() == mostFlights+20 })
		h.site.mu.Lock()
		if n := len(h.site.flights); n != mostFlights {
			t.Errorf("%d fetches would go on when their clients leave, want %d", n, mostFlights)
		}
		h.site.mu.Unlock()
		leave()
		clients.Wait()
		close(release)
		if got := h.get("/other", ""); got.body != "page" {
			t.Errorf("got %d %q", got.status, got.body)
		}
	})
}

func TestAnApplicationCannotSwitchProtocolsUnasked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "echo")
			w.WriteHeader(http.StatusSwitchingProtocols)
		})
		if got := h.get("/", ""); got.status != http.StatusBadGateway {
			t.Errorf("got %d, want 502", got.status)
		}
	})
}
