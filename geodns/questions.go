package geodns

import "tinycdn/geodns/wire"

// Questions counts those that have come over UDP since the start, but for those that ask for an SOA: what resolvers ask, and not who
// looks whether this server is well. Anybody may ask.
func (s *Server) Questions() (sum uint64) {
	soa := kindOfType(wire.TypeSOA)
	s.eachLoop(func(l *Loop, tcp bool) {
		if tcp {
			return
		}
		for subnet := range l.counts.asked { // first: no question is noted before it is counted
			for rcode := range l.counts.asked[subnet][soa] {
				sum -= l.counts.asked[subnet][soa][rcode].Load()
			}
		}
		sum += l.counts.questions.Load()
	})
	return sum
}
