package conns

import (
	"slices"
	"time"
)

const (
	// settled is the silence after which a connection is idle, and not merely about to ask.
	settled = 2 * time.Second
	// briefest is the time that progress is told over at least, in seconds. Else who has just sent 60 octets would be as
	// quick as a download, and a flood of such would push out who has waited for an application a little while.
	briefest = 10
	// newcomer over its age in seconds is what a connection has on top of its octets per second: for some tenths of a second it
	// is worth a slow but honest rate, so that newcomers do not push out each other before they have said anything.
	newcomer = 5
	// slowest is how many of the slowest are found with one look at all that are busy, and slowFor how long they count
	// as such: else each connection of a flood would cost a look at ten thousand.
	slowest = 64
	slowFor = time.Second
)

// choose says which entry gives its place to a new one; nil: there is none. It is the idlest; where nobody has been idle for
// two seconds, the one whose request has made the least progress.
func (t *Table) choose(p *places) *Entry {
	now := t.clock()
	idle := p.idle.first()
	if idle != nil && now-idle.since >= settled {
		return idle
	}
	busy := t.slowest(p, now)
	if busy == nil || idle != nil && idle.progress(now) < busy.progress(now) {
		return idle
	}
	return busy
}

// progress is how many octets per second the connection has moved since its request began. Time that we take to answer
// counts too: whoever makes us wait on purpose would have it so.
func (entry *Entry) progress(now time.Duration) float64 {
	age, octets := (now - entry.since).Seconds(), int64(0)
	if entry.busy {
		octets = entry.octets() - entry.before
	}
	return float64(octets)/max(age, briefest) + newcomer/age
}

// octets have passed since the connection was made.
func (entry *Entry) octets() int64 {
	if entry.stats != nil {
		return entry.stats()
	}
	return entry.moved.Load()
}

// slow are the busy entries that made the least progress when all were looked at, the slowest first.
type slow struct {
	list []slowEntry
	till time.Duration // by the table's clock
}

type slowEntry struct {
	*Entry
	rate float64 // its progress then
}

// slowest is the busy entry of the least progress; nil: nobody is busy.
func (t *Table) slowest(p *places, now time.Duration) *Entry {
	if p != &t.places { // one client's are few
		return first(slowestOf(p, now, 1))
	}
	if now < t.slow.till {
		// Of those that are left each goes, unless it has moved on meanwhile.
		for i, s := range t.slow.list {
			if !s.left && s.busy && s.progress(now) <= s.rate {
				t.slow.list = t.slow.list[i:]
				return s.Entry
			}
		}
	}
	t.slow = slow{slowestOf(p, now, slowest), now + slowFor}
	return first(t.slow.list)
}

// slowestOf gives so many of the slowest, in order. Of those that are alike the oldest goes first.
func slowestOf(p *places, now time.Duration, most int) []slowEntry {
	list := make([]slowEntry, 0, most+1)
	for entry := range p.all.each {
		if !entry.busy {
			continue
		}
		rate := entry.progress(now)
		if len(list) == most && rate >= list[most-1].rate {
			continue
		}
		at, _ := slices.BinarySearchFunc(list, rate, func(s slowEntry, rate float64) int {
			if s.rate <= rate {
				return -1
			}
			return +1
		})
		list = slices.Insert(list, at, slowEntry{entry, rate})
		list = list[:min(len(list), most)]
	}
	return list
}

func first(list []slowEntry) *Entry {
	if len(list) == 0 {
		return nil
	}
	return list[0].Entry
}
