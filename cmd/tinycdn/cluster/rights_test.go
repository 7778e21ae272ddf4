package cluster

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// withCI is a cluster that serves a generation, and the key of a publisher who may change what is public, and nothing else.
func withCI(t *testing.T) (c *testCluster, base *manifest.Signed, ci roster.PrivateKey) {
	t.Helper()
	c = newCluster(t, "nyc", "fra", "syd")
	base, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	ci = roster.NewKey()
	next := *c.members
	next.Version++
	next.Publishers = []roster.Publisher{{Name: "ci", Key: ci.Public(), May: []roster.Right{roster.Publish, roster.Status}, Paths: []string{"public/**"}}}
	for _, p := range c.pops {
		if err := p.TakeRoster(next.Marshal(c.owner)); err != nil {
			t.Fatal(err)
		}
	}
	c.members = &next
	return c, base, ci
}

// What a publisher of some paths may not publish, he cannot have served as a canary either, though nobody has prepared it.
func TestACanaryThatNobodyHasPreparedNeedsTheSameRights(t *testing.T) {
	t.Parallel()
	c, base, ci := withCI(t)
	m := manifest.Manifest{Number: 2, Parent: base.ID, Config: base.Config, By: "ci", Time: time.Now()}
	dir, paths := folder(t, map[string]string{"tinycdn.toml": "mine"})
	files, err := manifest.Scan(dir, paths)
	if err != nil {
		t.Fatal(err)
	}
	m.Files = base.Follow(files, time.Now())
	list, err := m.Sign(ci)
	if err != nil {
		t.Fatal(err)
	}
	p := &Publisher{Key: ci, Members: c.members}
	defer p.Close()
	p.connect()
	out := Outcome{Wrong: map[string]error{}}
	tr := &transfer{Publisher: p, list: list, source: FromFiles(map[manifest.Hash]string{files[0].Hash: dir + "/tinycdn.toml"}), out: &out, lacks: map[string]Lacks{}, tried: map[string][]string{}}
	tr.offer(t.Context())
	tr.send(t.Context())
	canary := commit.NewCanary(list.ID, []string{"fra", "nyc", "syd"}, commit.Canary{}, time.Now(), ci)
	wrong := p.TellCanary(t.Context(), canary)
	if len(wrong) != 3 || !strings.Contains(wrong["fra"].Error(), "ci may not change tinycdn.toml") {
		t.Fatal(wrong)
	}
	c.serve(t, "one", "one", "one")
}

// A canary that stands is held by its ID: another of the same number does not get round that.
func TestAnotherCanaryDoesNotTakeTheNumberOfOneThatStands(t *testing.T) {
	t.Parallel()
	c, base, ci := withCI(t)
	c.try(t, base, "two", "fra")
	for what, pops := range map[string][]string{"taken back": nil, "at others": {"syd"}} {
		other := commit.NewCanary(manifest.ID{Number: 2, Hash: manifest.Hash{1}}, pops, commit.Canary{}, time.Now().Add(time.Hour), ci)
		p := &Publisher{Key: ci, Members: c.members}
		wrong := p.TellCanary(t.Context(), other)
		p.Close()
		if len(wrong) != 3 || !strings.Contains(wrong["fra"].Error(), "generation 2 is a canary at fra") {
			t.Fatalf("%s: %v", what, wrong)
		}
	}
	c.serve(t, "one", "two", "one")
}

// Whoever says that it is the year 9999 leaves no time after it to say anything else.
func TestACanaryOfAnotherTimeIsNotTaken(t *testing.T) {
	t.Parallel()
	c, base, _ := withCI(t)
	far := time.Date(9999, 12, 31, 23, 59, 59, int(999*time.Millisecond), time.UTC)
	err := c.pops[0].takeCanary(commit.NewCanary(manifest.ID{Number: 2, Hash: base.ID.Hash}, []string{"fra"}, commit.Canary{}, far, c.owner))
	if err == nil || !strings.Contains(err.Error(), "clock") {
		t.Error(err)
	}
}

// All canaries are in all rows: one must not fill them.
func TestACanaryAtPOPsThatThereAreNotIsNotTaken(t *testing.T) {
	t.Parallel()
	c, base, _ := withCI(t)
	many := slices.Sorted(func(yield func(string) bool) {
		for i := range 300 {
			if !yield("somewhere-" + string(bytes.Repeat([]byte{byte('a' + i%26)}, 1+i/26))) {
				return
			}
		}
	})
	err := c.pops[0].takeCanary(commit.NewCanary(manifest.ID{Number: 2, Hash: base.ID.Hash}, many, commit.Canary{}, time.Now(), c.owner))
	if err == nil {
		t.Error("it is taken")
	}
}
