package geodns

import "time"

// backoff waits longer after every failure in a row.
type backoff struct {
	count  int       // of failures in a row, up to maxFailures
	logged time.Time // the last one
}

// maxFailures in a row take some ten seconds: by then the kernel does not merely lack memory.
const maxFailures = 20

func (b *backoff) wait() {
	time.Sleep(min(time.Millisecond<<b.count, time.Second))
	b.count = min(b.count+1, maxFailures)
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
