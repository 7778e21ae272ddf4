package cluster

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// await looks until something is so.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never happened that %s", what)
		}
	}
}

func (p *testPOP) forgot() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.purged)
}

func TestWhoIsCutOffMakesUpForPurges(t *testing.T) {
	t.Parallel()
	var cut atomic.Bool
	c := newClusterOf(t, func(p *testPOP) {
		p.wrap = func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if p.name == "syd" && cut.Load() {
					panic(http.ErrAbortHandler)
				}
				h.ServeHTTP(w, r)
			})
		}
	}, "nyc", "fra", "syd")
	nyc, syd := c.pops[0], c.pops[2]
	await(t, "syd has heard of nyc's purges", func() bool {
		syd.Member.mu.Lock()
		defer syd.Member.mu.Unlock()
		_, known := syd.heardPurges["nyc"]
		return known
	})
	p := &Publisher{Key: c.owner, Members: c.members}
	defer p.Close()
	all, err := p.Purge(t.Context(), "https://example.org/a")
	if err != nil || len(all.Forgotten)+len(all.Silent) != 3 || len(all.Forgotten) == 0 { // on a busy machine one may be too slow to say so
		t.Errorf("%v, %v", all, err)
	}
	for name, n := range all.Forgotten {
		if n != 1 && n != 2 { // who hears of it by a row first forgets it twice
			t.Errorf("%s forgot %d", name, n)
		}
	}
	await(t, "all have forgotten it", func() bool {
		return !slices.ContainsFunc(c.pops, func(p *testPOP) bool { return len(p.forgot()) == 0 })
	})
	cut.Store(true)
	for i := range 3 {
		if all, err := nyc.Purge(t.Context(), fmt.Sprint("https://example.org/", i), 7); err != nil || len(all.Silent) != 1 || all.Forgotten["nyc"] != 7 {
			t.Errorf("%v, %v", all, err)
		}
	}
	cut.Store(false)
	syd.wakeUp()
	await(t, "syd makes up for what it missed", func() bool { return slices.Contains(syd.forgot(), "https://example.org/2") })
	want := []string{"https://example.org/a", "https://example.org/0", "https://example.org/1", "https://example.org/2"}
	if got := slices.Compact(syd.forgot()); !slices.Equal(got, want) { // a row may be quicker than the purge of which it tells
		t.Errorf("syd forgot %v", got)
	}
}

func TestAnEmptyURLForgetsNothing(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra")
	nyc, fra := c.pops[0], c.pops[1]
	await(t, "fra has heard of nyc's purges", func() bool {
		fra.Member.mu.Lock()
		defer fra.Member.mu.Unlock()
		_, known := fra.heardPurges["nyc"]
		return known
	})
	p := &Publisher{Key: c.owner, Members: c.members}
	defer p.Close()
	if all, err := p.Purge(t.Context(), ""); err == nil || !strings.Contains(err.Error(), errNoURL.Error()) {
		t.Errorf("a publisher: %v, %v", all, err)
	}
	if all, err := nyc.Purge(t.Context(), "", 0); err == nil {
		t.Errorf("a POP: %v", all)
	}
	if err := fra.client(c.members.POPs[0]).Call(t.Context(), "/v1/purged", order{Number: 1}, nil); err == nil {
		t.Error("another POP's word is taken for it")
	}
	if got := append(nyc.forgot(), fra.forgot()...); len(got) > 0 {
		t.Errorf("forgotten are %v", got)
	}
	// Only who has missed more than anybody remembers forgets everything.
	nyc.begun.mu.Lock()
	nyc.begun.last = 3 * mostPurges
	nyc.begun.mu.Unlock()
	nyc.Member.mu.Lock()
	nyc.mine.Purges = 3 * mostPurges
	nyc.Member.mu.Unlock()
	nyc.Ask(t.Context())
	fra.wakeUp()
	await(t, "fra forgets everything", func() bool { return slices.Equal(fra.forgot(), []string{"everything"}) })
}

func TestPurgesAreRememberedOverARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "purges")
	open := func() *purgeLog {
		l, err := openPurgeLog(path)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := open()
	for i := range 2*mostPurges + 5 {
		if _, err := l.add(fmt.Sprint("https://example.org/", i)); err != nil {
			t.Fatal(err)
		}
	}
	l.file.WriteString("20006 https://cut.off")
	l = open()
	last := uint64(2*mostPurges + 5)
	if got := l.since(last - 2); got.All || got.Last != last || len(got.List) != 2 || got.List[1] != (order{last, fmt.Sprint("https://example.org/", last-1)}) {
		t.Errorf("%+v", got)
	}
	for _, since := range []uint64{0, last - mostPurges - 1, last + 1} {
		if got := l.since(since); !got.All {
			t.Errorf("since %d: %+v", since, got)
		}
	}
	if got := l.since(last - mostPurges); got.All || len(got.List) != mostPurges {
		t.Errorf("all that are remembered: %d", len(got.List))
	}
	if o, err := l.add("https://example.org/more"); err != nil || o.Number != last+1 {
		t.Errorf("%v, %v", o, err)
	}
	if _, err := l.add("two\nlines"); err == nil {
		t.Error("a URL of two lines is taken")
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 1<<20 {
		t.Errorf("%v, %v", info, err)
	}
}
