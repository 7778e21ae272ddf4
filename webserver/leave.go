package webserver

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"time"

	"tinycdn/geoip/inet"
)

const (
	// leaveLinger is how long a visitor's connection without a request is kept by a server that leaves: its handshake, or a
	// request, may be on its way around the world.
	leaveLinger = 2 * time.Second
	// leaveQUIC is how long visitors over HTTP/3 have then for what they are getting: nobody takes new ones meanwhile.
	leaveQUIC = time.Second
)

// Duplicate gives another descriptor of each socket, for another process to inherit.
func (s *Server) Duplicate() (fds []int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	add := func(fd int, failed error) {
		if failed == nil {
			fds = append(fds, fd)
		} else {
			err = errors.Join(err, failed)
		}
	}
	for _, side := range s.sides() {
		for _, l := range side.listeners {
			add(inet.Duplicate(l.(syscall.Conn)))
		}
	}
	for _, q := range s.quic {
		add(inet.Duplicate(q.socket.(syscall.Conn)))
	}
	return fds, err
}

// Leave is for a server whose sockets another process has too, which accepts new visitors: when Serve ends, those who have come
// here are still answered.
func (s *Server) Leave() { s.shared.Store(true) }

// handOver waits for the visitors until ctx ends. Those over HTTP/3 are served until the others have gone: the packets of all of them
// come to one socket, which only one process can read from.
func (s *Server) handOver(ctx context.Context, sides []*side) {
	defer time.AfterFunc(leaveLinger, s.leave).Stop() // until then the rest of a request may be on its way
	for _, side := range sides {
		side.closeListeners()
	}
	var farewells sync.WaitGroup
	for _, side := range sides {
		farewells.Go(func() {
			side.accepting.Wait() // whoever was accepted at the last moment is a visitor
			side.stop(ctx, leaveLinger)
		})
	}
	farewells.Wait()
	if len(s.quic) == 0 {
		return
	}
	last, enough := context.WithTimeout(context.WithoutCancel(ctx), leaveQUIC)
	defer enough()
	for _, q := range s.quic {
		farewells.Go(func() { q.leave(last) })
	}
	farewells.Wait()
}
