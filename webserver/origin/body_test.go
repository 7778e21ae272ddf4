package origin

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func TestPackedResponsesAreKeptUnpacked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		content := strings.Repeat("all work and no play ", 1000)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			w.Header().Set("Content-Type", "text/plain")
			if r.Header.Get("Accept-Encoding") == "gzip" {
				w.Header().Set("Content-Encoding", "gzip")
				w.Write(gzipped(t, []byte(content)))
				return
			}
			io.WriteString(w, content)
		})
		for _, way := range []string{"Accept-Encoding: br, gzip;q=0.5", "", "Accept-Encoding: gzip"} {
			if a := h.get("/", way); a.body != content || a.header.Get("Content-Encoding") != "" {
				t.Errorf("%q: got %d bytes in coding %q, want %d in none", way, len(a.body), a.header.Get("Content-Encoding"), len(content))
			}
		}
		if h.times() != 1 || h.last().Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("asked %d times, last for %q", h.times(), h.last().Header.Get("Accept-Encoding"))
		}
	})
}

// TestBombsPassUnopened: 32 MB of zeros in 32 KB must cost neither their memory nor a place in the cache.
func TestBombsPassUnopened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bomb := gzipped(t, make([]byte, 32<<20))
		h := newFixture(t)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb)
		})
		for range 2 {
			a := h.get("/", "Accept-Encoding: gzip")
			if a.word != "pass" || a.body != string(bomb) {
				t.Errorf("got %s, %d bytes, want the %d as they are", a.word, len(a.body), len(bomb))
			}
		}
		h.eventually("all room is given back", func() bool { return h.site.room.Load() == 2<<20 })
	})
}

func TestLongBodiesPassWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		long := make([]byte, 3<<20)
		rand.Read(long)
		for _, length := range []bool{true, false} {
			h := newFixture(t)
			h.play(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Cache-Control", "max-age=60")
				if length {
					w.Header().Set("Content-Length", strconv.Itoa(len(long)))
				}
				w.Write(long)
			})
			for range 2 {
				if a := h.get("/", ""); a.word != "pass" || a.body != string(long) {
					t.Errorf("length told %v: got %s, %d bytes, want all %d", length, a.word, len(a.body), len(long))
				}
			}
			h.eventually("all room is given back", func() bool { return h.site.room.Load() == 2<<20 })
		}
	})
}

func TestWhatIsMadeBitByBitIsSeenBitByBit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		next := make(chan struct{})
		h.play(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			for i := range 3 {
				fmt.Fprintf(w, "bit %d\n", i)
				w.(http.Flusher).Flush()
				<-next
			}
		})
		response, err := h.client.Get(h.front.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		for i := range 3 {
			bit := make([]byte, 6)
			if _, err := io.ReadFull(response.Body, bit); err != nil || string(bit) != fmt.Sprintf("bit %d\n", i) {
				t.Fatalf("got %q, %v, want bit %d", bit, err, i)
			}
			next <- struct{}{}
		}
		if _, err := response.Body.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("after the last bit: %v", err)
		}
	})
}

func TestEventStreamsPassAtOnceAndEndWithTheirClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, accept := range []string{"text/event-stream", "*/*"} {
			h := newFixture(t)
			gone := make(chan struct{})
			h.play(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				w.Header().Set("Cache-Control", "max-age=60") // a mistake that must not matter
				io.WriteString(w, "data: 1\n\n")
				w.(http.Flusher).Flush()
				<-r.Context().Done()
				close(gone)
			})
			ctx, leave := context.WithCancel(t.Context())
			r, err := http.NewRequestWithContext(ctx, "GET", h.front.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept", accept)
			response, err := h.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			event := make([]byte, 9)
			if _, err := io.ReadFull(response.Body, event); err != nil || string(event) != "data: 1\n\n" {
				t.Errorf("got %q, %v", event, err)
			}
			leave()
			response.Body.Close()
			<-gone
		}
	})
}

func TestBodiesCutShortAreNotKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, length := range []string{"Content-Length: 100", ""} {
			h := newFixture(t)
			h.play(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Cache-Control", "max-age=60")
				for name, values := range headerOf(length, time.Now()) {
					w.Header()[name] = values
				}
				io.WriteString(w, "only so much")
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			})
			if a := h.get("/", ""); a.status != http.StatusBadGateway {
				t.Errorf("%q: got %d, want 502", length, a.status)
			}
			h.says("Cache-Control: max-age=60")
			if a := h.get("/", ""); a.word != "miss" {
				t.Errorf("%q: got %s: the part was kept", length, a.word)
			}
		}
	})
}

// faulty is a body that breaks what reads it, at its beginning or once it was handed on.
type faulty struct {
	io.Reader
	late chan struct{}
}

func (f *faulty) Read(chunk []byte) (int, error) {
	if n, err := f.Reader.Read(chunk); err == nil {
		return n, nil
	}
	if f.late != nil {
		<-f.late
	}
	panic("of a library")
}

func (f *faulty) Close() error { return nil }

func TestABodyWhoseReaderPanicsIsCutShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		if _, err := h.site.read(&http.Response{Body: &faulty{Reader: strings.NewReader("a")}, ContentLength: 10}); !errors.Is(err, errFault) {
			t.Errorf("got %v", err)
		}
		late := make(chan struct{})
		detached := &http.Response{Body: &faulty{strings.NewReader("a"), late}, ContentLength: -1}
		if _, err := h.site.read(detached); !errors.Is(err, errStream) {
			t.Errorf("got %v", err)
		}
		close(late)
		if got, err := io.ReadAll(detached.Body); string(got) != "a" || !errors.Is(err, errFault) {
			t.Errorf("got %q and %v", got, err)
		}
		detached.Body.Close()
		if left := h.site.room.Load(); left != 2<<20 {
			t.Errorf("%d bytes of room are left", left)
		}
	})
}

// TestMemoryIsBounded keeps a thousand pages of 100 KB where 8 MB are allowed, and reads many more at once than there is
// room for.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		content := make([]byte, 100<<10)
		h.play(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			w.Write(content)
		})
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				for j := range 50 {
					r := httptest.NewRequest("GET", fmt.Sprintf("/%d/%d", i, j), nil)
					if a := h.send(r); a.status != 200 || len(a.body) != len(content) {
						t.Errorf("%s: got %d, %d bytes", r.URL, a.status, len(a.body))
					}
				}
			})
		}
		all.Wait()
		h.site.store.pages.CleanUp()
		if weight := h.site.store.pages.WeightedSize(); weight > 6<<20 || weight < 1<<20 {
			t.Errorf("pages weigh %d bytes, want at most 6 MB, and not next to nothing", weight)
		}
		h.eventually("all room is given back", func() bool { return h.site.room.Load() == 2<<20 })
	})
}
