package pop

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones/health"
)

// takeOver is how long another POP must be the one that should order before it does: longer than an order takes, and than a restart.
const takeOver = 10 * time.Minute

// beginTime is how long it is waited for the first POP where none has ordered yet: until who is there was heard (freshTime), and some more.
const beginTime = 30 * time.Second

// succession is who of a cluster orders certificates. There is no lock: who is wrong about it orders once too often.
type succession struct {
	orderer string    // "": not known yet
	next    string    // who should; "": the orderer
	since   time.Time // that one should; and before, that it is asked who orders
}

// candidate is a POP that might order, in the order of the configuration.
type candidate struct {
	name  string
	well  bool   // it is up, not drained and not behind
	heard bool   // lately, or it is this one
	says  string // who orders, as it has it; "": it says nothing, or was not heard lately
}

// judge says who orders from now on; "": it is not known yet.
func (s *succession) judge(now time.Time, self string, all []candidate) string {
	if s.orderer == "" {
		s.begin(now, self, all)
	}
	if s.orderer == "" || len(all) == 0 {
		return ""
	}
	should := s.orderer
	if i := slices.IndexFunc(all, func(c candidate) bool { return c.well }); i >= 0 {
		should = all[i].name
	}
	isThere := slices.ContainsFunc(all, func(c candidate) bool { return c.name == s.orderer })
	switch {
	case !isThere: // it is none of us any more
		s.orderer, s.next = should, ""
	case should == s.orderer:
		s.next = ""
	case should != s.next || now.Before(s.since): // the second: the clock was set
		s.next, s.since = should, now
	case now.Sub(s.since) >= takeOver:
		s.orderer, s.next = should, ""
	}
	return s.orderer
}

// begin finds out who orders. Whoever has just come asks the others; where nobody knows it is the first of all, or once that was waited for
// the first that is well: what is assumed is told to nobody, who would take it for known.
func (s *succession) begin(now time.Time, self string, all []candidate) {
	if s.since.IsZero() || now.Before(s.since) {
		s.since = now
	}
	others, first := len(all) < 2, ""
	for _, c := range all {
		others = others || c.heard && c.name != self
		if first == "" && c.well {
			first = c.name
		}
		if s.orderer == "" && c.name != self {
			s.orderer = c.says
		}
	}
	switch {
	case s.orderer != "" || len(all) == 0:
	case first == all[0].name && others, now.Sub(s.since) >= beginTime && first != "":
		s.orderer = first
	case now.Sub(s.since) >= beginTime:
		s.orderer = all[0].name
	}
}

// candidates are the POPs of the configuration that are of the cluster.
func (p *POP) candidates(c *config.Config, now time.Time) (all []candidate) {
	out := map[string]bool{}
	if view := p.checks.view.Load(); view != nil {
		for _, s := range view.Standings {
			out[s.POP] = s.Out4 || s.Out6
		}
	}
	live := p.member.Live()
	heard := map[string]cluster.Said{}
	for _, said := range p.member.Said() {
		heard[said.Name] = said
	}
	for _, pop := range c.POPs {
		one := candidate{name: pop.Name, well: !out[pop.Name] && !p.isDrained(pop.Name)}
		said, isOther := heard[pop.Name]
		switch {
		case isOther:
			isFresh := now.Sub(said.Heard) < freshTime
			one.heard, one.well = isFresh, one.well && isFresh && said.Serving >= live
			if isFresh && said.Report.Orders != nil {
				one.says = said.Report.Orders.Orderer
			}
		case pop.Name == p.name:
			one.heard, one.well = true, one.well && p.member.State().Serving.Number >= live
		default:
			continue // it is not in the roster
		}
		all = append(all, one)
	}
	return all
}

// leads says whether this POP orders for all of its cluster.
func (p *POP) leads() bool {
	o := &p.ordering
	orderer := o.succession.judge(o.clock(), p.name, p.candidates(p.served.Load().Config, time.Now()))
	if before := o.orderer.Swap(&orderer); valueOf(before) != orderer {
		p.log.Info("another POP orders certificates from now on", "pop", orderer)
		p.member.SayAtOnce()
	}
	return orderer == p.name
}

// mayBegin says whether an order may begin here: not while somebody else's is under way, nor before what others know is here.
func (p *POP) mayBegin(now time.Time) bool {
	isFresh := func(said cluster.Said) bool { return now.Sub(said.Heard) < freshTime }
	for _, said := range p.member.Said() {
		if o := said.Report.Orders; o != nil && o.Ordering != "" && isFresh(said) {
			return false
		}
	}
	return !p.member.Newer(isFresh)
}

// orderCertificates orders what this POP has to, once there is anything to be ordered, until ctx ends.
func (p *POP) orderCertificates(ctx context.Context) error {
	select {
	case <-p.ordering.begun:
	case <-ctx.Done():
		return nil
	}
	m := p.ordering.manager
	if p.member == nil {
		m.Run(ctx)
		return nil
	}
	for ctx.Err() == nil {
		if p.leads() {
			p.whileLeading(ctx, true, p.mayBegin, m.Run)
		} else {
			p.whileLeading(ctx, false, func(time.Time) bool { return true }, m.Follow)
		}
	}
	return nil
}

// judgeOrderer is how often it is asked who orders.
const judgeOrderer = time.Second

// whileLeading does something for as long as this POP leads, or does not, once it may begin.
func (p *POP) whileLeading(ctx context.Context, leads bool, may func(time.Time) bool, do func(context.Context)) {
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	begun := false
	defer func() {
		stop()
		if begun {
			<-done
		}
	}()
	tick := time.NewTicker(judgeOrderer)
	defer tick.Stop()
	for {
		if !begun && may(time.Now()) {
			begun = true
			go func() {
				defer close(done)
				do(ctx)
			}()
		}
		select {
		case <-tick.C:
			if p.leads() != leads {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// nameserverDown says whether it is agreed that nobody answers for DNS at an address.
func (p *POP) nameserverDown(a netip.Addr) bool {
	view, g := p.checks.view.Load(), p.served.Load()
	if view == nil || g == nil {
		return false
	}
	for _, pop := range g.Config.POPs {
		if slices.Contains(pop.Addresses, a) && view.State.Of(health.Target{POP: pop.Name, Check: health.DNSOver(a)}).Down {
			return true
		}
	}
	return false
}
