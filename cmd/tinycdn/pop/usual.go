package pop

import "time"

// A POP hears the world if its nameserver is asked about as much as before.
const (
	usualMinutes  = 60 // that are compared with
	recentMinutes = 5
	fewMinutes    = 15 // before so many there is nothing to compare with
)

// usual counts the questions of each minute.
type usual struct {
	minutes []uint64 // the last ones that are over
	begin   time.Time
	count   uint64 // of all questions, then
}

// note is told how many questions have come in all, every few seconds.
func (u *usual) note(now time.Time, count uint64) {
	if u.begin.IsZero() || now.Sub(u.begin) > 2*time.Minute { // the machine slept
		*u = usual{begin: now, count: count}
	}
	if now.Sub(u.begin) < time.Minute {
		return
	}
	u.minutes = append(u.minutes, count-min(u.count, count)) // less: a listener has gone, and its count
	u.minutes = u.minutes[max(0, len(u.minutes)-usualMinutes):]
	u.begin, u.count = now, count
}

// goesOn says whether at least half as many came in the last minutes as in those before. Where less than one a minute comes, nobody
// can tell.
func (u *usual) goesOn() bool {
	n := len(u.minutes)
	if n < fewMinutes {
		return false
	}
	sum := func(list []uint64) (all uint64) {
		for _, one := range list {
			all += one
		}
		return all
	}
	before, recent := sum(u.minutes[:n-recentMinutes]), sum(u.minutes[n-recentMinutes:])
	minutes := uint64(n - recentMinutes)
	return before >= minutes && 2*recent*minutes >= before*recentMinutes
}
