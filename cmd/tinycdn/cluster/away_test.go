package cluster

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// offered is a generation of one file, all of which a POP has, and nobody has committed to.
func (c *testCluster) offered(t *testing.T, p *testPOP, key roster.PrivateKey, by, text string) *manifest.Signed {
	t.Helper()
	list, source := nextBy(t, key, by, &manifest.Signed{}, map[string]string{"tinycdn.toml": text})
	p.has(t, list, source)
	return list
}

// has has a POP have all of a generation.
func (p *testPOP) has(t *testing.T, list *manifest.Signed, source Source) {
	t.Helper()
	if err := p.store.KeepManifest(list); err != nil {
		t.Fatal(err)
	}
	for _, part := range p.store.Missing(&list.Manifest) {
		content, err := source(part.Hash)
		if err == nil {
			err = p.store.Put(part, content)
			content.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestAPromiseEndsByItself: whoever got it dies before the commit.
func TestAPromiseEndsByItself(t *testing.T) {
	t.Parallel()
	owner, ci := roster.NewKey(), roster.NewKey()
	p := newTestPOP(t, "nyc", owner.Public())
	p.listener.Close()
	members := &roster.Roster{Version: 1, Owner: owner.Public(), Publishers: []roster.Publisher{{Name: "ci", Key: ci.Public(), May: []roster.Right{roster.Publish}}}}
	if err := p.TakeRoster(members.Marshal(owner)); err != nil {
		t.Fatal(err)
	}
	c := &testCluster{owner: owner}
	first, second := c.offered(t, p, ci, "ci", "one"), c.offered(t, p, owner, "owner", "two")
	synctest.Test(t, func(t *testing.T) {
		if _, err := p.prepare(first, ci.Public()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(18*time.Second + 1)
		said := httptest.NewRecorder()
		_, err := p.prepare(second, owner.Public())
		if err == nil {
			t.Fatal("a number is promised to two")
		}
		p.refuse(said, err)
		if got := said.Body.String(); said.Code != http.StatusConflict || got != "generation 1 is promised to ci, for 42 s more\n" {
			t.Errorf("%d %q", said.Code, got)
		}
		again, err := Open(p.Dir(), p.host, slog.New(slog.DiscardHandler)) // it outlives a restart
		if err != nil {
			t.Fatal(err)
		}
		if _, err := again.prepare(second, owner.Public()); err == nil {
			t.Error("after a restart a promise is forgotten")
		}
		time.Sleep(42 * time.Second)
		if _, err := again.prepare(second, owner.Public()); err != nil {
			t.Errorf("after a minute: %v", err)
		}
		if err := again.commit(commit.New(first.ID, time.Now(), ci)); err == nil || !strings.Contains(err.Error(), "its promise has lapsed") {
			t.Errorf("whoever comes back then: %v", err)
		}
		if err := again.commit(commit.New(second.ID, time.Now(), owner)); err != nil || p.serving() != "two" {
			t.Errorf("%q, %v", p.serving(), err)
		}
	})
}

// TestAPOPThatWasAwayForLong comes back when nobody has any more what it serves.
func TestAPOPThatWasAwayForLong(t *testing.T) {
	t.Parallel()
	var given atomic.Int64
	c := newClusterOf(t, func(p *testPOP) {
		p.Keep(1, 1<<30, 0)
		p.wrap = func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/v1/give" {
					w = &counting{ResponseWriter: w, n: &given}
				}
				h.ServeHTTP(w, r)
			})
		}
	}, "nyc", "fra", "syd")
	same := noise(1 << 20)
	publish := func(last *manifest.Signed, text string) *manifest.Signed {
		t.Helper()
		list, source := c.next(t, last, map[string]string{"tinycdn.toml": text, "same": same})
		p := c.publisher()
		defer p.Close()
		if out, err := p.Publish(t.Context(), list, source); err != nil {
			t.Fatalf("%+v, %v", out, err)
		}
		return list
	}
	first := publish(&manifest.Signed{}, "1")
	syd := c.pops[2]
	syd.stop()
	last := first
	for _, text := range []string{"2", "3", "4", "5"} {
		last = publish(last, text)
	}
	for _, p := range c.pops[:2] {
		p.collect(0)
		if _, err := p.store.Manifest(first.ID); err == nil {
			t.Errorf("%s has the first generation still", p.name)
		}
	}
	given.Store(0)
	syd.back(t)
	c.serve(t, "5", "5", "5")
	if n := given.Load(); n == 0 || n > 10<<10 {
		t.Errorf("%d octets were given to a POP that has all but a few", n)
	}
	if syd.State().Serving != last.ID {
		t.Errorf("it serves %v", syd.State())
	}
	publish(last, "6")
	c.serve(t, "6", "6", "6")
}

