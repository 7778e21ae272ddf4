package pop

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geoip/inet"
)

// standsIn says whether this process only answers until another has become the new program.
func (p *POP) standsIn() bool {
	return p.restarts.by != nil && p.restarts.by.Role == system.StandInRole
}

// inherit takes over what the process before has left.
func (p *POP) inherit(by *system.Handover) (err error) {
	p.restarts.by, p.restarts.before = by, by.StandIn()
	if by.Role == "" {
		return nil
	}
	if by.Role == system.StandInRole {
		p.log = p.log.With("as", "stand-in")
		p.reporter.log, p.progress.log = p.log, p.log
	}
	if by.Role == system.SuccessorRole {
		p.restarts.underWay.Store(true)
		p.log.Info("the new program loads", "version", system.Version(), "standin", p.restarts.before != nil)
	}
	p.restarts.inherited, err = inet.Inherit(by.Sockets)
	return err
}

// fitToStandIn says what is wrong with a generation for a process that is to stand in: where another goes on if it does not, nothing
// may be worse than it is there. And what is not listened on any more is given back.
func (p *POP) fitToStandIn(g *Generation) error {
	gone := p.restarts.inherited.Close()
	if !p.standsIn() {
		return nil
	}
	if err := g.Err(); err != nil {
		return err
	}
	if p.restarts.by.Bound && !p.boundByNow() {
		return errors.New("an address that is new cannot be listened on (that needs a restart by the service manager)")
	}
	if len(gone) > 0 {
		return fmt.Errorf("%s: listened on until now, and to be no more (that needs a restart by the service manager)", strings.Join(gone, ", "))
	}
	return nil
}

// standIn answers until the process that has started this one has become the new program.
func (p *POP) standIn(e *ending) error {
	go func() {
		select {
		case <-p.restarts.by.Dismissed():
			e.stop()
		case <-e.ctx.Done():
		}
	}()
	p.ready.Store(true)
	p.leave() // the sockets are never its own
	p.leaving.Store(true)
	p.restarts.by.Tell(nil)
	return p.Serve(e.ctx)
}

// quicAfter is closed when another process reads no packets of QUIC any more; nil: there is none.
func (p *POP) quicAfter() <-chan struct{} {
	switch {
	case p.standsIn():
		return p.restarts.by.Replaced()
	case p.restarts.before != nil:
		return p.restarts.before.Ended()
	}
	return nil
}

// dismissStandIn has the process end that has answered for this one until now.
func (p *POP) dismissStandIn() {
	defer p.restarts.underWay.Store(false)
	if p.restarts.by.Role != system.SuccessorRole {
		return
	}
	after := time.Since(p.begin).Round(time.Millisecond)
	if standIn := p.restarts.before; standIn != nil {
		select {
		case <-standIn.Ended():
			p.log.Warn("the process that answered meanwhile has ended by itself", "effect", "questions had to wait for this one")
		default:
			standIn.Dismiss()
		}
	}
	p.log.Info("restarted", "version", system.Version(), "after", after)
}
