package geodns

import (
	"errors"
	"fmt"
	"net"
	"runtime"

	"tinycdn/geodns/mmsg"
	"tinycdn/geoip"
)

// serveUDP answers on one socket until it is stopped, or fails again and again.
func (s *Server) serveUDP(conn mmsg.Conn, loop *Loop) error {
	runtime.LockOSThread() // the loop keeps its core's caches
	defer runtime.UnlockOSThread()
	failures := backoff{}
	for {
		packets, err := conn.Receive()
		switch {
		case err == nil:
			failures.reset()
			loop.answerPackets(packets)
			conn.Send() // an answer that cannot be sent is lost; the client asks again
		case errors.Is(err, net.ErrClosed):
			return nil
		case failures.count == maxFailures:
			return fmt.Errorf("receive on %s: %w", conn.LocalAddr(), err)
		default:
			if failures.shouldLog() {
				s.log.Warn("cannot receive", "address", conn.LocalAddr(), "error", err)
			}
			failures.wait()
		}
	}
}

func (l *Loop) answerPackets(packets []mmsg.Packet) {
	l.begin(len(packets))
	for i := range packets {
		p := &packets[i]
		p.Reply = l.answer(p.Reply, p.Query, geoip.BlockOfAddr(p.Client), false)
	}
}
