package origin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// health is whether the application can be reached.
type health struct {
	outage atomic.Pointer[outage] // nil: it can
}

type outage struct {
	since, last time.Time
	err         error
}

const (
	// backOffTime is how long an application that fails is not asked again for what can be served stale.
	backOffTime = time.Second
	// outageGrace is how long an outage may last before this POP says that it cannot serve: a restart is none.
	outageGrace = 15 * time.Second
	// probeTime is between two attempts during an outage.
	probeTime = 5 * time.Second
)

// note takes in what came of an attempt, and gives the outage that began or ended with it. Only a connection that cannot be
// made counts: one that breaks, or on which no answer comes, may be due to a single page.
func (h *health) note(err error, now time.Time) (began, ended *outage) {
	last := h.outage.Load()
	switch {
	case err == nil:
		if last != nil && h.outage.CompareAndSwap(last, nil) {
			return nil, last
		}
	case !unreachable(err):
	case last == nil:
		if next := (&outage{now, now, err}); h.outage.CompareAndSwap(nil, next) {
			return next, nil
		}
	default:
		h.outage.CompareAndSwap(last, &outage{last.since, now, err})
	}
	return nil, nil
}

// unreachable says whether an error tells that no connection can be made; not that the visitor left, or that we end.
func unreachable(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" && !errors.Is(err, context.Canceled)
}

// backingOff says whether the application could not be reached just now.
func (h *health) backingOff(now time.Time) bool {
	t := h.outage.Load()
	return t != nil && now.Sub(t.last) < backOffTime
}

// Health is nil if the application could be reached lately, else why it could not.
func (s *Site) Health() error {
	if t := s.health.outage.Load(); t != nil && time.Since(t.since) > outageGrace {
		return fmt.Errorf("%s: the origin %s cannot be reached: %w", s.config.Name, s.place(), t.err)
	}
	return nil
}

// Run looks, while the application cannot be reached, whether it can be again: visitors who could tell us may have been
// sent to other POPs. It returns when ctx ends.
func (s *Site) Run(ctx context.Context) {
	ticks := time.NewTicker(probeTime)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			if s.health.outage.Load() != nil {
				s.noteReached(s.dial(ctx), time.Now())
			}
		}
	}
}

func (s *Site) dial(ctx context.Context) error {
	port := s.config.URL.Port()
	if port == "" {
		port = s.config.URL.Scheme // its name is known: "http", "https"
	}
	network, address := "tcp", net.JoinHostPort(s.config.URL.Hostname(), port)
	if s.config.Socket != "" {
		network, address = "unix", s.config.Socket
	}
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, network, address)
	if err != nil {
		return err
	}
	return conn.Close()
}
