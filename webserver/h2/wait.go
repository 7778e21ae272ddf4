package h2

import "time"

// wait has the reader waked when time is over for something.
func (c *conn) wait() {
	if c.over != nil {
		return
	}
	until := c.deadline()
	if off := until.Sub(c.until); off == 0 || !until.IsZero() && !c.until.IsZero() && off > 0 && off < time.Second {
		return // it is much the same
	}
	c.until = until
	c.wire.SetReadDeadline(until)
	if !c.leaving && c.server.leaving.Load() {
		c.wake() // we were told meanwhile
	}
}

// deadline is when time is over for what ends first; zero: nothing does.
func (c *conn) deadline() (first time.Time) {
	earlier := func(t time.Time) {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	earlier(c.late)
	if len(c.streams) == 0 {
		earlier(c.rested.Add(c.patience()))
	}
	for _, s := range c.streams {
		earlier(s.due)
	}
	return first
}

// patience is how long the connection may be without a stream.
func (c *conn) patience() time.Duration {
	if c.leaving {
		return goAwayTime
	}
	return c.server.config.IdleTime
}

// wake has the reader look at what has changed. It may be called by anybody.
func (c *conn) wake() { c.wire.SetReadDeadline(passed) }

// passed is a deadline that lets nobody wait.
var passed = time.Unix(1, 0)

// expire ends what has had its time.
func (c *conn) expire(now time.Time) {
	c.until = passed // or somebody has waked us
	switch {
	case !c.late.IsZero() && !now.Before(c.late):
		c.end(noError)
	case len(c.streams) == 0 && !c.busy && !now.Before(c.rested.Add(c.patience())): // busy: the last has ended just now
		c.end(noError)
	}
	for i := len(c.streams) - 1; i >= 0; i-- {
		if s := c.streams[i]; !s.due.IsZero() && !now.Before(s.due) {
			c.reset(s, internalError)
		}
	}
}

// leave tells the client to ask elsewhere, and that no more of what he asks is heeded.
func (c *conn) leave(why fault) {
	if c.leaving {
		return
	}
	c.leaving = true
	c.put(appendGoAway(nil, c.last, why))
	c.rested = time.Now()
}
