package geodns

import (
	"errors"
	"net"
	"time"

	"tinycdn/geodns/mmsg"
)

// serveUDP answers on one socket until it is stopped. It may fail for as long as it likes: what ends a server for lack of
// memory does not bring memory back.
func (s *Server) serveUDP(conn mmsg.Conn, loop *Loop) {
	failures, local := backoff{}, conn.LocalAddr()
	for {
		packets, err := conn.Receive()
		switch {
		case err == nil:
			failures.reset()
			begin := loop.counts.start()
			if loop.log != nil {
				loop.log.Begin()
			}
			loop.answerPackets(packets)
			conn.Send() // an answer that cannot be sent is lost; the client asks again
			loop.counts.end(begin, len(packets))
			if loop.log != nil {
				loop.logPackets(packets, local)
			}
		case errors.Is(err, net.ErrClosed):
			return
		default:
			if failures.shouldLog() {
				s.log.Warn("cannot receive", "address", local, "error", err)
			}
			s.receiving.failed(time.Now())
			failures.wait()
		}
	}
}

func (l *Loop) answerPackets(packets []mmsg.Packet) {
	l.begin(len(packets))
	l.answer.RespondAll(packets)
}
