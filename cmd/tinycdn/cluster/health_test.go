package cluster

import (
	"context"
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
