package pop

import (
	"sync"
	"time"
)

// rateTime is over how long questions are counted: long enough to be no accident, and short enough to be of now.
const rateTime = 10 * time.Second

// rate is how many questions a second come.
type rate struct {
	mu        sync.Mutex
	begin     time.Time
	count     uint64 // of all questions, then
	perSecond float64
}

// note is told how many questions have come in all, and gives how many came in a second of the last time that is over.
func (r *rate) note(now time.Time, count uint64) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	took := now.Sub(r.begin)
	if !r.begin.IsZero() && took < rateTime {
		return r.perSecond
	}
	if !r.begin.IsZero() && count >= r.count { // less: a listener has gone, and its count
		r.perSecond = float64(count-r.count) / took.Seconds()
	}
	r.begin, r.count = now, count
	return r.perSecond
}
