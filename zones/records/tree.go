package records

import "tinycdn/zones/rr"

// addEmptyNonTerminals adds the names that exist because names below them do (RFC 4592, 2.2.2).
func (s *Set) addEmptyNonTerminals(apex []byte) {
	for o := 0; o < len(s.owners); o++ {
		name := s.Name(o)
		if len(name) == len(apex) || s.Occluded(apex, o) {
			continue
		}
		s.ensure(name[name[0]+1:]) // whose own parent comes up in its turn, and which is mostly that of the name before as well
	}
}

// Occluded says whether an owner stands below a cut (RFC 2136, 7.18), where this zone has no say, only glue. An empty
// non-terminal does not: it is there for a name that does not either.
func (s *Set) Occluded(apex []byte, o int) bool {
	if s.cuts == 0 || s.owners[o].first == 0 {
		return false
	}
	_, below := s.Above(apex, s.Name(o), rr.TypeNS)
	return below
}

// Above returns the owner of a record of that type strictly above name. The NS records of the apex are no cut.
func (s *Set) Above(apex, name []byte, typ uint16) (int, bool) {
	for len(name) > len(apex) {
		name = name[name[0]+1:]
		if len(name) <= len(apex) && typ == rr.TypeNS {
			break
		}
		if o, ok := s.Find(name); ok && s.Has(o, typ) {
			return o, true
		}
	}
	return 0, false
}

// nameservers counts the NS records of a name.
func (s *Set) nameservers(name []byte) (n int) {
	o, ok := s.Find(name)
	if !ok {
		return 0
	}
	for at := s.owners[o].first; at != 0; {
		r := s.at(at)
		if r.Type == rr.TypeNS {
			n++
		}
		at = r.next
	}
	return n
}

// Has says whether an owner has a record of that type.
func (s *Set) Has(o int, typ uint16) bool {
	for at := s.owners[o].first; at != 0; {
		r := s.at(at)
		if r.Type == typ {
			return true
		}
		at = r.next
	}
	return false
}
