package health

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// lossy is a link between two POPs over which half of all looks fail. That is worse than a loss of 30 % of the packets: of these it takes
// some five, each of which may be sent again within the three seconds of a look.
type lossy struct {
	mu     sync.Mutex
	random *rand.Rand
}

// from looks as one POP does.
func (l *lossy) from(pop string) func(context.Context, *Spot) Result {
	return func(_ context.Context, s *Spot) (r Result) {
		l.mu.Lock()
		lost := l.random.IntN(2) == 1
		l.mu.Unlock()
		if lost && (pop+s.POP == "nycfra" || pop+s.POP == "franyc") {
			time.Sleep(3 * time.Second)
			r.Why = "no answer within 3s"
		}
		return r
	}
}

// TestOneBadLinkMakesNoVerdict in ten minutes, though its two ends vote against each other again and again.
func TestOneBadLinkMakesNoVerdict(t *testing.T) {
	t.Parallel()
	votes := 0
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) {
			l := &lossy{random: rand.New(rand.NewPCG(seed, 30))}
			pops := []string{"nyc", "fra", "syd"}
			ctx, stop := context.WithCancel(t.Context())
			var work sync.WaitGroup
			defer work.Wait()
			defer stop()
			watchers, states := map[string]*Watcher{}, map[string]*State{}
			b := Ballot{Heard: map[string]*Votes{}}
			for _, pop := range pops {
				w := NewWatcher(l.from(pop), &State{})
				var spots []Spot
				for _, other := range pops {
					if other != pop {
						spots = append(spots, Spot{Target: Target{other, Pages4}})
					}
				}
				w.Watch(5*time.Second, Limits{3, 4}, spots)
				work.Go(func() { w.Run(ctx) })
				watchers[pop], states[pop] = w, &State{}
				b.Members = append(b.Members, Member{Name: pop, Checks: Of(Pages4), Votes: true})
			}
			for range 600 {
				time.Sleep(time.Second)
				for pop, w := range watchers {
					b.Heard[pop] = &Votes{Usual: true, Of: w.Votes()}
				}
				for _, pop := range pops {
					b.Self = pop
					next, changes := states[pop].Agree(time.Now(), &b)
					if states[pop] = next; len(changes) > 0 {
						t.Fatalf("seed %d: at %s %v", seed, pop, changes)
					}
				}
				if b.Heard["nyc"].Of["fra"][Pages4].Down || b.Heard["fra"].Of["nyc"][Pages4].Down {
					votes++
				}
			}
		})
	}
	if votes < 1000 {
		t.Errorf("only in %d seconds somebody voted against the other: the link is not bad", votes)
	}
}
