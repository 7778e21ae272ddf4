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
			failures.reset()
			s.admit(conn, work)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			if failures.shouldLog() {
				s.log.Warn("cannot accept TCP clients", "address", l.Addr(), "error", err)
			}
			if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
				s.clients.closeIdlest()
			}
			failures.wait()
		}
	}
}

// admit takes a client in, at the cost of the idlest one if need be, or resets its connection.
func (s *Server) admit(conn *net.TCPConn, work *sync.WaitGroup) {
	c, err := newStream(s, conn)
	if err != nil || !s.clients.admit(c) {
		reset(conn)
		return
	}
	work.Go(c.serve)
}
