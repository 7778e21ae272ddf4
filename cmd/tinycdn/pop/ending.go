package pop

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	"tinycdn/cmd/tinycdn/system"
)

// ending is when a process ends, and how it has begun.
type ending struct {
	by      *system.Handover
	manager system.ServiceManager
	program string         // the path of what a restart is to run
	restart chan os.Signal // asks for one

	ctx     context.Context
	stop    context.CancelFunc
	signals chan os.Signal
	once    sync.Once
	heard   atomic.Bool // a signal asks for the end

	farewell atomic.Pointer[func()] // is said then, before anything stops; nil: nothing is
}

// begun finds out how this process has begun. A successor hears signals that end it at once: somebody stands in for it, who must
// not be left alone.
func begun() (*ending, error) {
	e := &ending{signals: make(chan os.Signal, 1), restart: make(chan os.Signal, 1)}
	e.ctx, e.stop = context.WithCancel(context.Background())
	var err error
	if e.by, err = system.TakeHandover(); err != nil {
		return nil, err
	}
	if e.by.Role == system.StandInRole { // another process speaks with the service manager
		signal.Ignore(syscall.SIGUSR2)
		return e, nil
	}
	if e.by.Role == system.SuccessorRole {
		e.listen()
	}
	signal.Notify(e.restart, syscall.SIGUSR2)
	if e.program, err = system.Program(); err != nil {
		return nil, err
	}
	e.manager, err = system.NewServiceManager()
	if e.by.Role == system.SuccessorRole {
		err = nil // it has begun well, and must not end for want of anybody to tell
	}
	return e, err
}

// listen hears SIGTERM and SIGINT from now on; the second of them ends the process at once.
func (e *ending) listen() {
	e.once.Do(func() {
		signal.Notify(e.signals, syscall.SIGTERM, syscall.SIGINT)
		go func() {
			<-e.signals
			e.heard.Store(true)
			signal.Reset(syscall.SIGTERM, syscall.SIGINT)
			if say := e.farewell.Load(); say != nil {
				(*say)()
			}
			e.stop()
		}()
	})
}

// asked says whether a signal asked for the end. A later one ends the process at once.
func (e *ending) asked() bool {
	signal.Reset(syscall.SIGTERM, syscall.SIGINT) // none is on its way to us then
	return e.heard.Load() || len(e.signals) > 0
}

// failed is for a start that has come to nothing. That of a stand-in is nobody's business but of the process that goes on.
func (e *ending) failed(err error) error {
	if e.by.Role != system.StandInRole {
		return err
	}
	e.by.Tell(err)
	return nil
}
