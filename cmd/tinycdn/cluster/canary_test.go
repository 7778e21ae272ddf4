package cluster

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// try publishes one file as a canary, after what all serve.
func (c *testCluster) try(t *testing.T, parent *manifest.Signed, text string, only ...string) (*manifest.Signed, Outcome) {
	t.Helper()
	list, out, err := c.publishAs(t.Context(), t, &Publisher{Key: c.owner, Members: c.members, Only: only}, parent, text)
	if err != nil {
		t.Fatalf("%+v, %v", out, err)
	}
	return list, out
}

// settling is a publisher who knows of the canary that stands.
func (c *testCluster) settling(t *testing.T, key roster.PrivateKey) *Publisher {
	t.Helper()
	p := &Publisher{Key: key, Members: c.members}
	t.Cleanup(p.Close)
	all, _ := p.Status(t.Context())
	if p.Canary = CanaryOf(all); !p.Canary.Stands() {
		t.Fatalf("no canary stands: %+v", p.Canary)
	}
	return p
}

// serve waits until each POP serves a text, and is not behind.
func (c *testCluster) serve(t *testing.T, texts ...string) {
	t.Helper()
	for i, p := range c.pops {
		for p.serving() != texts[i] || p.State().Serving != p.State().Wanted {
			select {
			case <-time.After(10 * time.Millisecond):
			case <-t.Context().Done():
				t.Fatalf("%s serves %q, not %q: %+v", p.name, p.serving(), texts[i], p.State())
			}
		}
	}
}

