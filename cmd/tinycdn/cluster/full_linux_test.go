package cluster

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/geoip/plainfile/plainfiletest"
)

// TestADiskThatFillsWhileContentsArrive has the POP refuse the generation, by which a majority is not kept from it: it follows once there
// is room. Without a majority nothing changes.
func TestADiskThatFillsWhileContentsArrive(t *testing.T) {
	t.Parallel()
	if !plainfiletest.MayMount(t) {
		return
	}
	for _, names := range [][]string{{"nyc", "syd"}, three} {
		fillDisk(t, names)
	}
}

func fillDisk(t *testing.T, names []string) {
	dir := plainfiletest.Disk(t, "6m")
	var fills atomic.Bool // at the next content
	c := newClusterOf(t, func(p *testPOP) {
		p.wrap = func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if p.name == "syd" && (r.URL.Path == "/v1/contents" || r.URL.Path == "/v1/fetch") && fills.Swap(false) {
					os.WriteFile(filepath.Join(dir, "else"), make([]byte, 4<<20), 0o600) // somebody's log, once it was known that there is room
				}
				h.ServeHTTP(w, r)
			})
		}
		if p.name != "syd" {
			return
		}
		if err := os.Rename(filepath.Join(p.dir, "store"), filepath.Join(p.dir, "old")); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(dir, filepath.Join(p.dir, "store")); err != nil {
			t.Fatal(err)
		}
		again, err := Open(p.dir, p.host, p.log)
		if err != nil {
			t.Fatal(err)
		}
		p.Member = again
	}, names...)
	syd := c.pops[len(names)-1]
	serve := func(all, ofSyd string) {
		t.Helper()
		for _, p := range c.pops {
			want := map[bool]string{true: ofSyd, false: all}[p == syd]
			if got := p.serving(); got != want {
				t.Errorf("%s serves %q, want %q", p.name, got, want)
			}
		}
	}
	one, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	two, source := c.next(t, one, map[string]string{"tinycdn.toml": "two", "big": noise(4 << 20)})
	fills.Store(true)
	p := c.publisher()
	defer p.Close()
	out, err := p.Publish(t.Context(), two, source)
	if wrong := out.Wrong["syd"]; wrong == nil || !strings.Contains(wrong.Error(), "no space left on device") {
		t.Errorf("%+v, %v", out, err)
	}
	if len(names) == 2 {
		if serve("one", "one"); err != ErrNoMajority {
			t.Errorf("%+v, %v", out, err)
		}
	} else if serve("two", "one"); err != nil {
		t.Errorf("%+v, %v", out, err)
	}
	for _, pop := range c.pops {
		pop.Member.mu.Lock()
		if pop.agreed.Promise.ID.Number > 0 {
			t.Errorf("%s has promised it still", pop.name)
		}
		pop.Member.mu.Unlock()
	}
	if err := os.Remove(filepath.Join(dir, "else")); err != nil {
		t.Fatal(err)
	}
	if len(names) == 2 {
		if out, err := p.Publish(t.Context(), two, source); err != nil || len(out.Live) != 2 {
			t.Errorf("once there is room: %+v, %v", out, err)
		}
	}
	syd.wakeUp() // it is tried again every few seconds
	await(t, "syd follows once there is room", func() bool { return syd.serving() == "two" })
	serve("two", "two")
}
