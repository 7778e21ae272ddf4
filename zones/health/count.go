package health

import "time"

// Limits say how many looks it takes.
type Limits struct {
	Fall int // that fail, one after the other, for a vote that a POP is down
	Rise int // that do not, for a vote that it is up again
}

// A POP that comes and goes has to be well for longer each time.
const (
	flaps     = 3                // falls within flapTime: from this one on Rise is doubled
	flapTime  = 10 * time.Minute // as an operator would still call it the same trouble
	mostRise  = 16               // looks: some 80 seconds, so that nobody is left out for long who is well
	calmAfter = 30 * time.Minute // Rise is halved again
)

// restartTime is how long a POP that says that it restarts may be silent.
const restartTime = 10 * time.Second

// A count makes votes of looks: it is one POP's, of one check of another.
type count struct {
	Limits
	known   bool // there was a look
	down    bool
	row     int // looks, one after the other, that were not as it is
	since   time.Time
	last    Result
	looked  time.Time // that this came of it
	took    []int     // by the last look that was good
	falls   []time.Time
	rise    int       // by now, of what flaps; 0: Limits.Rise
	risen   time.Time // that it is so
	forgive time.Time // failures before this do not count
}

// Result is what came of a look.
type Result struct {
	Why  string // it failed; "": it did not
	Took []int  // as in Vote
}

// add counts a look.
func (c *count) add(now time.Time, r Result) {
	failed := r.Why != ""
	if failed && now.Before(c.forgive) {
		return
	}
	c.calm(now)
	c.last, c.looked, c.known = r, now, true
	if !failed {
		c.took = r.Took
	}
	if failed == c.down {
		c.row = 0
		return
	}
	if c.row++; c.row < c.needed() {
		return
	}
	c.down, c.row, c.since = failed, 0, now
	if failed {
		c.fell(now)
	}
}

// needed is how many looks in a row it takes to change the vote.
func (c *count) needed() int {
	if c.down {
		return max(c.Rise, c.rise)
	}
	return c.Fall
}

// fell notes that it is down again.
func (c *count) fell(now time.Time) {
	for len(c.falls) > 0 && now.Sub(c.falls[0]) > flapTime {
		c.falls = c.falls[1:]
	}
	if c.falls = append(c.falls, now); len(c.falls) >= flaps {
		c.rise, c.risen = min(2*max(c.Rise, c.rise), max(mostRise, c.Rise)), now
	}
}

// calm halves what flapping has doubled.
func (c *count) calm(now time.Time) {
	for c.rise > c.Rise && now.Sub(c.risen) >= calmAfter {
		c.rise, c.risen = c.rise/2, c.risen.Add(calmAfter)
	}
}

// begin goes on from what was agreed before this process began.
func (c *count) begin(down bool, since time.Time) { c.down, c.since = down, since }

// restarts is for a POP that says that it restarts.
func (c *count) restarts(now time.Time) { c.forgive = now.Add(restartTime) }

// vote is what it comes to; ok is false as long as nobody has looked.
func (c *count) vote() (v Vote, ok bool) {
	v = Vote{Down: c.down, Failing: c.last.Why != "", Took: c.took}
	if c.down || v.Failing {
		v.Why = cut(c.last.Why, maxWhy)
	}
	if !c.since.IsZero() {
		v.Since = c.since.Unix()
	}
	return v, c.known
}
