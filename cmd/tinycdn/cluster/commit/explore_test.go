package commit

import (
	"hash/maphash"
	"testing"
)

// TestEveryInterleaving looks at every world that so many events can lead to.
func TestEveryInterleaving(t *testing.T) {
	t.Parallel()
	start := &world{}
	start.begin()
	explore(t, start, events, func(w *world) bool { return w.publishers[0].done && w.publishers[1].done })
}

func (w *world) begin() {
	for p := range w.publishers {
		w.publishers[p].Coordinator = *NewCoordinator(generation(p, w.base).ID, 2)
	}
}

// explore checks every world that so many events can make of start. Something that is worth to be looked at has to come about.
func explore(t *testing.T, start *world, events int, odd func(*world) bool) {
	seed, worlds, found := maphash.MakeSeed(), []*world{start}, 0
	seen := map[uint64]bool{start.key(seed): true}
	for event := range events {
		var after []*world
		for _, w := range worlds {
			for _, n := range w.next() {
				if k := n.key(seed); !seen[k] {
					seen[k] = true
					after = append(after, n)
				}
			}
		}
		worlds = after
		for _, w := range worlds {
			if err := w.check(); err != nil {
				t.Fatalf("%v:%s", err, w.story())
			}
			if odd(w) {
				found++
			}
		}
		t.Logf("%d events: %d worlds, %d odd ones among all of them", event+1, len(worlds), found)
	}
	if found == 0 {
		t.Error("nothing odd came about: nothing was tried")
	}
}
