package origin

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// confirming lets the application send a page first, and then a 304 with a header of its own.
func (h *fixture) confirming(first, then string) {
	h.play(func(w http.ResponseWriter, r *http.Request) {
		header, status := first, http.StatusOK
		if r.Header.Get("If-None-Match") == `"a"` {
			header, status = then, http.StatusNotModified
		}
		for name, values := range headerOf(header+` | Etag: "a"`, time.Now()) {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		if status == http.StatusOK {
			io.WriteString(w, "page")
		}
	})
}

func TestConfirmedPageHasTheNewHeader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.confirming("Cache-Control: max-age=1 | X-A: old", "Cache-Control: max-age=60 | X-A: new")
		h.get("/", "")
		time.Sleep(5 * time.Second)
		want := time.Now().UTC().Format(http.TimeFormat)
		for _, word := range []string{"revalidated", "hit"} {
			a := h.get("/", "")
			if a.word != word || a.body != "page" || a.header.Get("X-A") != "new" || a.header.Get("Date") != want || a.header.Get("Age") != "0" {
				t.Errorf("got %s %q with %v, want %s", a.word, a.body, a.header, word)
			}
		}
	})
}

func TestCodingsOfAConfirmedPageAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		text := "Content-Type: text/plain | X-Long: " + strings.Repeat("x", 300)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			for name, values := range headerOf("Cache-Control: max-age=100 | Etag: \"a\" | "+text, time.Now()) {
				w.Header()[name] = values
			}
			if r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			io.WriteString(w, strings.Repeat("again and ", 100))
		})
		h.get("/", "")
		_, old := h.site.store.find(key{"example.com", "/", false}, nil)
		old.page.Pack()
		time.Sleep(200 * time.Second)
		h.get("/", "")
		_, now := h.site.store.find(key{"example.com", "/", false}, nil)
		if now == old || !now.page.Packed() {
			t.Errorf("the page is another one: %v, packed: %v", now != old, now.page.Packed())
		}
	})
}

// TestWhatA304SaysToOneClientStaysWithHim: the page is everybody's, but the cookie is not.
func TestWhatA304SaysToOneClientStaysWithHim(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct{ name, then string }{
			{"cookie", "Cache-Control: max-age=60 | Set-Cookie: you=one"},
			{"private", "Cache-Control: private | X-For: one"},
			{"no-store", "Cache-Control: no-store | X-For: one"},
		} {
			h := newFixture(t)
			h.confirming("Cache-Control: max-age=1", c.then)
			h.get("/", "")
			time.Sleep(5 * time.Second)
			a := h.get("/", "")
			if a.status != 200 || a.body != "page" || a.header.Get("Set-Cookie")+a.header.Get("X-For") == "" {
				t.Errorf("%s: the visitor got %d %q with %v", c.name, a.status, a.body, a.header)
			}
			h.says("Cache-Control: max-age=60")
			if a := h.get("/", ""); a.word != "miss" || a.header.Get("Set-Cookie")+a.header.Get("X-For") != "" {
				t.Errorf("%s: the next got %s with %v", c.name, a.word, a.header)
			}
		}
	})
}

// TestHeadersThatAreNoneReachNobody: fields are packed as they stand, so none may hold the end of a line.
func TestHeadersThatAreNoneReachNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, bad := range []string{"\r", "\x00", "\x01", "\x7f"} {
			h := newFixture(t)
			h.play(func(w http.ResponseWriter, r *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nX-Bad: a"+bad+"Set-Cookie: b\r\nContent-Length: 4\r\n\r\npage")
			})
			if a := h.get("/", ""); a.status != http.StatusBadGateway {
				t.Errorf("%q in a field: got %d with %q, want 502", bad, a.status, a.header)
			}
		}
	})
}

func TestTagsThatAreNoneAreReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for tag, kept := range map[string]bool{`"a"`: true, `W/"a"`: true, `""`: true, `a`: false, `"a`: false, `"a"b"`: false, `"`: false, `w/"a"`: false} {
			h := newFixture(t)
			h.says("Cache-Control: max-age=60 | Etag: " + tag)
			if got := h.get("/", "").header.Get("Etag"); (got == tag) != kept || !strings.HasSuffix(got, `"`) {
				t.Errorf("the application's tag is %s, the page's is %s", tag, got)
			}
		}
	})
}

// TestNobodyEmptiesTheCacheWithAnOddRequest: a visitor may force a fetch, and what he gets may not be kept; the page stays.
func TestNobodyEmptiesTheCacheWithAnOddRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, odd := range []string{"Cookie: odd", "Authorization: odd"} {
			h := newFixture(t)
			h.play(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Cache-Control", "max-age=60")
				if r.Header.Get("Cookie")+r.Header.Get("Authorization") != "" {
					w.Header().Set("Cache-Control", "private")
					w.WriteHeader(http.StatusForbidden)
				}
				io.WriteString(w, "page")
			})
			h.get("/", "")
			time.Sleep(5 * time.Second)
			if a := h.get("/", "Cache-Control: no-cache | "+odd); a.status != http.StatusForbidden {
				t.Errorf("%s: got %d, want the application's word", odd, a.status)
			}
			if a := h.get("/", ""); a.word != "hit" {
				t.Errorf("%s: then %s, want hit", odd, a.word)
			}
		}
	})
}
