package commit

import (
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// The world of three POPs and two publishers who want the same number, and of a network that delivers what it likes when it
// likes. Whoever crashes is one whose messages do not arrive, as all that a Participant knows outlives it.
type world struct {
	now        time.Duration
	pops       [3]Participant
	publishers [2]publisher
	broken     bool // a promise on which a commit rested was not kept for as long as it had to be

	base         manifest.ID // what all serve at first
	tries        bool        // the first publisher has a canary before it commits
	canary, back Canary      // and by this, it is taken back

	from  *world // for whoever has to understand a failure
	event event
}

// event is what happened between one and another.
type event struct {
	what string
	a, b int
}

// names are those of the POPs.
var names = [3]string{"0", "1", "2"}

type publisher struct {
	Coordinator
	commit    Commit
	committed time.Duration
	second    bool    // the other had committed before
	rested    [3]bool // on whose promises the commit rests
	heard     [3]bool // who was told in time
	arrived   [3]bool // who had it at all
}

var (
	epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	keys  = [3]roster.PrivateKey{roster.NewKey(), roster.NewKey(), roster.NewKey()}
)

const (
	step   = 20 * time.Second // a promise lasts for three, and a commit may rest on it for two
	latest = 5 * step
	onTime = 30 * time.Second // that a commit may be on its way
)

// generation is what a publisher wants to be served.
func generation(publisher int, parent manifest.ID) *manifest.Signed {
	s := &manifest.Signed{Key: keys[publisher].Public(), ID: manifest.ID{Number: parent.Number + 1, Hash: manifest.Hash{byte(publisher + 1)}}}
	s.Number, s.Parent = s.ID.Number, parent
	return s
}

func (w *world) clock() time.Time { return epoch.Add(w.now) }

// next are all worlds that may come of w by one event.
func (w *world) next() (list []*world) {
	add := func(e event, happens func(*world)) {
		n := *w
		n.from, n.event = w, e
		for p := range n.publishers {
			n.publishers[p].promises = maps.Clone(w.publishers[p].promises)
		}
		happens(&n)
		list = append(list, &n)
	}
	for p := range w.publishers {
		w.nextOf(p, add)
	}
	for i := range w.pops {
		if w.pops[i].Behind() {
			add(event{what: "%d serves", a: i}, func(w *world) { w.pops[i].Served(w.pops[i].Target()) })
		}
		for j := range w.pops {
			if w.pops[i].Wanted.Beats(&w.pops[j].Wanted) || w.pops[i].Canary.Beats(&w.pops[j].Canary) {
				add(event{"%d hears of %d", j, i}, func(w *world) { w.pops[j].hear(&w.pops[i]) })
			}
		}
	}
	w.nextOfCanary(add)
	if w.now < latest {
		add(event{what: "time passes"}, func(w *world) { w.now += step })
	}
	return list
}

// nextOf are the events of a publisher. That an answer comes late is the same as that the publisher commits late.
func (w *world) nextOf(p int, add func(event, func(*world))) {
	for i := range w.pops {
		switch one := &w.publishers[p]; {
		case !one.done:
			add(event{"%d asks %d", p, i}, func(w *world) { w.ask(p, i, w.now) })
			add(event{"%d asks %d, and the answer is lost", p, i}, func(w *world) { w.ask(p, i, -1) })
			if w.now > 0 {
				add(event{"%d has asked %d, and it arrives late", p, i}, func(w *world) { w.ask(p, i, w.now-step) })
			}
		case !one.arrived[i]:
			add(event{"%d is told by %d", i, p}, func(w *world) { w.tell(p, i) })
		}
	}
	switch one := &w.publishers[p]; {
	case one.done || !one.Ready(w.clock()):
	case p == 0 && w.tries && w.canary.Text == nil:
		add(event{what: "%d tries", a: p}, (*world).try)
	default:
		add(event{what: "%d commits", a: p}, func(w *world) { w.commit(p) })
	}
}

func (w *world) ask(p, i int, sent time.Duration) {
	if p == 0 && w.canary.Text != nil {
		w.pops[i].Hear(w.canary)
	}
	if w.pops[i].Prepare(generation(p, w.base), keys[p].Public(), w.clock()) == nil && sent >= 0 {
		w.publishers[p].Promised(names[i], epoch.Add(sent))
	}
}

func (w *world) commit(p int) {
	one := &w.publishers[p]
	for name, sent := range one.promises {
		one.rested[name[0]-'0'] = w.clock().Before(sent.Add(CommitTime))
	}
	one.commit, _ = one.Commit(w.clock(), keys[p])
	one.committed, one.second = w.now, w.publishers[1-p].done
}

func (w *world) tell(p, i int) {
	one, pop := &w.publishers[p], &w.pops[i]
	one.arrived[i], one.heard[i] = true, w.now-one.committed <= onTime
	switch refusal := pop.Commit(one.commit); {
	case refusal == nil:
		pop.Served(one.commit.ID) // it was prepared
	case refusal.Why == Lapsed && one.rested[i] && one.heard[i]:
		w.broken = true
	}
}

// check says what is wrong with w, now or for good.
func (w *world) check() error {
	for i := range w.pops {
		p := &w.pops[i]
		if p.Promise.Until.After(w.clock().Add(PromiseTime)) {
			return fmt.Errorf("%d has promised for too long", i)
		}
		if s := p.Serving.ID; s != (manifest.ID{}) && s != w.base && s != w.publishers[0].commit.ID && s != w.publishers[1].commit.ID {
			return fmt.Errorf("%d serves what nobody has committed", i)
		}
		if s := p.Shown(); s != p.Serving.ID && (s != w.canary.ID || !w.canary.At(p.Name)) {
			return fmt.Errorf("%d serves a canary that is not for it", i)
		}
	}
	if w.broken {
		return errors.New("a promise was not kept")
	}
	for p := range w.publishers {
		if w.wereTwo(p) {
			return fmt.Errorf("both have committed, though all who had promised %d heard of it in time", p)
		}
	}
	return w.heal()
}

// wereTwo: where all on whose promises a commit rests hear of it in time, nobody else commits the number after it.
func (w *world) wereTwo(p int) bool {
	one, other := &w.publishers[p], &w.publishers[1-p]
	if one.second {
		return false
	}
	for i, rested := range one.rested {
		if rested && !one.heard[i] {
			return false
		}
	}
	return one.done && other.done
}

// heal lets everybody hear of everybody: then all serve the same but for a canary, and the next generation finds nothing in its
// way, once that is taken back.
func (w *world) heal() error {
	pops := w.pops
	for range pops {
		for i := range pops {
			for j := range pops {
				pops[i].hear(&pops[j])
			}
			pops[i].Served(pops[i].Target())
		}
	}
	if err := w.healCanary(&pops); err != nil {
		return err
	}
	for i := range pops {
		if pops[i].Shown() != pops[0].Serving.ID || pops[i].Serving.ID != pops[0].Serving.ID {
			return fmt.Errorf("%d and 0 serve different generations for good", i)
		}
		if refusal := pops[i].Prepare(generation(2, pops[i].Serving.ID), keys[2].Public(), w.clock().Add(PromiseTime)); refusal != nil {
			return fmt.Errorf("%d prepares nothing any more: %w", i, refusal)
		}
	}
	return nil
}

// key is equal for worlds of which the same may come: which POP is which makes no difference.
func (w *world) key(seed maphash.Seed) uint64 {
	var pops [3]string
	for i := range w.pops {
		p := &w.pops[i]
		b := []byte{p.Serving.ID.Hash[0], p.Wanted.ID.Hash[0], p.Promise.ID.Hash[0], steps(p.Promise.Until)}
		b = append(b, p.Trying.Hash[0], p.Canary.ID.Hash[0], bit(p.Canary.Stands()), bit(w.canary.At(p.Name)))
		for k := range w.publishers {
			one := &w.publishers[k]
			b = append(b, steps(one.promises[names[i]]), bit(one.rested[i]), bit(one.heard[i]), bit(one.arrived[i]))
		}
		pops[i] = string(b)
	}
	slices.Sort(pops[:])
	b := []byte{byte(w.now / step), bit(w.canary.Text != nil), bit(w.back.Text != nil)}
	for k := range w.publishers {
		b = append(b, bit(w.publishers[k].done), byte(w.publishers[k].committed/step), bit(w.publishers[k].second))
	}
	return maphash.String(seed, string(b)+pops[0]+pops[1]+pops[2])
}

// steps are those until a moment; a promise that is of no use any more is like none.
func steps(at time.Time) byte { return byte(max(at.Sub(epoch), -step)/step + 1) }

func bit(is bool) byte {
	if is {
		return 1
	}
	return 0
}

// story is how w came to be.
func (w *world) story() string {
	if w.from == nil {
		return ""
	}
	what := strings.Replace(strings.Replace(w.event.what, "%d", names[w.event.a], 1), "%d", names[w.event.b], 1)
	return fmt.Sprintf("%s\n%v %s", w.from.story(), w.now, what)
}
