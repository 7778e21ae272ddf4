package cluster

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// large is a text that does not shrink, too large to be sent to each POP.
func large() string {
	text := make([]byte, 3<<20)
	rand.NewChaCha8([32]byte{1}).Read(text)
	return string(text)
}

// failing has requests for a path end in the midst of them.
func failing(path string, count *atomic.Int64) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != path {
				h.ServeHTTP(w, r)
				return
			}
			count.Add(1)
			if r.URL.Path == "/v1/contents" {
				r.Body = io.NopCloser(io.LimitReader(r.Body, 1<<20))
				h.ServeHTTP(w, r) // what has come stays
			}
			panic(http.ErrAbortHandler)
		})
	}
}

func TestContentsAreSentOnceAndRelayed(t *testing.T) {
	t.Parallel()
	var sent, fetched, given atomic.Int64
	c := newClusterOf(t, func(p *testPOP) {
		p.wrap = func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/v1/contents":
					sent.Add(1)
				case "/v1/fetch":
					fetched.Add(1)
				case "/v1/give":
					given.Add(1)
				}
				h.ServeHTTP(w, r)
			})
		}
	}, "nyc", "fra", "syd")
	_, out, err := c.publish(t, &manifest.Signed{}, large())
	if err != nil || len(out.Live) != 3 || len(out.To) != 1 || len(out.Got) != 2 || out.Sent != 3<<20 {
		t.Errorf("%+v, %v", out, err)
	}
	if sent.Load() != 1 || fetched.Load() != 2 || given.Load() != 2 {
		t.Errorf("sent %d times, fetched %d, given %d", sent.Load(), fetched.Load(), given.Load())
	}
}

func TestIfThePOPThatRelaysDiesTheNextGoesOn(t *testing.T) {
	t.Parallel()
	var died atomic.Int64
	var first sync.Once
	c := newClusterOf(t, func(p *testPOP) {
		p.wrap = func(h http.Handler) http.Handler {
			dying := failing("/v1/contents", &died)(h)
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/v1/contents" {
					mine := false
					first.Do(func() { mine = true })
					if mine {
						dying.ServeHTTP(w, r)
						return
					}
				}
				h.ServeHTTP(w, r)
			})
		}
	}, "nyc", "fra", "syd")
	_, out, err := c.publish(t, &manifest.Signed{}, large())
	if err != nil || len(out.Live) != 2 || len(out.Wrong) != 1 || died.Load() != 1 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestAPOPThatCannotReachAnotherIsSentToFromHere(t *testing.T) {
	t.Parallel()
	var cut atomic.Int64
	c := newClusterOf(t, func(p *testPOP) { p.wrap = failing("/v1/give", &cut) }, "nyc", "fra", "syd")
	_, out, err := c.publish(t, &manifest.Signed{}, large())
	if err != nil || len(out.Live) != 3 || len(out.To) != 3 || cut.Load() == 0 {
		t.Errorf("%+v, %v, and %d links were cut", out, err, cut.Load())
	}
}

func TestWhatNobodySendsComesFromTheOtherPOPs(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	one, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := c.publish(t, one, "two")
	if err != nil {
		t.Fatal(err)
	}
	again := manifest.Manifest{Number: 3, Parent: two.ID, Config: one.Config, By: "owner", Time: two.Time, Files: two.Follow(one.Files, two.Time)}
	list, err := again.Sign(c.owner)
	if err != nil {
		t.Fatal(err)
	}
	p := &Publisher{Key: c.owner, Members: c.members}
	defer p.Close()
	if out, err := p.Publish(t.Context(), list, nil); err != nil || len(out.Live) != 3 || out.Sent != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	all, err := p.History(t.Context())
	if err != nil || len(all) != 3 || all[0].ID != list.ID || all[2].ID != one.ID {
		t.Errorf("%+v, %v", all, err)
	}
	for _, pop := range c.pops {
		if got := pop.serving(); got != "one" {
			t.Errorf("%s serves %q", pop.name, got)
		}
	}
}

func TestWhoGivesUpTakesPromisesBack(t *testing.T) {
	t.Parallel()
	ctx, giveUp := context.WithCancel(t.Context())
	loads := make(chan struct{})
	c := newClusterOf(t, func(p *testPOP) { p.loading = func() { <-loads } }, "nyc", "fra", "syd")
	published := make(chan error)
	go func() {
		_, _, err := c.publishAs(ctx, t, &Publisher{Key: c.owner, Members: c.members}, &manifest.Signed{}, "one")
		published <- err
	}()
	promised := func() (n int) {
		for _, p := range c.pops {
			p.Member.mu.Lock()
			if p.agreed.Promise.ID.Number == 1 {
				n++
			}
			p.Member.mu.Unlock()
		}
		return n
	}
	await(t, "all have promised", func() bool { return promised() == 3 })
	giveUp()
	if err := <-published; !errors.Is(err, ErrInterrupted) {
		t.Errorf("it ends with %v", err)
	}
	close(loads)
	if n := promised(); n != 0 {
		t.Errorf("%d promises stay", n)
	}
	if _, out, err := c.publish(t, &manifest.Signed{}, "two"); err != nil || len(out.Live) != 3 {
		t.Errorf("then another: %+v, %v", out, err)
	}
}

