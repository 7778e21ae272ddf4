package pop

import (
	"context"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/state"
	"tinycdn/zones/health"
)

// checks are how this POP looks at the others, and what it agrees on with them.
type checks struct {
	pop        *POP
	watcher    *health.Watcher
	news       chan struct{}               // what is agreed may be something else
	view       atomic.Pointer[health.View] // nil: nothing is checked
	restarting atomic.Bool                 // this process ends
	memory     string                      // the path of what is agreed, for the next process; "": that cannot be kept

	// These are of the goroutine that judges:
	of      *Generation // that is watched; nil: none
	state   *health.State
	said    *health.Votes // as the others know them
	heard   map[string]*heardVotes
	usual   usual
	kept    time.Time // that it was written down
	allDown bool      // and that was told
	what    string    // is looked at, as it was told
}

// heardVotes are what another POP has said last.
type heardVotes struct {
	counter uint64
	votes   *health.Votes
}

func newChecks(p *POP) *checks {
	return &checks{pop: p, news: make(chan struct{}, 1), state: &health.State{}, said: &health.Votes{}, heard: map[string]*heardVotes{}}
}

// believe takes what was agreed before this process, if that was a moment ago. That holds before the first question is answered, and so
// does who is drained.
func (p *POP) believe() {
	c, g := p.checks, p.current
	text, err := os.ReadFile(c.memory)
	if p.keeper == nil && p.member == nil {
		c.memory = "" // there is no folder to write into, or it is another process'
	}
	if err == nil && p.checksOthers(g) {
		if c.state, err = health.Restore(text, time.Now()); err != nil {
			p.log.Warn(err.Error(), "path", c.memory, "effect", "all POPs are up until they have been looked at")
		}
		members := c.members(g)
		c.view.Store(&health.View{Members: members, State: c.state, Standings: c.state.Standings(members)})
	}
	if len(p.keptFrom()) > 0 {
		p.sendAway()
	}
}

// checksOthers says whether a generation wants the other POPs to be checked.
func (p *POP) checksOthers(g *Generation) bool {
	return g != nil && g.Config.ChecksHealth(p.member != nil)
}

// judgeEvery is how often the rule is asked, beside when something is new: half a minute must not become more.
const judgeEvery = time.Second

// checkOthers looks at the other POPs until ctx ends, and keeps visitors from those that are down.
func (p *POP) checkOthers(ctx context.Context) error {
	c := p.checks
	prober := &health.Prober{}
	c.watcher = health.NewWatcher(prober.Look, c.state)
	if p.member != nil {
		prober.Live = p.member.Live
	}
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { c.watcher.Run(ctx) })
	tick := time.NewTicker(judgeEvery)
	defer tick.Stop()
	for {
		g := p.served.Load()
		c.follow(g)
		if tick.Stop(); p.checksOthers(g) {
			tick.Reset(judgeEvery)
			c.judge(time.Now())
		}
		if !c.wait(ctx, tick.C) {
			c.remember(time.Now())
			return nil
		}
	}
}

// heedPause has what other POPs say be heeded ten times a second at most, however often they say it.
const heedPause = 100 * time.Millisecond

