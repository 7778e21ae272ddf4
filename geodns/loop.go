package geodns

// A Loop is what answers queries in one goroutine at a time, and what it knows of its server.
type Loop struct {
	answer  Answerer
	udpSize int      // the most octets of a reply over UDP; 0: the default
	cookies *cookies // of all loops; nil: none are made
	clock   clock
}

func (s *Server) newLoop(newAnswerer func(*Loop) Answerer) *Loop {
	l := &Loop{udpSize: s.config.UDPSize, cookies: s.cookies}
	l.answer = newAnswerer(l)
	return l
}

// begin says that queries have come.
func (l *Loop) begin() { l.clock.read = false }
