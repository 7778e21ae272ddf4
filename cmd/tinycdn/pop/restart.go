package pop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geoip/inet"
)

// restarts is what a POP knows of restarts without silence: the one that it came by, and the one that it is asked for.
type restarts struct {
	program   string           // the path of what is to be run
	by        *system.Handover // what this process got from the one before
	inherited *inet.Sockets    // of it; nil: none
	before    *system.StandIn  // that has answered for this process; nil: none
	signals   chan os.Signal   // that ask for one
	asked     chan chan error  // somebody asks, who wants to know what comes of it

	underWay atomic.Bool     // somebody must wait before he asks for another
	begun    bool            // this process makes way for its successor: all below is settled
	next     system.Handover // for it
	standIn  *system.StandIn // that answers until then; nil: there is no room for one
}

// obey restarts whenever it is asked for, until ctx ends. Leave ends the serving then, and has the process replaced.
func (p *POP) obey(ctx context.Context, leave func()) {
	for {
		var tell chan error
		select {
		case <-ctx.Done():
			return
		case <-p.restarts.signals:
		case tell = <-p.restarts.asked:
		}
		p.restarts.underWay.Store(true)
		err := p.prepareRestart(ctx)
		if err != nil && ctx.Err() == nil {
			p.log.Error(fmt.Sprintf("there is no restart: %v", err), "effect", "this process goes on as if nothing had been")
			if p.ready.Load() {
				p.manager.Ready(p.served.Load().status())
			}
		}
		if tell != nil {
			tell <- err
		}
		if err == nil {
			leave()
			return
		}
		p.restarts.underWay.Store(false)
	}
}

// prepareRestart starts a stand-in, and waits until it answers.
func (p *POP) prepareRestart(ctx context.Context) (err error) {
	r := &p.restarts
	p.log.Info("restarting: the program on disk loads beside what is served", "program", r.program)
	if p.ready.Load() {
		p.manager.Reloading()
	}
	if p.member != nil {
		goOn := p.member.Rest()
		defer func() {
			if err != nil {
				goOn()
			}
		}()
	}
	if r.next.Sockets, err = p.duplicates(); err == nil {
		err = p.startStandIn(ctx)
	}
	if err != nil {
		r.standIn = nil
		for _, fd := range r.next.Sockets {
			syscall.Close(fd)
		}
		return err
	}
	r.next.Sockets = append(r.next.Sockets, p.admins.duplicates()...) // a stand-in has no use for them: who asks there waits for the successor
	r.begun = true
	p.leaving.Store(true)
	p.leave()
	return nil
}

// startStandIn starts a stand-in, if there is the memory for it, and waits until it answers.
func (p *POP) startStandIn(ctx context.Context) (err error) {
	r := &p.restarts
	r.next.Bound, r.next.Secrets, r.next.Shown = p.boundByNow(), p.dns.CookieSecrets(), p.handOverProofs()
	if takes, left, is := system.RoomForAnother(); !is {
		p.log.Warn("there is no memory for a second process meanwhile", "takes", takes, "left", max(left, 0), "effect", "questions and visitors wait until the new program has loaded")
		return nil
	}
	if r.standIn, err = system.StartStandIn(r.program, r.next); err != nil {
		return err
	}
	return r.standIn.Await(ctx)
}

// boundByNow says whether no address waits to be bound.
func (p *POP) boundByNow() bool { return p.withPages() && p.AllBound() }

// duplicates are descriptors of all sockets, for another process.
func (p *POP) duplicates() ([]int, error) {
	fds, err := p.dns.Duplicate()
	if p.withPages() {
		more, failed := p.web.Duplicate()
		fds, err = append(fds, more...), errors.Join(err, failed)
	}
	if p.member != nil {
		more, failed := p.member.doors.duplicates()
		fds, err = append(fds, more...), errors.Join(err, failed)
	}
	return fds, err
}

// leave has the sockets stay as they are when serving ends.
func (p *POP) leave() {
	p.dns.Leave()
	p.admins.leave()
	if p.withPages() {
		p.web.Leave()
	}
}

// withPages says whether there is a page server by now. Until then only who adopts may look for it.
func (p *POP) withPages() bool {
	select {
	case <-p.hasPages:
		return true
	default:
		return false
	}
}

// finishRestart is for a process that serves no more: it becomes its successor, unless it was to end meanwhile.
func (p *POP) finishRestart(e *ending) error {
	r := &p.restarts
	if e.asked() {
		if r.standIn != nil {
			r.standIn.Dismiss()
		}
		p.admins.remove()
		return nil
	}
	if r.standIn != nil {
		r.standIn.TakeQUIC()
	}
	return system.Become(r.program, r.next, r.standIn)
}

// tellVersion tells admins which program runs, unless it is about to be another.
func (p *POP) tellVersion(w http.ResponseWriter, _ *http.Request) {
	if p.restarts.underWay.Load() {
		http.Error(w, underWay, http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, system.Version())
}

const underWay = "a restart is under way"

// restart is asked for by the owner of the cluster.
func (m *member) restart(ctx context.Context) error {
	p := m.pop.Load()
	if p == nil {
		return errNothingServed
	}
	if p.restarts.underWay.Load() {
		return errors.New(underWay)
	}
	tell := make(chan error, 1)
	select {
	case p.restarts.asked <- tell:
		return <-tell
	case <-ctx.Done():
		return ctx.Err()
	}
}

// askForRestart answers as soon as it is certain what comes of a restart.
func (p *POP) askForRestart(w http.ResponseWriter, r *http.Request) {
	if p.restarts.underWay.Load() {
		http.Error(w, underWay, http.StatusServiceUnavailable)
		return
	}
	http.NewResponseController(w).SetWriteDeadline(time.Time{}) // it takes as long as loading does
	tell := make(chan error, 1)
	select {
	case p.restarts.asked <- tell:
	case <-r.Context().Done():
		return
	}
	if err := <-tell; err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	} else {
		w.WriteHeader(http.StatusAccepted)
	}
}
