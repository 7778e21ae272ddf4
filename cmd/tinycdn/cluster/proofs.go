package cluster

import (
	"context"
	"sync"
	"time"
)

// Proof is a TXT record by which an authority sees that a name is ours.
type Proof struct {
	Owner string `json:"owner"`
	Value string `json:"value"`
}

// proofs are all that a POP has to prove at a moment.
type proofs struct {
	Number uint64  `json:"number"` // rises with each change, over restarts too
	List   []Proof `json:"list"`
}

// telling is what this POP has to prove, and who knows it.
type telling struct {
	changed chan struct{}

	mu    sync.Mutex
	now   proofs
	known map[string]uint64 // by POP, the number that it has taken
}

// ShowProofs has the nameservers of the other POPs show what this one has to prove from now on, until it says something else, or they
// have not heard of it for long.
func (m *Member) ShowProofs(list []Proof) {
	t := &m.telling
	t.mu.Lock()
	t.now = proofs{max(t.now.Number+1, uint64(time.Now().UnixMilli())), list}
	t.mu.Unlock()
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

// again has a POP told once more that was started anew: it knows nothing.
func (t *telling) again(pop string) {
	t.mu.Lock()
	delete(t.known, pop)
	t.mu.Unlock()
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

// tellAgain is how soon a POP is told again that has not taken it.
const tellAgain = time.Second

// tellProofs tells the others what this POP has to prove, until ctx ends. Who is away must not keep the rest from hearing.
func (m *Member) tellProofs(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	tick := time.NewTicker(tellAgain)
	defer tick.Stop()
	for {
		tick.Stop()
		if m.tellOnce(ctx, &work) {
			tick.Reset(tellAgain)
		}
		select {
		case <-m.telling.changed:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// tellOnce tells whoever does not know it yet, and says whether that must be done again. That there is nothing to prove any more, they
// find out themselves.
func (m *Member) tellOnce(ctx context.Context, work *sync.WaitGroup) (again bool) {
	t := &m.telling
	others := m.others()
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now
	for _, pop := range others {
		if now.Number == 0 || t.known[pop.Name] == now.Number {
			continue
		}
		again = len(now.List) > 0
		work.Go(func() {
			within, done := context.WithTimeout(ctx, urgentTime)
			defer done()
			if m.client(pop).Call(within, "/v1/challenge", now, nil) != nil {
				return
			}
			t.mu.Lock()
			defer t.mu.Unlock()
			t.known[pop.Name] = max(t.known[pop.Name], now.Number)
		})
	}
	return again
}