func TestAPublisherWithPathsChangesNothingElse(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	one, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	ci := roster.NewKey()
	next := *c.members
	next.Version++
	next.Publishers = []roster.Publisher{{Name: "ci", Key: ci.Public(), May: []roster.Right{roster.Publish}, Paths: []string{"public/**"}}}
	text := next.Marshal(c.owner)
	for _, p := range c.pops {
		p.TakeRoster(text) // unless another has told it meanwhile
		p.Member.mu.Lock()
		version := p.members.Version
		p.Member.mu.Unlock()
		if version != next.Version {
			t.Fatalf("%s has another roster", p.name)
		}
	}
	_, out, err := c.publishAs(t.Context(), t, &Publisher{Key: ci, Members: &next}, one, "two")
	if !errors.Is(err, ErrNoMajority) || len(out.Wrong) != 3 || !strings.Contains(out.Wrong["fra"].Error(), "ci may not change tinycdn.toml") {
		t.Errorf("%+v, %v", out, err)
	}
	for what, change := range map[string]func(*manifest.Manifest){
		"ci says that generation 2 is by owner":      func(m *manifest.Manifest) { m.By = "owner" },
		"ci may not change the time of tinycdn.toml": func(m *manifest.Manifest) { m.Files[0].Time = m.Files[0].Time.Add(time.Hour) },
		"ci may not have as public/x what is private elsewhere": func(m *manifest.Manifest) {
			m.Files = append(slices.Clone(m.Files), m.Files[0])
			m.Files[0].Path, m.Files[0].Mode = "public/x", manifest.Plain
		},
		"ci may not name another configuration: x": func(m *manifest.Manifest) {
			m.Config, m.Files = "x", append(slices.Clone(m.Files), m.Files[0])
			m.Files[1].Path = "x"
		},
	} {
		m := manifest.Manifest{Number: 2, Parent: one.ID, Config: one.Config, By: "ci", Time: one.Time, Files: slices.Clone(one.Files)}
		change(&m)
		list, err := m.Sign(ci)
		if err != nil {
			t.Fatal(err)
		}
		p := &Publisher{Key: ci, Members: &next}
		out, err := p.Publish(t.Context(), list, nil)
		p.Close()
		if !errors.Is(err, ErrNoMajority) || len(out.Wrong) != 3 || !strings.Contains(out.Wrong["fra"].Error(), what) {
			t.Errorf("%s: %+v, %v", what, out, err)
		}
	}
	p := &Publisher{Key: ci, Members: &next}
	defer p.Close()
	into, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Get(t.Context(), one.Files, into); err == nil || !strings.Contains(err.Error(), "ci may not read ") {
		t.Errorf("ci reads what is private: %v", err)
	}
	for _, p := range c.pops {
		if got := p.serving(); got != "one" {
			t.Errorf("%s serves %q", p.name, got)
		}
	}
}

func TestPromisesAreRenewedWhileOthersLoad(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	list, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	next := manifest.Manifest{Number: 2, Parent: list.ID, Config: list.Config, By: "owner", Note: "the same", Time: list.Time, Files: list.Files}
	two, err := next.Sign(c.owner)
	if err != nil {
		t.Fatal(err)
	}
	p := &Publisher{Key: c.owner, Members: c.members}
	defer p.Close()
	p.connect()
	out := &Outcome{Wrong: map[string]error{}}
	tr := &transfer{Publisher: p, list: two, out: out, lacks: map[string]Lacks{}, tried: map[string][]string{}}
	tr.offer(t.Context())
	a := &agreement{Publisher: p, id: two.ID, begin: time.Now(), out: out, coordinator: commit.NewCoordinator(two.ID, 2),
		promised: map[string]time.Time{}, losses: map[string]bool{}}
	if err := errors.Join(a.load(t.Context(), "nyc"), a.load(t.Context(), "fra")); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-commit.CommitTime)
	for name := range a.promised {
		a.promised[name] = old
		a.coordinator.Promised(name, old)
	}
	if a.coordinator.Ready(time.Now()) {
		t.Error("old promises are good enough")
	}
	a.renew(t.Context())
	if !a.coordinator.Ready(time.Now()) || !a.promised["nyc"].After(old) {
		t.Errorf("promises of %v", a.promised)
	}
}
