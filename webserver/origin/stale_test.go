package origin

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/webserver/page"
)

func TestPageStaysWhileTheOriginIsDown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, says string
		after      time.Duration
		status     int
	}{
		{"a day by default", "Cache-Control: max-age=1", 23 * time.Hour, 200},
		{"not for ever", "Cache-Control: max-age=1", 25 * time.Hour, 502},
		{"without a word of freshness", "", time.Hour, 200},
		{"stale-if-error", "Cache-Control: max-age=1, stale-if-error=100", 100 * time.Second, 200},
		{"stale-if-error over", "Cache-Control: max-age=1, stale-if-error=100", 102 * time.Second, 502},
		{"must-revalidate", "Cache-Control: max-age=1, must-revalidate", 2 * time.Second, 502},
		{"proxy-revalidate", "Cache-Control: max-age=1, proxy-revalidate", 2 * time.Second, 502},
		{"no-cache", "Cache-Control: no-cache", time.Second, 502},
		{"s-maxage", "Cache-Control: s-maxage=1", 2 * time.Second, 502},
		{"s-maxage, and how long stale", "Cache-Control: s-maxage=1, stale-if-error=60", 2 * time.Second, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newFixture(t)
				h.says(c.says)
				h.get("/", "")
				h.application.Close()
				time.Sleep(c.after)
				if a := h.get("/", ""); a.status != c.status || c.status == 200 && (a.body != "page 1" || a.word != "stale") {
					t.Errorf("got %d %s %q, want %d", a.status, a.word, a.body, c.status)
				}
			})
		})
	}
}

func TestFailuresOfTheOriginAreCoveredUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, status := range []int{500, 502, 503, 504, 501, 404} {
			h := newFixture(t)
			h.says("Cache-Control: max-age=1")
			h.get("/", "")
			time.Sleep(2 * time.Second)
			h.play(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) })
			want := 200
			if status == 501 || status == 404 { // that is its answer, not a failure
				want = status
			}
			if a := h.get("/", ""); a.status != want {
				t.Errorf("origin says %d: got %d, want %d", status, a.status, want)
			}
			if want == 200 {
				before := h.times()
				if h.get("/", ""); h.times() != before {
					t.Errorf("origin says %d: asked again at once", status)
				}
				time.Sleep(backOffTime)
				if h.get("/", ""); h.times() != before+1 {
					t.Errorf("origin says %d: not asked again after %v", status, backOffTime)
				}
			}
		}
	})
}

func TestStalePageIsRenewedInTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("Cache-Control: max-age=1, stale-while-revalidate=60")
		h.get("/", "")
		time.Sleep(time.Second + time.Second/2)
		if a := h.get("/", ""); a.body != "page 1" || a.word != "stale" {
			t.Errorf("got %s %q, want the stale page at once", a.word, a.body)
		}
		h.site.running.Wait() // for the fetch that no client waits for: no clock is needed to see its end
		if a := h.get("/", ""); a.body != "page 2" || a.word != "hit" {
			t.Errorf("got %s %q, want the renewed page", a.word, a.body)
		}
		if h.times() != 2 {
			t.Errorf("the application was asked %d times, want 2", h.times())
		}
		time.Sleep(62 * time.Second)
		if a := h.get("/", ""); a.body != "page 3" || a.word != "miss" {
			t.Errorf("past its time: got %s %q, want a new page", a.word, a.body)
		}
	})
}

func TestNobodyWaitsLongForAnOriginThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("Cache-Control: max-age=1")
		h.get("/", "")
		time.Sleep(2 * time.Second)
		release := make(chan struct{})
		h.play(func(w http.ResponseWriter, r *http.Request) {
			<-release
			w.Header().Set("Cache-Control", "max-age=60")
			io.WriteString(w, "at last")
		})
		defer close(release)
		q := page.RequestOf(h.last())
		if f, first, _ := h.site.join(&lookup{q: &q, key: h.site.keyOf(&q)}); !first {
			t.Fatal("there is a flight already")
		} else {
			h.site.leave(f)
		}
		time.Sleep(patience) // since the fetch began
		if a := h.get("/", ""); a.status != 200 || a.body != "page 1" {
			t.Errorf("got %d %q, want the stale page", a.status, a.body)
		}
	})
}

