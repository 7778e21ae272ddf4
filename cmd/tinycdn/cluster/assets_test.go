package cluster

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// paths are those of the assets of a POP, of which each file is there.
func (p *testPOP) paths(t *testing.T) string {
	t.Helper()
	var list []string
	for _, a := range p.Assets() {
		text, err := os.ReadFile(filepath.Join(a.Tree, a.Path))
		if err != nil || !time.Now().Before(a.Until) {
			t.Errorf("%+v: %v", a, err)
		}
		list = append(list, a.Path+" "+string(text))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func TestFilesWithAHashStayBesideLaterGenerations(t *testing.T) {
	t.Parallel()
	c := newClusterOf(t, func(p *testPOP) { p.host.Lasts = func(path string) bool { return strings.Contains(path, "hash") } }, "nyc", "fra")
	publisher := func(only ...string) *Publisher {
		p := &Publisher{Key: c.owner, Members: c.members, Only: only}
		t.Cleanup(p.Close)
		all, _ := p.Status(t.Context())
		p.Canary = CanaryOf(all)
		return p
	}
	last := &manifest.Signed{}
	publish := func(text string, files map[string]string, only ...string) {
		t.Helper()
		all := map[string]string{"tinycdn.toml": text}
		maps.Copy(all, files)
		list, source := c.next(t, last, all)
		p := publisher(only...)
		out, err := p.Publish(t.Context(), list, source)
		if err != nil {
			t.Fatalf("%+v, %v", out, err)
		}
		if len(only) == 0 {
			last = list
		}
	}
	nyc, fra := c.pops[0], c.pops[1]
	holds := func(p *testPOP, want string) {
		t.Helper()
		if got := p.paths(t); got != want {
			t.Errorf("%s has %q beside what it serves, want %q", p.name, got, want)
		}
	}
	publish("one", map[string]string{"a.hash": "a", "b.hash": "b", "plain": "p"})
	holds(nyc, "")
	publish("two", map[string]string{"b.hash": "b"})
	holds(nyc, "a.hash a")
	publish("three", map[string]string{"a.hash": "another"})
	holds(nyc, "b.hash b")
	publish("four", nil, "fra") // a canary
	holds(nyc, "b.hash b")
	holds(fra, "a.hash another, b.hash b")
	publisher().TakeBack(t.Context())
	holds(fra, "b.hash b")
	publish("five", nil)
	holds(fra, "a.hash another, b.hash b")

	fra.stop()
	m, err := Open(fra.Dir(), fra.host, slog.New(slog.DiscardHandler))
	same := func(a, b Asset) bool { return a.Path == b.Path && a.Tree == b.Tree && a.Until.Equal(b.Until) }
	if err != nil || !slices.EqualFunc(m.Assets(), fra.Assets(), same) {
		t.Errorf("after a restart: %+v, %v", m.Assets(), err)
	}
	nyc.Keep(10, 1<<30, 0)
	if all := nyc.after(last); len(all) > 0 {
		t.Errorf("of none that are to be kept there are %+v", all)
	}
}

func TestAssetsAreBounded(t *testing.T) {
	t.Parallel()
	m := newTestPOP(t, "nyc", roster.NewKey().Public()).Member
	for i := range 2 * maxAssets {
		m.assets = append(m.assets, asset{Path: fmt.Sprint(i), Left: time.Now().Add(time.Duration(i-3*maxAssets) * time.Second)})
	}
	if all := m.after(&manifest.Signed{}); len(all) != maxAssets || all[0].Path != fmt.Sprint(2*maxAssets-1) {
		t.Errorf("%d, and the first is %+v", len(all), all[0])
	}
}
