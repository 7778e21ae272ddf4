package geodns

import (
	"sync"
	"time"
)

// backoff waits longer after every failure in a row.
type backoff struct {
	count  int       // of failures in a row, up to mostDoublings
	logged time.Time // the last one
}

const (
	mostDoublings = 10 // of a millisecond
	longestWait   = time.Second
)

func (b *backoff) wait() {
	time.Sleep(min(time.Millisecond<<b.count, longestWait))
	b.count = min(b.count+1, mostDoublings)
}

func (b *backoff) reset() { b.count = 0 }

// shouldLog tells whether a failure is worth a line in the log, and then counts it as logged: those that come and go have
// one a minute.
func (b *backoff) shouldLog() bool {
	now := time.Now()
	if now.Sub(b.logged) < time.Minute {
		return false
	}
	b.logged = now
	return true
}

// failing remembers since when something fails that is tried again and again.
type failing struct {
	mu          sync.Mutex
	first, last time.Time
}

// pause is how long nothing must have failed for all to be well: success may be to wait for a question.
const pause = 5 * longestWait

func (f *failing) failed(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.last) > pause {
		f.first = now
	}
	f.last = now
}

func (f *failing) since(now time.Time) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.last) > pause {
		return time.Time{}
	}
	return f.first
}
