package geodns

import "tinycdn/geodns/wire"

// noteType notes what is asked for.
func (l *Loop) noteType(typ uint16) {
	if typ == wire.TypeSOA {
		l.counts.soa.Add(1)
	}
}

// Questions counts those that have come over UDP since the start, but for those that ask for an SOA: what resolvers ask, and not who
// looks whether this server is well. Anybody may ask.
func (s *Server) Questions() (sum uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, bound := range s.listeners {
		for _, l := range bound.loops {
			soa := l.counts.soa.Load() // first: no question is noted before it is counted
			sum += l.counts.questions.Load() - soa
		}
	}
	return sum
}
