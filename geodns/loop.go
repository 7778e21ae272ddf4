package geodns

// A Loop is what answers queries in one goroutine at a time, and what it knows of its server.
type Loop struct {
	answer  Answerer
	udpSize int // the most octets of a reply over UDP; 0: the default
}

func (s *Server) newLoop(newAnswerer func(*Loop) Answerer) *Loop {
	l := &Loop{udpSize: s.config.UDPSize}
	l.answer = newAnswerer(l)
	return l
}
