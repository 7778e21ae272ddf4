package geodns

import (
	"sync/atomic"
	"time"

	"tinycdn/geodns/mmsg"
	"tinycdn/geodns/rrl"
)

// A Loop is what answers queries in one goroutine at a time, and what it knows of its server.
type Loop struct {
	answer  Answerer
	udpSize int          // the most octets of a reply over UDP; 0: the default
	cookies *cookies     // of all loops; nil: none are made
	limiter *rrl.Limiter // nil: nothing is limited, as over TCP
	clock   clock

	badCookies uint8 // BADCOOKIEs longer than their query, and what was sent in place of one
	counts     struct{ truncated, badCookie, silent atomic.Uint64 }
}

// newLoop makes a loop for UDP with its socket, or one for TCP.
func (s *Server) newLoop(newAnswerer func(*Loop) Answerer, conn mmsg.Conn) *Loop {
	l := &Loop{udpSize: s.config.UDPSize, cookies: s.cookies}
	if conn != nil && s.config.RRL.On {
		l.limiter = s.newLimiter(conn)
	}
	l.answer = newAnswerer(l)
	return l
}

// newLimiter makes the limiter of a UDP socket. Whoever asks may be spread over all sockets of its family.
func (s *Server) newLimiter(conn mmsg.Conn) *rrl.Limiter {
	c := s.config.RRL
	limits := rrl.Limits{Rate: c.Rate, Slip: c.Slip, Exempt: c.Exempt}
	for _, other := range s.udp {
		if other.LocalAddr().Addr().Is4() == conn.LocalAddr().Addr().Is4() {
			limits.Loops++
		}
	}
	began := time.Now()
	return rrl.New(limits, &s.meter, func() time.Duration { return time.Since(began) }, s.offenders.tell)
}

// begin says that n queries have come.
func (l *Loop) begin(n int) {
	l.clock.read = false
	if l.limiter != nil {
		l.limiter.Batch(n)
	}
}
