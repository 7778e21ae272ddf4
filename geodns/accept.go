package geodns

import (
	"errors"
	"net"
	"sync"
	"syscall"
)

// serveTCP accepts clients and starts a goroutine of work for each, until l is closed.
func (s *Server) serveTCP(l *net.TCPListener, work *sync.WaitGroup) {
	failures := backoff{}
	for {
		conn, err := l.AcceptTCP()
		switch {
		case err == nil:
			failures.end()
			s.welcome(conn, work)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			if failures.news() {
				s.log.Warn("cannot accept TCP clients", "address", l.Addr(), "error", err)
			}
			if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
				s.clients.shedIdlest() // gives a descriptor back
			}
			failures.wait()
		}
	}
}

// welcome admits a client, at the cost of the idlest one if need be, or turns it away.
func (s *Server) welcome(conn *net.TCPConn, work *sync.WaitGroup) {
	c, err := newStream(s, conn)
	if err != nil || !s.clients.admit(c) {
		reset(conn)
		return
	}
	work.Go(c.serve)
}
