package cluster

import (
	"io"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// limited gives a cluster a publisher who may change what begins with public.
func (c *testCluster) limited(t *testing.T) *Publisher {
	t.Helper()
	ci := roster.NewKey()
	next := *c.members
	next.Version++
	next.Publishers = []roster.Publisher{{Name: "ci", Key: ci.Public(), May: []roster.Right{roster.Publish}, Paths: []string{"public-*"}}}
	c.members = &next
	text := next.Marshal(c.owner)
	for _, p := range c.pops {
		if err := p.TakeRoster(text); err != nil {
			p.Member.mu.Lock()
			version := p.members.Version
			p.Member.mu.Unlock()
			if version != next.Version { // nor has another told it meanwhile
				t.Fatal(err)
			}
		}
	}
	return &Publisher{Key: ci, Members: &next}
}

// by is a generation of files, by whoever that publisher is.
func (c *testCluster) by(t *testing.T, p *Publisher, parent *manifest.Signed, files map[string]string) (*manifest.Signed, Source) {
	t.Helper()
	list, source := c.next(t, parent, files)
	m := list.Manifest
	who, _ := p.Members.PublisherOf(p.Key.Public())
	m.By = who.Name
	signed, err := m.Sign(p.Key)
	if err != nil {
		t.Fatal(err)
	}
	return signed, source
}

// givesOut has a POP that somebody has taken over say that a generation is live, and give it to whoever asks.
func (p *testPOP) givesOut(t *testing.T, list *manifest.Signed, source Source, c commit.Commit) {
	t.Helper()
	if err := p.store.KeepManifest(list); err != nil {
		t.Fatal(err)
	}
	for _, part := range p.store.Missing(&list.Manifest) {
		content, err := source(part.Hash)
		if err == nil {
			err = p.store.Put(store.Part{Hash: part.Hash, Size: part.Size}, io.Reader(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	p.Member.mu.Lock()
	p.agreed.Wanted, p.agreed.Serving = c, c
	p.Member.mu.Unlock()
}

// awaits waits until something is so.
func awaits(t *testing.T, what string, is func() bool) {
	t.Helper()
	for !is() {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal(what)
		}
	}
}

func (p *testPOP) hasForgotten(id manifest.ID) bool {
	p.Member.mu.Lock()
	defer p.Member.mu.Unlock()
	return p.forgotten[id]
}

func TestAPOPThatWasTakenOverPassesOnNothingThatAPublisherMayNotChange(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	one, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	ci, syd := c.limited(t), c.pops[2]
	defer ci.Close()
	files := map[string]string{"tinycdn.toml": "stolen", "public-x": "x"}
	stolen, source := c.by(t, ci, one, files)
	behind, more := c.by(t, ci, stolen, map[string]string{"tinycdn.toml": "stolen", "public-x": "y"}) // which changes only what he may
	for i, list := range []*manifest.Signed{stolen, behind} {
		syd.givesOut(t, list, []Source{source, more}[i], commit.New(list.ID, time.Now(), ci.Key))
		syd.Ask(t.Context())
		for _, p := range c.pops[:2] {
			awaits(t, p.name+" believes it", func() bool { return p.hasForgotten(list.ID) })
			if err := p.commit(commit.New(list.ID, time.Now(), ci.Key)); err == nil {
				t.Errorf("%s takes the commit from its publisher", p.name)
			}
			if got := p.serving(); got != "one" {
				t.Errorf("%s serves %q", p.name, got)
			}
		}
	}
	owners := commit.New(stolen.ID, time.Now(), c.owner) // not of what he has signed himself
	c.pops[0].learn(owners)
	c.pops[0].CatchUp(t.Context())
	if _, out, err := c.publish(t, one, "two"); err != nil || len(out.Live) != 2 || c.pops[0].serving() != "two" {
		t.Errorf("%+v, %v", out, err)
	}
}

// leaveBehind publishes as the owner, stops a POP, and publishes contents of the file public-x as somebody else. It gives what is live then.
func (c *testCluster) leaveBehind(t *testing.T, away *testPOP, ci *Publisher, contents ...string) *manifest.Signed {
	t.Helper()
	files := map[string]string{"tinycdn.toml": "one", "public-x": "1"}
	p := c.publisher()
	defer p.Close()
	last, source := c.next(t, &manifest.Signed{}, files)
	if _, err := p.Publish(t.Context(), last, source); err != nil {
		t.Fatal(err)
	}
	away.stop()
	for _, x := range contents {
		files["public-x"] = x
		next, source := c.by(t, ci, last, files)
		if out, err := ci.Publish(t.Context(), next, source); err != nil || len(out.Live) != 2 {
			t.Fatalf("%+v, %v", out, err)
		}
		last = next
	}
	return last
}

func TestAPOPThatWasAwayFollowsAPublisherOfCertainPaths(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	syd := c.pops[2]
	ci := c.limited(t)
	defer ci.Close()
	last := c.leaveBehind(t, syd, ci, "2", "3")
	// Nobody has the list of generation 2 any more, and two of three serve 3.
	for _, p := range c.pops[:2] {
		old, err := p.store.Manifest(last.Parent)
		if err == nil {
			err = p.store.Remove(old)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	syd.learn(commit.New(last.ID, time.Now(), ci.Key))
	c.pops[0].Ask(t.Context())
	syd.Ask(t.Context())
	syd.CatchUp(t.Context())
	if got := syd.State().Serving; got != last.ID {
		t.Errorf("syd serves %v, want %v: %s", got, last.ID, syd.mine.Trouble)
	}
}

func TestAPublisherOfCertainPathsIsFollowedStepByStep(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	syd := c.pops[2]
	ci := c.limited(t)
	defer ci.Close()
	last := c.leaveBehind(t, syd, ci, "2", "3", "4")
	syd.learn(commit.New(last.ID, time.Now(), ci.Key))
	syd.CatchUp(t.Context()) // from those of whose rows it has none of generation 4
	if got := syd.State().Serving; got != last.ID {
		t.Errorf("syd serves %v, want %v: %s", got, last.ID, syd.mine.Trouble)
	}
}

func TestAGenerationThatNobodyCanFollowBackWaits(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	one, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	ci, nyc, syd := c.limited(t), c.pops[0], c.pops[2]
	unknown, _ := c.by(t, ci, one, map[string]string{"tinycdn.toml": "stolen", "public-x": "x"})
	list, source := c.by(t, ci, unknown, map[string]string{"tinycdn.toml": "stolen", "public-x": "y"})
	said := commit.New(list.ID, time.Now(), ci.Key)
	syd.givesOut(t, list, source, said)
	syd.Ask(t.Context())
	nyc.CatchUp(t.Context())
	nyc.Member.mu.Lock()
	trouble := nyc.mine.Trouble
	nyc.Member.mu.Unlock()
	if !strings.Contains(trouble, "what it was made from is not to be had") || nyc.serving() != "one" {
		t.Errorf("nyc serves %q: %s", nyc.serving(), trouble)
	}
}
