package commit

import (
	"errors"
	"fmt"
	"testing"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// tryEvents are from before a canary was prepared, and canaryEvents from the moment on at which there is one.
const canaryEvents, tryEvents = 7, 7

// hear is what a POP hears in the row of another.
func (p *Participant) hear(of *Participant) {
	p.Learn(of.Wanted)
	p.Hear(of.Canary)
}

// try has the first publisher ask for a canary at the first POP. Whatever it does next, it begins anew.
func (w *world) try() {
	one := &w.publishers[0]
	w.canary, _ = one.Try(names[:1], Canary{}, w.clock(), keys[0])
	one.Coordinator = *NewCoordinator(w.canary.ID, 2)
}

// nextOfCanary are the events of a canary: it is told of at any time, and somebody else takes it back.
func (w *world) nextOfCanary(add func(event, func(*world))) {
	if w.canary.Text == nil {
		return
	}
	for i := range w.pops {
		if w.canary.Beats(&w.pops[i].Canary) {
			add(event{what: "%d hears of the canary", a: i}, func(w *world) { w.pops[i].Hear(w.canary) })
		}
		if w.back.Beats(&w.pops[i].Canary) {
			add(event{what: "%d hears that it is taken back", a: i}, func(w *world) { w.pops[i].Hear(w.back) })
		}
	}
	if w.back.Text == nil {
		add(event{what: "%d takes the canary back", a: 2}, func(w *world) { w.back = w.takenBack() })
	}
}

func (w *world) takenBack() Canary { return NewCanary(w.canary.ID, nil, w.canary, w.clock(), keys[2]) }

// healCanary is for POPs that have all heard of each other: if there is a canary, it is served where it should be and nowhere else,
// and anybody can commit to it; then it is taken back, unless it was.
func (w *world) healCanary(pops *[3]Participant) error {
	if !pops[0].Canary.Stands() {
		return nil
	}
	for i := range pops {
		p := &pops[i]
		if serves := p.Shown() == w.canary.ID; serves != w.canary.At(p.Name) {
			return fmt.Errorf("it is %v for good that %d serves the canary", serves, i)
		}
		for _, key := range keys {
			again := *p
			if refusal := again.Prepare(generation(0, w.base), key.Public(), w.clock().Add(PromiseTime)); refusal != nil {
				return fmt.Errorf("%d does not prepare the canary for all: %w", i, refusal)
			}
		}
		if again := *p; again.Prepare(generation(1, w.base), keys[1].Public(), w.clock().Add(PromiseTime)) == nil {
			return errors.New("the number of the canary is promised to another")
		}
	}
	back := w.takenBack()
	for i := range pops {
		if !pops[i].Hear(back) {
			return fmt.Errorf("%d does not take the canary back", i)
		}
		pops[i].Served(pops[i].Target())
	}
	return nil
}

// withCanary is a world in which all serve a generation, and the first publisher has a canary of the next.
func withCanary() *world {
	w := &world{tries: true, base: manifest.ID{Number: 1, Hash: manifest.Hash{9}}}
	for i := range w.pops {
		w.pops[i].Name = names[i]
		w.pops[i].Wanted = New(w.base, epoch, keys[2])
		w.pops[i].Served(w.base)
	}
	w.begin()
	return w
}

// TestEveryInterleavingWithACanary has a canary taken back, finished and got round in all ways, however late anybody hears of it.
func TestEveryInterleavingWithACanary(t *testing.T) {
	t.Parallel()
	odd := func(w *world) bool { return w.publishers[0].done && w.back.Text != nil }
	t.Run("from the beginning", func(t *testing.T) {
		t.Parallel()
		explore(t, withCanary(), tryEvents, odd)
	})
	t.Run("at a POP that is behind", func(t *testing.T) {
		t.Parallel()
		w := withCanary()
		w.pops[0].Serving = Commit{}
		w.ask(0, 1, 0)
		w.ask(0, 2, 0)
		w.try()
		explore(t, w, canaryEvents, odd)
	})
}