// counting counts what is answered.
type counting struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c *counting) Write(b []byte) (int, error) {
	c.n.Add(int64(len(b)))
	return c.ResponseWriter.Write(b)
}
func (c *counting) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// TestTwoPOPsThatDoNotHearEachOther have what they need by way of the third.
func TestTwoPOPsThatDoNotHearEachOther(t *testing.T) {
	t.Parallel()
	keys := map[string]roster.Key{}
	var cut atomic.Bool
	c := newClusterOf(t, func(p *testPOP) {
		p.wrap = func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				by := channel.Caller(r.Context())
				if cut.Load() && (p.name == "nyc" && by == keys["syd"] || p.name == "syd" && by == keys["nyc"]) {
					panic(http.ErrAbortHandler)
				}
				h.ServeHTTP(w, r)
			})
		}
	}, "nyc", "fra", "syd")
	for _, p := range c.pops {
		keys[p.name] = p.key.Public()
	}
	cut.Store(true)
	p := c.publisher()
	p.Without = []string{"syd"} // which the laptop does not reach either
	one, out, err := c.publishAs(t.Context(), t, p, &manifest.Signed{}, "one"+strings.Repeat("x", 300<<10))
	if err != nil || len(out.Live) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	await(t, "syd serves what fra has told of", func() bool { return strings.HasPrefix(c.pops[2].serving(), "one") })
	if _, out, err := c.publish(t, one, "two"); err != nil || len(out.Live) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	for _, pop := range c.pops {
		pop.Ask(t.Context())
	}
	all, _ := c.publisher().Status(t.Context())
	for _, pair := range [][2]string{{"nyc", "syd"}, {"syd", "nyc"}, {"nyc", "fra"}, {"fra", "syd"}} {
		broken := pair[0] != "fra" && pair[1] != "fra"
		if link := all[pair[0]].Rows[pair[0]].Hears[pair[1]]; (link.Error != "") != broken {
			t.Errorf("%s hears %s: %+v", pair[0], pair[1], link)
		}
	}
}

// TestTheOldKeyOfAPOPIsRefused once its disk was replaced, on connections that are open, too.
func TestTheOldKeyOfAPOPIsRefused(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "syd")
	nyc, syd := c.pops[0], c.pops[1]
	syd.stop()
	old := channel.NewClient(syd.key, c.members.POPs[0])
	defer old.Close()
	if err := old.Call(t.Context(), "/v1/rows", rows{}, &rows{}); err != nil {
		t.Fatal(err)
	}
	next := *c.members
	next.Version++
	next.POPs = []roster.POP{c.members.POPs[0], {Name: "syd", Key: roster.NewKey().Public(), Addresses: c.members.POPs[1].Addresses}}
	if err := nyc.TakeRoster(next.Marshal(c.owner)); err != nil {
		t.Fatal(err)
	}
	if err := old.Call(t.Context(), "/v1/rows", rows{}, &rows{}); err == nil || !strings.Contains(err.Error(), "is no longer in the roster") {
		t.Errorf("the old key, over an old connection: %v", err)
	}
	if conn, err := channel.Dial(t.Context(), nyc.listener.Addr().String(), syd.key, nyc.key.Public()); err == nil {
		if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the old key, over a new connection: %v", err)
		}
		conn.Close()
	}
	row := Row{Name: "syd", Counter: 1 << 61}
	nyc.hearRow(row.sign(syd.key))
	nyc.Member.mu.Lock()
	defer nyc.Member.mu.Unlock()
	if nyc.rows["syd"] != nil {
		t.Error("a row with the old key is heard")
	}
}