// TestBrokenPageLeavesTheOthersAlone: that one page breaks its connection is no reason to serve others stale.
func TestBrokenPageLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/broken" {
				panic(http.ErrAbortHandler)
			}
			w.Header().Set("Cache-Control", "max-age=1")
		})
		h.get("/", "")
		time.Sleep(2 * time.Second)
		if a := h.get("/broken", ""); a.status != http.StatusBadGateway {
			t.Errorf("the broken page: got %d, want 502", a.status)
		}
		if a := h.get("/", ""); a.word != "miss" {
			t.Errorf("the other: got %s, want a new one", a.word)
		}
	})
}

// TestNobodyWaitsLongForHimselfEither: what has to be confirmed for each visitor is fetched without others.
func TestNobodyWaitsLongForHimselfEither(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("")
		h.get("/", "")
		release := make(chan struct{})
		h.play(func(w http.ResponseWriter, r *http.Request) { <-release })
		defer close(release)
		begun := time.Now()
		if a := h.get("/", ""); a.status != 200 || a.body != "page 1" || a.word != "stale" {
			t.Errorf("got %d %s %q, want the stale page", a.status, a.word, a.body)
		}
		if took := time.Since(begun); took != patience {
			t.Errorf("it took %v, want %v", took, patience)
		}
		before := h.times()
		if h.get("/", ""); h.times() != before {
			t.Error("the next one waits again")
		}
	})
}

// TestClientsWithCookiesLeaveThePageForOthers: what an application says to them may be theirs alone, but replaces nothing.
func TestClientsWithCookiesLeaveThePageForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.play(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello "+r.Header.Get("Cookie")) })
		h.get("/", "")
		time.Sleep(2 * hitForMissTime)
		if a := h.get("/", "Cookie: me"); a.body != "hello me" {
			t.Errorf("got %q, want his own page", a.body)
		}
		h.application.Close()
		if a := h.get("/", ""); a.status != 200 || a.body != "hello " {
			t.Errorf("when the origin is down: got %d %q, want the page for all", a.status, a.body)
		}
	})
}

func TestHealthTellsOfAnOriginThatStaysAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("Cache-Control: max-age=60")
		if err := h.site.Health(); err != nil {
			t.Errorf("at first: %v", err)
		}
		h.application.Close()
		h.get("/a", "")
		if err := h.site.Health(); err != nil {
			t.Errorf("at once: %v, but a restart is no outage", err)
		}
		time.Sleep(outageGrace + time.Second)
		if err := h.site.Health(); err == nil {
			t.Errorf("after %v there is nothing to tell", outageGrace)
		}
	})
}

func TestOutageIsOverWhenTheOriginIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		back, err := net.Listen("tcp", "127.0.0.1:0") // it need not accept
		if err != nil {
			t.Fatal(err)
		}
		defer back.Close()
		h := newFixture(t, func(c *Config) { c.URL = &url.URL{Scheme: "http", Host: back.Addr().String()} })
		h.site.health.note(&net.OpError{Op: "dial", Err: errors.New("connection refused")}, time.Now())
		time.Sleep(outageGrace + time.Second)
		if h.site.Health() == nil {
			t.Fatal("there is nothing to tell")
		}
		ctx, end := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { h.site.Run(ctx) })
		h.eventually("health is good, though nobody asks for a page", func() bool { return h.site.Health() == nil })
		end()
		running.Wait()
	})
}

// An application that says nothing of caching, and knows its users by a field of its own.
func TestNobodyGetsAnothersPageForWantOfCacheControl(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Header.Get("X-Break") != "":
				w.WriteHeader(500)
			case r.Header.Get("X-Api-Key") == "" && r.URL.Path == "/key":
				w.WriteHeader(401)
			default:
				io.WriteString(w, "page of one visitor")
			}
		})
		for path, header := range map[string]string{"/key": "X-Api-Key: secret", "/address": "Accept: text/html"} {
			if got := h.get(path, header); got.status != 200 {
				t.Fatalf("%s: got %d", path, got.status)
			}
			before := h.times()
			if got := h.get(path, "Cache-Control: max-stale"); h.times() == before {
				t.Errorf("%s with max-stale: got %d %q, and the application was not asked", path, got.status, got.body)
			}
		}
		h.get("/key", "X-Api-Key: secret")
		if got := h.get("/key", "X-Break: 1"); got.status != 500 {
			t.Errorf("while the application fails: got %d %q", got.status, got.body)
		}
	})
}
