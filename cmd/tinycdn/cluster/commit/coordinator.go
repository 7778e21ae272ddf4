package commit

import (
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// CommitTime is how old a promise may be that a commit rests on. What is left of PromiseTime is for its way to the POPs.
const CommitTime = 30 * time.Second

// RenewTime is how often a coordinator has promises renewed while it waits for the rest.
const RenewTime = 10 * time.Second

// Coordinator is a publisher's side: it counts promises, and commits once there is a majority.
type Coordinator struct {
	id       manifest.ID
	majority int
	promises map[string]time.Time // by POP: when the request was sent that it answered, so that the promise is no older
	done     bool
}

// NewCoordinator is for a generation that is to be committed once so many POPs are ready for it.
func NewCoordinator(id manifest.ID, majority int) *Coordinator {
	return &Coordinator{id: id, majority: majority, promises: map[string]time.Time{}}
}

// Promised says that a POP has promised, in answer to a request that was sent at that time.
func (c *Coordinator) Promised(pop string, sent time.Time) { c.promises[pop] = sent }

// Ready says whether a majority is ready, by promises that hold for long enough.
func (c *Coordinator) Ready(now time.Time) bool {
	n := 0
	for _, sent := range c.promises {
		if now.Before(sent.Add(CommitTime)) {
			n++
		}
	}
	return n >= c.majority
}

// Commit signs the commit, once, if a majority is ready.
func (c *Coordinator) Commit(now time.Time, key roster.PrivateKey) (Commit, bool) {
	if c.done || !c.Ready(now) {
		return Commit{}, false
	}
	c.done = true
	return New(c.id, now, key), true
}

// Try signs a canary instead of the commit, once, if a majority is ready.
func (c *Coordinator) Try(pops []string, last Canary, now time.Time, key roster.PrivateKey) (Canary, bool) {
	if c.done || !c.Ready(now) {
		return Canary{}, false
	}
	c.done = true
	return NewCanary(c.id, pops, last, now, key), true
}
