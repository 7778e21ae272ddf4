package cluster

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

func TestRowsOfNobodyElse(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra")
	nyc, fra := c.pops[0], c.pops[1]
	fra.stop()
	row := Row{Name: "fra", Counter: 1 << 61}
	hear := func(text []byte) uint64 {
		nyc.hearRow(text)
		nyc.mu.Lock()
		defer nyc.mu.Unlock()
		return nyc.rows["fra"].Counter
	}
	first := row.sign(fra.key)
	if got := hear(first); got != 1<<61 {
		t.Fatal(got)
	}
	row.Counter++
	second := row.sign(fra.key)
	newer := row
	newer.Counter++
	for name, text := range map[string][]byte{
		"again": second, "the one before": first, "by a stranger": newer.sign(roster.NewKey()), "by another POP": newer.sign(nyc.key),
		"half": second[:50], "nothing": nil,
	} {
		hear(second)
		if got := hear(text); got != 1<<61+1 {
			t.Errorf("%s: %d", name, got)
		}
	}
	row.Counter = 1<<64 - 1
	if got := hear(row.sign(fra.key)); got != 1<<61+1 {
		t.Errorf("a counter with no number after it: %d", got)
	}
	own := Row{Name: "nyc", Counter: 1 << 61}
	hear(own.sign(nyc.key))
	if said := nyc.say(0); len(said.Rows) != 2 {
		t.Error(said)
	} else if r, err := openRow(said.Rows[0], c.members); err != nil || r.Counter <= 1<<61 {
		t.Errorf("after a clock that was ahead nobody hears this POP: %v, %v", r, err)
	}
}

func TestACommitOfARetiredKeyIsForgotten(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc")
	nyc, ci := c.pops[0], roster.NewKey()
	next := *c.members
	next.Version, next.Publishers = 2, []roster.Publisher{{Name: "ci", Key: ci.Public(), May: []roster.Right{roster.Publish}}}
	if err := nyc.TakeRoster(next.Marshal(c.owner)); err != nil {
		t.Fatal(err)
	}
	nyc.learn(commit.New(manifest.ID{Number: 1 << 62, Hash: manifest.Hash{1}}, time.Now(), ci))
	if _, out, err := c.publish(t, &manifest.Signed{}, "one"); err == nil {
		t.Fatalf("a huge number stands in the way of nothing: %+v", out)
	}
	next.Version, next.Publishers, next.Retired = 3, nil, []roster.Retired{{Key: ci.Public(), From: 1}}
	if err := nyc.TakeRoster(next.Marshal(c.owner)); err != nil {
		t.Fatal(err)
	}
	if _, out, err := c.publish(t, &manifest.Signed{}, "one"); err != nil || len(out.Live) != 1 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestARoundTripIsThatOfTheFirstQuestion(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra")
	nyc := c.pops[0]
	var way roundTrip
	if way.took() != 0 {
		t.Error("nothing was asked")
	}
	if err := nyc.exchange(way.watch(t.Context()), nyc.others()[0]); err != nil {
		t.Fatal(err)
	}
	if way.took() == 0 {
		t.Error("it took no time")
	}
}

func FuzzRow(f *testing.F) {
	key := roster.NewKey()
	members := &roster.Roster{POPs: []roster.POP{{Name: "fra", Key: key.Public()}}}
	f.Add([]byte(`{"name":"fra","counter":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		row, err := openRow(key.Sign(fmt.Appendf(nil, "%s\n%s\n", rowKind, text)), members)
		if err == nil && row.Name != "fra" {
			t.Errorf("%q is a row of %s", text, row.Name)
		}
	})
}

// Whoever has a row already need not check its signature again.
func TestARowStaysForAWhile(t *testing.T) {
	t.Parallel()
	nyc := newCluster(t, "nyc").pops[0]
	nyc.Member.mu.Lock()
	defer nyc.Member.mu.Unlock()
	now := time.Now().Add(time.Hour)
	first := nyc.signedRow(now)
	for _, c := range []struct {
		what   string
		change func()
		after  time.Duration
		same   bool
	}{
		{"nothing has changed", func() {}, 0, true},
		{"another POP is heard", func() { nyc.mine.Hears = map[string]Link{"fra": {Heard: now}} }, time.Second, true},
		{"it has trouble", func() { nyc.mine.Trouble = "none" }, time.Second, false},
		{"another roster holds", func() { nyc.members.Version++ }, time.Second, false},
		{"its clock was ahead", func() { nyc.mine.Counter += 1 << 50 }, time.Second, false},
		{"it is old", func() {}, roundTime, false},
		{"its clock is put back", func() {}, -time.Hour, false},
	} {
		now = now.Add(c.after)
		c.change()
		next := nyc.signedRow(now)
		if same := bytes.Equal(first, next); same != c.same {
			t.Errorf("%s: it is the same: %v, want %v", c.what, same, c.same)
		}
		name, before := peekRow(first)
		if _, counter := peekRow(next); name != "nyc" || !c.same && counter <= before {
			t.Errorf("%s: %q, and after %d comes %d", c.what, name, before, counter)
		}
		first = next
	}
}
