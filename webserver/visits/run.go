package visits

import (
	"context"
	"time"
)

const (
	countEvery = time.Second
	writeEvery = time.Minute
)

// Run counts what is added until ctx ends, and then the rest. Each minute it writes down what is new.
func (c *Counter) Run(ctx context.Context) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	c.mu.Lock()
	c.folder.prune(time.Now(), c.config.Days)
	c.mu.Unlock()
	last := time.Now()
	for done := false; !done; {
		select {
		case <-ctx.Done():
			done = true
		case <-c.queue.many:
		case <-tick.C:
		}
		now := time.Now()
		c.count(now)
		if since := now.Sub(last); done || since >= writeEvery || since < 0 {
			last = now
			c.flush(now)
		}
	}
}

// flush writes down what is new.
func (c *Counter) flush(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renew(now)
	c.countQueries()
	c.write()
}
