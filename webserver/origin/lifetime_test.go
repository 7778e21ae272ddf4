package origin

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"tinycdn/webserver/page"
)

// The server uses a page.Request again as soon as its answer is sent. What goes on after that must not hold it, nor the
// HTTP in it: neither while the application is asked, nor for what comes of that.
func TestNothingHoldsARequestThatIsAnswered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		stored string // the header of the page that is stored before; "": none is
		leaves bool   // the client does, at once
		want   string // the state of the answer
	}{
		{"a fetch whose client left", "", true, "504"},
		{"a renewal in the background", "Cache-Control: max-age=1, stale-while-revalidate=60 | Vary: Accept-Language", false, "200 stale"},
		{"a renewal for everybody who waits too long", "Cache-Control: max-age=1 | Vary: Accept-Language", false, "200 stale"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newFixture(t)
				if c.stored != "" {
					h.says(c.stored)
					h.get("/page", "Accept-Language: de")
					time.Sleep(2 * time.Second)
				}
				before := h.times()
				release := make(chan struct{})
				h.play(func(w http.ResponseWriter, r *http.Request) {
					<-release
					w.Header().Set("Cache-Control", "max-age=60")
					w.Header().Set("Vary", "Accept-Language")
					io.WriteString(w, r.Host+r.RequestURI+" in "+r.Header.Get("Accept-Language"))
				})
				request, from, target := h.answerAndReuse(c.want, c.leaves)
				synctest.Wait()
				if h.times() != before+1 {
					t.Fatalf("the application was asked %d times, want once", h.times()-before)
				}
				runtime.GC()
				if request.Value() != nil || from.Value() != nil || target.Value() != nil {
					t.Errorf("still held: the page.Request %v, its HTTP %v, the URL in it %v", request.Value() != nil, from.Value() != nil, target.Value() != nil)
				}
				close(release)
				synctest.Wait()
				if a := h.get("/page", "Accept-Language: de"); a.word != "hit" || a.body != "example.com/page in de" {
					t.Errorf("got %s %q, want the page that was asked for", a.word, a.body)
				}
			})
		})
	}
}

// answerAndReuse asks for /page in German, and makes the request another one as soon as the answer is there.
func (h *fixture) answerAndReuse(want string, leaves bool) (weak.Pointer[page.Request], weak.Pointer[http.Request], weak.Pointer[url.URL]) {
	h.Helper()
	ctx, leave := context.WithCancel(h.Context())
	defer leave()
	if leaves {
		leave()
	}
	r := httptest.NewRequestWithContext(ctx, "GET", "/page", nil)
	r.Header.Set("Accept-Language", "de")
	q := new(page.Request)
	*q = page.RequestOf(r)
	a := h.site.Answer(q)
	r.Header["Accept-Language"][0] = "fr"
	r.URL.Path, r.Host, r.RequestURI = "/other", "example.net", "/other"
	*q = page.Request{HTTP: r, Host: "example.net", URI: "/other"}
	got := fmt.Sprint(a.Page.Status)
	if got == "200" {
		got += " " + a.Cache.Result.String()
	}
	if got != want {
		h.Errorf("the answer is %s, want %s", got, want)
	}
	return weak.Make(q), weak.Make(r), weak.Make(r.URL)
}
