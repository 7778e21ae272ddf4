package origin

import (
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"tinycdn/webserver/cache"
)

// store holds responses within a number of bytes. What is used least gives way.
type store struct {
	pages *otter.Cache[key, *entry]
	max   int64 // of one response

	ticks   atomic.Uint64 // numbers fetches and purges in the order in which they begin
	cleared atomic.Uint64 // the tick of the last purge of all
}

// entry is all that is known of a key. It is not changed but replaced.
type entry struct {
	responses  []*response // the newest first; each for other values of the fields that they vary on
	purged     uint64      // tick: what was asked for before that is not to be kept
	hitForMiss time.Time   // until then nobody waits for another's fetch, which would not help him
	backOff    time.Time   // until then the application is not asked again for what can be served stale: it failed
}

// maxVariants is how many responses are kept for a key. For one more, the one that was asked for least goes: else sixteen
// values that somebody makes up would throw out those that visitors have.
const maxVariants = 16

func newStore(memory int64) *store {
	s := &store{max: memory / 6} // an eighth of all: see New
	s.pages = otter.Must(&otter.Options[key, *entry]{
		MaximumWeight: uint64(max(memory, 1)),
		Weigher:       weigh,
	})
	return s
}

func (s *store) close() {
	s.pages.InvalidateAll()
	s.pages.StopAllGoroutines()
}

func weigh(k key, v *entry) uint32 {
	n := int64(300 + len(k.host) + len(k.target)) // with otter's own
	for _, r := range v.responses {
		n += r.bytes()
	}
	return uint32(min(n, 1<<31))
}

// find gives what is known of a key, and the response of it that was made for such a request. Both may be nil.
func (s *store) find(k key, header http.Header) (*entry, *response) {
	known, _ := s.pages.GetIfPresent(k)
	if known == nil {
		return nil, nil
	}
	for _, r := range known.responses {
		if cache.Selected(r.by, header) {
			if len(known.responses) > 1 {
				r.asked.Add(1)
			}
			return known, r
		}
	}
	return known, nil
}

// put keeps a response that was asked for at a tick, in place of the one for the same values. It says whether it did.
func (s *store) put(k key, r *response, asked uint64) bool {
	done := false
	s.pages.Compute(k, func(old *entry, found bool) (*entry, otter.ComputeOp) {
		if !found {
			old = &entry{}
		}
		if done = asked > old.purged && asked > s.cleared.Load() && r.bytes() <= s.max; !done {
			return nil, otter.CancelOp
		}
		next := &entry{purged: old.purged, responses: []*response{r}}
		for _, other := range old.responses {
			if slices.Equal(other.by, r.by) {
				r.asked.Store(other.asked.Load() / 2)
			} else {
				next.responses = append(next.responses, other)
			}
		}
		if len(next.responses) > maxVariants {
			next.dropLeastAsked()
		}
		return next, otter.WriteOp
	})
	return done
}

// dropLeastAsked makes room among the responses before the newest: of those that were asked for least, the oldest goes.
func (e *entry) dropLeastAsked() {
	least := len(e.responses) - 1
	for i := least - 1; i > 0; i-- {
		if e.responses[i].asked.Load() < e.responses[least].asked.Load() {
			least = i
		}
	}
	e.responses = slices.Delete(e.responses, least, least+1)
}

// setHitForMiss notes that fetches of this key are of no use to others for a while, and forgets a response that the
// application has replaced with one that is not to be kept.
func (s *store) setHitForMiss(k key, until time.Time, replaced *response) {
	s.amend(k, func(next *entry) {
		next.hitForMiss = until
		next.responses = slices.DeleteFunc(slices.Clone(next.responses), func(r *response) bool { return r == replaced })
	})
}

// setBackOff notes that the application failed for this key.
func (s *store) setBackOff(k key, until time.Time) {
	s.amend(k, func(next *entry) { next.backOff = until })
}

func (s *store) amend(k key, change func(*entry)) {
	s.pages.Compute(k, func(old *entry, found bool) (*entry, otter.ComputeOp) {
		next := entry{}
		if found {
			next = *old
		}
		change(&next)
		return &next, otter.WriteOp
	})
}

// purge forgets the responses of a key, and those that are on their way. It says how many there were.
func (s *store) purge(k key) int {
	n := 0
	tick := s.ticks.Add(1)
	s.pages.Compute(k, func(old *entry, found bool) (*entry, otter.ComputeOp) {
		if n = 0; found {
			n = len(old.responses)
		}
		return &entry{purged: tick}, otter.WriteOp
	})
	return n
}

// keys are those of all that is kept.
func (s *store) keys() (all []key) {
	for k := range s.pages.All() {
		all = append(all, k)
	}
	return all
}

func (s *store) purgeAll() int {
	s.cleared.Store(s.ticks.Add(1))
	n := 0
	for _, k := range s.pages.All() {
		n += len(k.responses)
	}
	s.pages.InvalidateAll()
	return n
}
