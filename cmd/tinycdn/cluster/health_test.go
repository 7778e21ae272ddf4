package cluster

import (
	"context"
	"encoding/json"
	"testing"
	"time"
)

// TestWhatAPOPSeesIsHeardAtOnce: what is urgent does not wait for a round, nor for a POP that is dead.
func TestWhatAPOPSeesIsHeardAtOnce(t *testing.T) {
	t.Parallel()
	heard := make(chan struct{}, 100)
	c := newClusterOf(t, func(p *testPOP) {
		if p.name == "fra" {
			p.host.Heard = func() {
				select {
				case heard <- struct{}{}:
				default:
				}
			}
		}
	}, "nyc", "fra", "syd")
	nyc, fra := c.pops[0], c.pops[1]
	c.pops[2].stop()
	nyc.SayHealth([]byte(`{"usual":true}`), true)
	ctx, done := context.WithTimeout(t.Context(), time.Minute)
	defer done()
	for {
		for _, said := range fra.Said() {
			if said.Name == "nyc" && string(said.Health) == `{"usual":true}` && said.Counter > 0 && !said.Heard.IsZero() {
				if len(fra.Said()) != 2 {
					t.Errorf("got %v, want what both others say", fra.Said())
				}
				return
			}
		}
		select {
		case <-heard:
		case <-ctx.Done():
			t.Fatalf("fra never hears it: %v", fra.Said())
		}
	}
}

// TestACanaryIsNotWhatAllShouldServe: who tries one must not hold the others for behind.
func TestACanaryIsNotWhatAllShouldServe(t *testing.T) {
	t.Parallel()
	c, _, canary := newTriedCluster(t)
	c.serve(t, "one", "two", "one")
	for _, p := range c.pops {
		if live := p.Live(); live != canary.ID.Number-1 {
			t.Errorf("%s holds generation %d for live, want %d", p.name, live, canary.ID.Number-1)
		}
	}
	if out, err := c.settling(t, c.owner).Finish(t.Context(), canary); err != nil {
		t.Fatalf("%+v, %v", out, err)
	}
	c.serve(t, "two", "two", "two")
	for _, p := range c.pops {
		if live := p.Live(); live != canary.ID.Number {
			t.Errorf("%s holds generation %d for live, want %d", p.name, live, canary.ID.Number)
		}
	}
}

// TestAPOPWhoseClockIsAnHourOffIsHeard: what it says is as fresh as it arrives, also once its clock is right again, or it has started anew.
func TestAPOPWhoseClockIsAnHourOffIsHeard(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, "nyc", "fra")
			nyc, fra := c.pops[0], c.pops[1]
			fra.stop()
			says := func(counter uint64, text string) {
				row := Row{Name: "fra", Counter: counter, Health: json.RawMessage(text), Since: time.Now().Add(off), Started: time.Now().Add(off)}
				nyc.hearRow(row.sign(fra.key))
			}
			hears := func(text string) {
				t.Helper()
				said := nyc.Said()[0]
				if string(said.Health) != text || time.Since(said.Heard) > time.Minute || said.Heard.After(time.Now()) {
					t.Errorf("got %s of %v, want %s of now", said.Health, said.Heard, text)
				}
			}
			now := time.Now()
			nyc.Member.mu.Lock()
			delete(nyc.rows, "fra") // of its own clock
			nyc.Member.mu.Unlock()
			counter := uint64(now.Add(off).UnixMilli())
			says(counter, `{"usual":true}`)
			hears(`{"usual":true}`)
			says(counter+1, `{"restarting":true}`)
			hears(`{"restarting":true}`)

			// It starts anew, by a clock that is right. If it was ahead, the others tell what it has said before, and it goes on from there.
			fra.Member.mu.Lock()
			fra.mine.Counter = 0
			fra.Member.mu.Unlock()
			for range 2 {
				said := fra.say(0)
				nyc.hear("fra", rows{Rows: said.Rows[:1]})
				fra.hear("nyc", nyc.say(0))
				fra.SayHealth([]byte(`{"usual":false}`), false)
			}
			nyc.hear("fra", fra.say(0))
			hears(`{"usual":false}`)
		})
	}
}