// wait waits until there is something to judge; false: until ctx ends.
func (c *checks) wait(ctx context.Context, tick <-chan time.Time) bool {
	select {
	case <-tick:
	case <-c.watcher.Changed():
	case <-c.news:
		select {
		case <-time.After(heedPause):
		case <-ctx.Done():
		}
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// wake has the rule be asked.
func (c *checks) wake() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

// follow looks at the POPs of a generation from now on.
func (c *checks) follow(g *Generation) {
	if g == c.of {
		return
	}
	c.of = g
	h := &g.Config.Health
	if c.pop.checksOthers(g) {
		spots := c.pop.spots(g)
		c.watcher.Watch(h.Interval, health.Limits{Fall: h.Fall, Rise: h.Rise}, spots)
		if now := c.pop.store.Current(); len(now.Down()) > 0 && now.DoubtTTL() != uint32(h.DoubtTTL) {
			c.pop.sendAway()
		}
		c.logWhat(g, len(spots))
		return
	}
	c.watcher.Watch(h.Interval, health.Limits{}, nil)
	if c.view.Swap(nil) != nil {
		c.pop.log.Info("the other POPs are not looked at any more", "effect", "all count as up")
		c.state, c.what = &health.State{}, ""
		c.say(&health.Votes{})
		c.pop.sendAway()
	}
}

// members are the POPs of a generation. In a cluster its members vote, else this POP alone.
func (c *checks) members(g *Generation) []health.Member {
	votes := map[string]bool{c.pop.name: true}
	if c.pop.member != nil {
		for _, said := range c.pop.member.Said() {
			votes[said.Name] = true
		}
	}
	list := g.membersOf(func(pop string) bool { return votes[pop] })
	drained := c.pop.drainage().Drains
	for i := range list {
		list[i].Drained = slices.ContainsFunc(drained, func(d drains.Drain) bool { return d.POP == list[i].Name })
	}
	return list
}

// freshTime is how long ago a POP that votes must have said something new: three exchanges and a bit.
const freshTime = 20 * time.Second

// judge asks the rule, says what this POP sees, and keeps visitors from whoever is down.
func (c *checks) judge(now time.Time) {
	c.usual.note(now, c.pop.dns.Questions())
	own := &health.Votes{Usual: c.usual.goesOn(), Restarting: c.restarting.Load(), Of: c.watcher.Votes()}
	b := &health.Ballot{Self: c.pop.name, Members: c.members(c.of), Heard: c.hear(now)}
	b.Heard[c.pop.name] = own
	next, changes := c.state.Agree(now, b)
	c.state = next
	standings := next.Standings(b.Members)
	own.Out = health.OutOf(standings)
	before := c.view.Swap(&health.View{Members: b.Members, Heard: b.Heard, State: next, Standings: standings})
	c.say(own)
	if before == nil || !slices.Equal(before.Standings, standings) {
		c.pop.sendAway()
	}
	c.tell(changes, standings)
	if len(changes) > 0 || len(next.Down()) > 0 && now.Sub(c.kept) >= keepEvery {
		c.remember(now)
	}
}

// hear gives what the other POPs see that were heard lately, and heeds what of it is new.
func (c *checks) hear(now time.Time) map[string]*health.Votes {
	all := map[string]*health.Votes{}
	if c.pop.member == nil {
		return all
	}
	for _, said := range c.pop.member.Said() {
		last := c.heard[said.Name]
		if last == nil || last.counter != said.Counter {
			votes, err := health.ParseVotes(said.Health)
			if err != nil { // of another version, or there are none: it is heard, and says nothing
				votes = &health.Votes{}
			}
			last = &heardVotes{said.Counter, votes}
			c.heard[said.Name] = last
			c.heed(said.Name, votes)
		}
		if now.Sub(said.Heard) < freshTime {
			all[said.Name] = last.votes
		}
	}
	return all
}

// heed looks at once where another POP sees a failure, and not soon at a POP that is about to be gone for a moment.
func (c *checks) heed(name string, votes *health.Votes) {
	if votes.Restarting {
		c.watcher.Restarts(name)
	}
	for pop, opinion := range votes.Of {
		for check, vote := range opinion {
			if vote.Failing {
				c.watcher.Hurry(health.Target{POP: pop, Check: check})
			}
		}
	}
}

// say says what this POP sees, at once if that is something else.
func (c *checks) say(own *health.Votes) {
	if c.pop.member != nil {
		c.pop.member.SayHealth(own.Encode(), own.Differs(c.said))
	}
	c.said = own
}

// farewell says that this POP is about to be gone, perhaps for a moment only.
func (c *checks) farewell(ctx context.Context) {
	c.restarting.Store(true)
	own := health.Votes{Restarting: true}
	if view := c.view.Load(); view != nil && view.Heard[c.pop.name] != nil {
		own = *view.Heard[c.pop.name]
		own.Restarting = true
	}
	c.pop.member.SayHealth(own.Encode(), false)
	c.pop.member.Ask(ctx)
}

// keepEvery is how often it is written down that some are down: what was so ten minutes ago is not believed.
const keepEvery = time.Minute

// remember writes down what is agreed.
func (c *checks) remember(now time.Time) {
	if c.memory == "" || c.view.Load() == nil {
		return
	}
	c.kept = now
	if err := state.Write(c.memory, c.state.Marshal(now)); err != nil {
		c.pop.log.Warn("it cannot be kept which POPs are down", "path", c.memory, "error", err, "effect", "after a restart all are up until they have been looked at")
	}
}
