package geodns

import (
	"time"

	"tinycdn/geoip/inet"
)

const (
	// leaveIdle is how long a TCP client may be silent once its server leaves: a query may be on its way around the world.
	leaveIdle = 2 * time.Second
	// leaveGrace is how long TCP clients that go on asking keep such a server from ending.
	leaveGrace = 10 * time.Second
)

// Duplicate gives another descriptor of each socket, for another process to inherit.
func (s *Server) Duplicate() (fds []int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	add := func(fd int, failed error) {
		if failed == nil {
			fds = append(fds, fd)
		} else {
			err = failed
		}
	}
	for _, l := range s.listeners {
		add(inet.Duplicate(l.tcp))
		for _, conn := range l.udp {
			add(conn.Duplicate())
		}
	}
	return fds, err
}

// Leave is for a server whose sockets another process has too, which answers on them: when Serve ends, what waits there is that
// one's, and TCP clients are answered until they have been silent for a moment.
func (s *Server) Leave() { s.leaving.Store(true) }

// idleTime is how long a TCP client may be silent.
func (s *Server) idleTime() time.Duration {
	if s.clients.leaving.Load() {
		return min(leaveIdle, s.config.IdleTime)
	}
	return s.config.IdleTime
}

// endListening stops the work on the sockets, and gives how long TCP clients may go on.
func (s *Server) endListening() (grace time.Duration) {
	leaving := s.leaving.Load()
	for _, l := range s.listeners {
		for _, conn := range l.udp {
			if leaving {
				conn.Leave()
			} else {
				conn.Stop()
			}
		}
		l.tcp.Close()
	}
	if leaving {
		s.clients.leave(min(leaveIdle, s.config.IdleTime))
		return leaveGrace
	}
	return 0
}

// leave lets those who ask go on asking; whoever has been silent for so long is gone.
func (t *clientTable) leave(idle time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leaving.Store(true)
	for e := t.byIdleness.Front(); e != nil; e = e.Next() {
		e.Value.(*stream).conn.SetReadDeadline(time.Now().Add(idle))
	}
}
