package health

import (
	"context"
	"maps"
	"math/rand/v2"
	"sync"
	"time"
)

// afterFailure is how soon a second look follows one that failed.
const afterFailure = 2 * time.Second

// firstLook is within how long after a start each target is looked at for the first time, not all at once.
const firstLook = time.Second

// Watcher looks at targets, and has votes on them.
type Watcher struct {
	look    func(context.Context, *Spot) Result
	before  *State // what was agreed before this process began
	changed chan struct{}

	mu       sync.Mutex
	interval time.Duration
	limits   Limits
	spots    map[Target]*Spot
	counts   map[Target]*count
	begin    func(Target, <-chan struct{}) // begins to watch it; nil: the watcher does not run
	watched  map[Target]chan struct{}      // says not to wait for the next look
}

// NewWatcher looks by look, from what was agreed before on.
func NewWatcher(look func(context.Context, *Spot) Result, before *State) *Watcher {
	return &Watcher{look: look, before: before, changed: make(chan struct{}, 1), counts: map[Target]*count{}, watched: map[Target]chan struct{}{}}
}

// Watch says what is looked at from now on.
func (w *Watcher) Watch(interval time.Duration, limits Limits, spots []Spot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.interval, w.limits = interval, limits
	w.spots = map[Target]*Spot{}
	for i := range spots {
		s := &spots[i]
		w.spots[s.Target] = s
		c := w.counts[s.Target]
		if c == nil {
			c = &count{}
			was := w.before.Of(s.Target)
			c.begin(was.Down, was.Since)
			w.counts[s.Target] = c
		}
		c.Limits = limits
	}
	maps.DeleteFunc(w.counts, func(t Target, _ *count) bool { return w.spots[t] == nil })
	w.beginNew()
}

// beginNew begins to watch what is not watched yet. Mu is held.
func (w *Watcher) beginNew() {
	if w.begin == nil {
		return
	}
	for t := range w.spots {
		if w.watched[t] == nil {
			w.watched[t] = make(chan struct{}, 1)
			w.begin(t, w.watched[t])
		}
	}
}

// Run looks until ctx ends. A target is not looked at again before the last look at it is done.
func (w *Watcher) Run(ctx context.Context) {
	var work sync.WaitGroup
	w.mu.Lock()
	w.begin = func(t Target, hurry <-chan struct{}) { work.Go(func() { w.watch(ctx, t, hurry) }) }
	w.beginNew()
	w.mu.Unlock()
	<-ctx.Done()
	w.mu.Lock()
	w.begin = nil
	w.mu.Unlock()
	work.Wait()
}

// watch looks at a target as long as it is to be looked at.
func (w *Watcher) watch(ctx context.Context, t Target, hurry <-chan struct{}) {
	pause := rand.N(firstLook)
	for {
		select {
		case <-time.After(pause):
		case <-hurry:
		case <-ctx.Done():
			return
		}
		s := w.spot(t)
		if s == nil {
			return
		}
		r := w.look(ctx, s)
		if ctx.Err() != nil {
			return // it may have been ended in the midst of it
		}
		pause = w.note(t, r)
	}
}

// spot is how a target is looked at now; nil: it is watched no longer.
func (w *Watcher) spot(t Target) *Spot {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.spots[t]
	if s == nil {
		delete(w.watched, t)
	}
	return s
}

// note counts a look, and says how long to wait for the next.
func (w *Watcher) note(t Target, r Result) (pause time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.counts[t]; c != nil {
		before, _ := c.vote()
		c.add(time.Now(), r)
		if now, _ := c.vote(); now.Down != before.Down || now.Failing != before.Failing {
			w.tell()
		}
	}
	if r.Why != "" {
		return min(afterFailure, w.interval)
	}
	fifth := w.interval / 5
	return w.interval - fifth + rand.N(2*fifth+1)
}

func (w *Watcher) tell() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// Changed tells that a vote has changed.
func (w *Watcher) Changed() <-chan struct{} { return w.changed }

// Votes are those of now, by POP.
func (w *Watcher) Votes() map[string]Opinion {
	w.mu.Lock()
	defer w.mu.Unlock()
	votes := map[string]Opinion{}
	for t, c := range w.counts {
		if votes[t.POP] == nil {
			votes[t.POP] = Opinion{}
		}
		if v, ok := c.vote(); ok {
			votes[t.POP][t.Check] = v
		}
	}
	return votes
}

// Restarts is for a POP that says that it restarts: it may be gone for a moment.
func (w *Watcher) Restarts(pop string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for t, c := range w.counts {
		if t.POP == pop {
			c.restarts(time.Now())
		}
	}
}

// Hurry has a target be looked at at once: somebody else sees it fail. One that was seen to fail here is looked at soon anyway, and none
// more often than such a one is.
func (w *Watcher) Hurry(t Target) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.counts[t]
	if c == nil || !c.known || c.last.Why != "" || time.Since(c.looked) < afterFailure {
		return
	}
	select {
	case w.watched[t] <- struct{}{}:
	default:
	}
}
