package geodns

import (
	"math"
	"strings"
	"sync"
	"sync/atomic"

	"tinycdn/zones"
)

// names is how often which names of our zones were asked for, among the questions of a loop that are placed. What is in no zone is not
// among them, so nobody can make up names to be counted: a wildcard is one name, and so is all that is below a cut or a DNAME.
//
// Each name has one of nameSets sets to be in, by its hash. A name that finds its set full takes the place of the one that was asked for
// least, and is held to have been asked for as often until now (Metwally and others 2005, space-saving): so whatever is asked for often
// stays, however many others come and go. What it was itself asked for is counted apart, and that is told: never too much.
type names struct {
	sets  [nameSets]nameSet
	moves sync.Mutex // held to give a place to another name, and to tell: the loop does not wait for it
}

// There are some 500 places for names. Of 100 names that are asked for evenly, chance puts more than nameWays into one set once in 300.
const (
	nameSetBits = 6
	nameSets    = 1 << nameSetBits
	nameWays    = 8 // their hashes are one line of a cache
)

// nameSet is the places that certain names can have. But for n, it is changed under names.moves.
type nameSet struct {
	hash   [nameWays]uint64 // 0: the place is free
	n      [nameWays]atomic.Uint64
	before [nameWays]uint64 // how often, at the most, it may have been asked for before it came here
	told   [nameWays]uint64 // of n
	name   [nameWays]placedName
}

// placedName is a name as somebody wrote it, and whether it is that of a wildcard below it.
type placedName struct {
	wildcard bool
	octets   uint8
	wire     [255]byte // RFC 1035, 2.3.4
}

// count notes that asked was asked for, and answered by owner. It is for the loop alone.
func (c *names) count(asked []byte, owner zones.Owner) {
	hash := owner.Hash
	if owner.Wildcard {
		hash = ^hash
	}
	hash |= 1
	set := &c.sets[hash>>(64-nameSetBits)]
	for i := range set.hash {
		if set.hash[i] == hash { // two names of ours with the same would be counted as one
			set.n[i].Add(1)
			return
		}
	}
	least, fewest := 0, uint64(math.MaxUint64)
	for i := range set.hash {
		if n := set.before[i] + set.n[i].Load(); n < fewest {
			least, fewest = i, n
		}
	}
	if !c.moves.TryLock() {
		return // somebody is being told
	}
	set.hash[least], set.before[least], set.told[least] = hash, fewest, 0
	set.n[least].Store(1)
	set.name[least].set(asked[owner.At:], owner.Wildcard)
	c.moves.Unlock()
}

// set takes the name at the beginning of from.
func (p *placedName) set(from []byte, wildcard bool) {
	end := 0
	for from[end] != 0 {
		end += int(from[end]) + 1
	}
	p.wildcard, p.octets = wildcard, uint8(copy(p.wire[:], from[:end+1]))
}

func (p *placedName) String() string {
	wire := p.wire[:p.octets]
	if p.wildcard {
		wire = append([]byte("\x01*"), wire...)
	}
	return strings.ToLower(zones.NameText(wire))
}

// tell adds what was counted since it was called last.
func (c *names) tell(to map[string]uint64) {
	c.moves.Lock()
	defer c.moves.Unlock()
	for s := range c.sets {
		set := &c.sets[s]
		for i := range set.n {
			n := set.n[i].Load()
			if n == set.told[i] {
				continue
			}
			to[set.name[i].String()] += placed * (n - set.told[i])
			set.told[i] = n
		}
	}
}

// CountNames has queries counted by name from now on, or no longer.
func (s *Server) CountNames(on bool) {
	s.mu.Lock()
	s.naming = on
	s.mu.Unlock()
	s.eachLoop(func(l *Loop, _ bool) {
		switch {
		case !on:
			l.names.Store(nil)
		case l.names.Load() == nil:
			l.names.Store(new(names))
		}
	})
}

// Names tells which names of our zones were asked for since it was called last, and how often, estimated from one question in 16; a
// wildcard by its own name. Names that are asked for more seldom than one in 500 may be missing. It is for one who asks.
func (s *Server) Names() map[string]uint64 {
	all := map[string]uint64{}
	s.eachLoop(func(l *Loop, _ bool) {
		if names := l.names.Load(); names != nil {
			names.tell(all)
		}
	})
	return all
}