// back has a POP come back that was stopped.
func (p *testPOP) back(t *testing.T) {
	t.Helper()
	var err error
	if p.listener, err = net.Listen("tcp", p.listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	p.run(t)
}

func newTriedCluster(t *testing.T) (c *testCluster, base, canary *manifest.Signed) {
	t.Helper()
	c = newCluster(t, "nyc", "fra", "syd")
	base, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	canary, out := c.try(t, base, "two", "fra")
	if !slices.Equal(out.Live, []string{"fra"}) || !slices.Equal(out.Ready, []string{"nyc", "syd"}) {
		t.Fatalf("%+v", out)
	}
	return c, base, canary
}

func TestACanaryIsServedWhereItShallAndThenEverywhere(t *testing.T) {
	t.Parallel()
	c, base, canary := newTriedCluster(t)
	c.serve(t, "one", "two", "one")
	for i, p := range c.pops {
		if s := p.State(); s.Canary != (i == 1) {
			t.Errorf("%s: %+v", p.name, s)
		}
		if read, err := os.Readlink(p.View()); err != nil || read != p.store.Tree(p.State().Serving) {
			t.Errorf("%s reads %q, which it does not serve: %v", p.name, read, err)
		}
	}
	_, out, err := c.publish(t, base, "another")
	if err != ErrNoMajority || len(out.Wrong) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	for name, err := range out.Wrong {
		if refused := (*channel.Refused)(nil); !errors.As(err, &refused) || refused.Status != 409 || !strings.Contains(err.Error(), "generation 2 is a canary at fra") {
			t.Errorf("%s: %v", name, err)
		}
	}
	out, err = c.settling(t, c.owner).Finish(t.Context(), canary)
	if err != nil || len(out.Live) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	c.serve(t, "two", "two", "two")
	if _, out, err := c.publish(t, canary, "three"); err != nil || len(out.Live) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
}

func TestACanaryIsTakenBack(t *testing.T) {
	t.Parallel()
	c, base, _ := newTriedCluster(t)
	if at, wrong := c.settling(t, c.owner).TakeBack(t.Context()); len(at) != 3 {
		t.Fatal(wrong)
	}
	c.serve(t, "one", "one", "one")
	p := &Publisher{Key: c.owner, Members: c.members, Only: []string{"syd"}}
	all, _ := p.Status(t.Context())
	if p.Canary = CanaryOf(all); p.Canary.Stands() || p.Canary.ID.Number != 2 {
		t.Fatalf("%+v", p.Canary)
	}
	next, _, err := c.publishAs(t.Context(), t, p, base, "three") // at once, of the same number
	if err != nil {
		t.Fatal(err)
	}
	c.serve(t, "one", "one", "three")
	if out, err := c.settling(t, c.owner).Finish(t.Context(), next); err != nil || len(out.Live) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	c.serve(t, "three", "three", "three")
}

func TestACanaryOutlivesARestart(t *testing.T) {
	t.Parallel()
	c, _, canary := newTriedCluster(t)
	fra := c.pops[1]
	fra.stop()
	m, err := Open(fra.Dir(), fra.host, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	want := State{Serving: canary.ID, Wanted: canary.ID, Since: m.mine.Since, Canary: true}
	if path := m.Config(); path == "" || m.State() != want {
		t.Errorf("%q: got %+v, want %+v", path, m.State(), want)
	}
}

func TestAPOPOfACanaryThatWasAwayCatchesUp(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	base, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	syd := c.pops[2]
	syd.stop()
	_, out := c.try(t, base, "two", "fra", "syd")
	if !slices.Equal(out.Live, []string{"fra"}) || out.Wrong["syd"] == nil {
		t.Fatalf("%+v", out)
	}
	syd.back(t)
	c.serve(t, "one", "two", "two")
	syd.stop()
	c.settling(t, c.owner).TakeBack(t.Context())
	syd.back(t)
	c.serve(t, "one", "one", "one")
	if _, _, err := c.publishAs(t.Context(), t, &Publisher{Key: c.owner, Members: c.members, Only: []string{"syd"}, Without: []string{"syd"}}, base, "three"); err != ErrNoCanary {
		t.Errorf("a canary at a POP that is not there: %v", err)
	}
}

func TestACanaryOfWhomDiedIsSettledByAnother(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	base, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	laptop, ci := roster.NewKey(), roster.NewKey()
	next := *c.members
	next.Version++
	next.Publishers = []roster.Publisher{
		{Name: "ci", Key: ci.Public(), May: []roster.Right{roster.Publish, roster.Status}, Paths: []string{"public/**"}},
		{Name: "laptop", Key: laptop.Public(), May: []roster.Right{roster.Publish, roster.Status}},
	}
	for _, p := range c.pops {
		if err := p.TakeRoster(next.Marshal(c.owner)); err != nil {
			t.Fatal(err)
		}
	}
	c.members = &next
	canary, _ := c.try(t, base, "two", "fra")
	out, err := c.settling(t, ci).Finish(t.Context(), canary)
	if err == nil || len(out.Wrong) != 3 || !strings.Contains(out.Wrong["nyc"].Error(), "ci may only decide on canaries of its own") {
		t.Errorf("%+v, %v", out, err)
	}
	if at, wrong := c.settling(t, ci).TakeBack(t.Context()); len(at) > 0 || len(wrong) != 3 {
		t.Errorf("ci took it back at %v", at)
	}
	c.serve(t, "one", "two", "one")
	if out, err = c.settling(t, laptop).Finish(t.Context(), canary); err != nil || len(out.Live) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	c.serve(t, "two", "two", "two")
}

func TestACanaryOfAPOPThatLeftIsSettledByTheRest(t *testing.T) {
	t.Parallel()
	c, _, canary := newTriedCluster(t)
	next := *c.members
	next.Version++
	next.POPs = []roster.POP{c.members.POPs[0], c.members.POPs[2]}
	c.pops[1].stop()
	c.pops = []*testPOP{c.pops[0], c.pops[2]}
	for _, p := range c.pops {
		if err := p.TakeRoster(next.Marshal(c.owner)); err != nil {
			t.Fatal(err)
		}
	}
	c.members = &next
	c.serve(t, "one", "one")
	if out, err := c.settling(t, c.owner).Finish(t.Context(), canary); err != nil || len(out.Live) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	c.serve(t, "two", "two")
}

func TestACanaryThatOnePOPHeardOfIsKnownToAll(t *testing.T) {
	t.Parallel()
	c, _, canary := newTriedCluster(t)
	fra := c.pops[1]
	p := c.settling(t, c.owner)
	more := commit.NewCanary(canary.ID, []string{"fra", "syd"}, p.Canary, time.Now(), c.owner)
	if err := fra.takeCanary(more); err != nil { // and then its publisher dies
		t.Fatal(err)
	}
	fra.wakeUp()
	c.serve(t, "one", "two", "two")
}

func TestACanaryOfAKeyThatIsRetiredIsTakenBack(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	base, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	laptop := roster.NewKey()
	take := func(change func(*roster.Roster)) {
		t.Helper()
		next := *c.members
		next.Version++
		change(&next)
		for _, p := range c.pops {
			if err := p.TakeRoster(next.Marshal(c.owner)); err != nil {
				t.Fatal(err)
			}
		}
		c.members = &next
	}
	take(func(r *roster.Roster) {
		r.Publishers = []roster.Publisher{{Name: "laptop", Key: laptop.Public(), May: []roster.Right{roster.Publish, roster.Status}}}
	})
	p := &Publisher{Key: laptop, Members: c.members, Only: []string{"fra"}}
	canary, out, err := c.publishAs(t.Context(), t, p, base, "two")
	if err != nil {
		t.Fatalf("%+v, %v", out, err)
	}
	c.serve(t, "one", "two", "one")
	for what, wrong := range map[string]commit.Canary{
		"a stranger's":            commit.NewCanary(canary.ID, []string{"syd"}, commit.Canary{}, time.Now().Add(time.Hour), roster.NewKey()),
		"one of a later number":   commit.NewCanary(manifest.ID{Number: 3, Hash: canary.ID.Hash}, []string{"syd"}, commit.Canary{}, time.Now(), laptop),
		"one of what is live":     commit.NewCanary(base.ID, []string{"syd"}, commit.Canary{}, time.Now(), laptop),
		"one that was before":     commit.NewCanary(canary.ID, []string{"syd"}, commit.Canary{}, time.Now().Add(-time.Hour), laptop),
		"one before all had gone": commit.NewCanary(manifest.ID{Number: 1, Hash: canary.ID.Hash}, []string{"syd"}, commit.Canary{}, time.Now(), laptop),
	} {
		if err := c.pops[2].takeCanary(wrong); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	take(func(r *roster.Roster) {
		r.Publishers, r.Retired = nil, []roster.Retired{{Key: laptop.Public(), From: 2}}
	})
	c.serve(t, "one", "one", "one")
	if _, out, err := c.publish(t, base, "three"); err != nil || len(out.Live) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
}
