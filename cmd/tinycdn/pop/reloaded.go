package pop

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/cmd/tinycdn/dashboard"
)

// reloaded counts reloads, and remembers the last ones. Whoever reloads writes, anybody reads.
type reloaded struct {
	good, bad atomic.Uint64
	took      atomic.Int64 // of the last

	mu   sync.Mutex
	list []dashboard.Reload // the last ones, the newest first
}

// What is remembered of reloads. A mistake has a line of log as well.
const mostReloads, mostErrors = 20, 5

// note counts a reload, and remembers what of it and what was wrong.
func (r *reloaded) note(what string, begin time.Time, err error) {
	took := time.Since(begin)
	if r.took.Store(int64(took)); err == nil {
		r.good.Add(1)
	} else {
		r.bad.Add(1)
	}
	r.remember(what, begin, err)
}

// remember is note without counting.
func (r *reloaded) remember(what string, begin time.Time, err error) {
	one := dashboard.Reload{At: utc(begin), Took: time.Since(begin).Seconds(), What: what, Errors: []string{}}
	if err != nil {
		one.Errors = lines(err)
		one.Errors = one.Errors[:min(len(one.Errors), mostErrors)]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = slices.Insert(r.list, 0, one)
	r.list = r.list[:min(len(r.list), mostReloads)]
}

// last are those that are remembered.
func (r *reloaded) last() []dashboard.Reload {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]dashboard.Reload{}, r.list...)
}

// String is what may have changed, in words.
func (c change) String() string {
	switch {
	case c.asked:
		return "all, as asked"
	case c.files && c.sites:
		return "files and sites"
	case c.files:
		return "files"
	}
	return "sites"
}
