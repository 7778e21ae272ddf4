package geodns

import (
	"sync/atomic"
	"time"

	"tinycdn/geodns/mmsg"
	"tinycdn/geodns/querylog"
	"tinycdn/geodns/rrl"
	"tinycdn/geoip"
)

// A Loop is what answers queries in one goroutine at a time, and what it knows of its server.
type Loop struct {
	answer  Answerer
	udpSize int          // the most octets of a reply over UDP; 0: the default
	cookies *cookies     // of all loops; nil: none are made
	limiter *rrl.Limiter // nil: nothing is limited, as over TCP
	clock   clock
	country func(geoip.Block) uint8 // nil: nobody is placed
	names   atomic.Pointer[names]   // nil: names are not counted

	log *querylog.Ring // nil: nothing is written down

	badCookies uint8 // BADCOOKIEs longer than their query, and what was sent in place of one
	counts     counts
}

// newLoop makes a loop for UDP with its socket, one of so many for its address, or one for TCP. The caller holds mu once there is a server.
func (s *Server) newLoop(conn mmsg.Conn, sockets int) *Loop {
	l := &Loop{udpSize: s.config.UDPSize, cookies: s.cookies, country: s.config.Country}
	if conn != nil && s.config.RRL.On {
		l.limiter = s.newLimiter(sockets * s.addresses(conn.LocalAddr().Addr().Is4()))
	}
	if s.queries != nil {
		l.log = s.queries.NewRing()
	}
	if s.naming {
		l.names.Store(new(names))
	}
	l.answer = s.newAnswerer(l)
	return l
}

// addresses counts those of a family that are to be listened on, be they bound by now or not.
func (s *Server) addresses(is4 bool) (n int) {
	for _, listen := range s.config.Listen {
		addrs, _ := parseListen(listen)
		for _, addr := range addrs {
			if addr.Addr().Is4() == is4 {
				n++
			}
		}
	}
	return n
}

// newLimiter makes the limiter of a UDP socket. Whoever asks may be spread over all so many sockets of its family.
func (s *Server) newLimiter(sockets int) *rrl.Limiter {
	c := s.config.RRL
	limits := rrl.Limits{Rate: c.Rate, Slip: c.Slip, Exempt: c.Exempt, Loops: sockets}
	began := time.Now()
	return rrl.New(limits, &s.meter, func() time.Duration { return time.Since(began) }, s.offenders.tell)
}

// begin says that n queries have come.
func (l *Loop) begin(n int) {
	l.clock.read = false
	l.counts.questions.Add(uint64(n))
	if l.limiter != nil {
		l.limiter.Batch(n)
	}
}
