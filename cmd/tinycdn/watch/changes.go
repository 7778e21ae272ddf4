package watch

import (
	"sync"
	"time"
)

// Changes tells when something may have changed and been left alone for a while, and every now and then anyway.
type Changes struct {
	C chan struct{}

	delay, maxDelay time.Duration
	mu              sync.Mutex // for:
	timer           *time.Timer
	since           time.Time // of the first change that has not been told; zero: there is none
}

func newChanges(delay, maxDelay time.Duration) *Changes {
	return &Changes{C: make(chan struct{}, 1), delay: delay, maxDelay: maxDelay}
}

// begin begins touched: what changed between the first reading and now, no event tells.
func (c *Changes) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timer = time.AfterFunc(c.delay, c.tell)
}

func (c *Changes) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timer.Stop()
	c.timer = nil
}

func (c *Changes) touch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer == nil {
		return // it has not begun, or has ended
	}
	if c.since.IsZero() {
		c.since = time.Now()
	}
	c.timer.Reset(min(c.delay, max(0, c.maxDelay-time.Since(c.since))))
}

// tell tells, and waits for the next change, or until it is time to look anyway.
func (c *Changes) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer == nil {
		return
	}
	c.since = time.Time{}
	c.timer.Reset(poll)
	select {
	case c.C <- struct{}{}:
	default: // it has been told, and nobody has looked yet
	}
}
