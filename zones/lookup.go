package zones

import "tinycdn/zones/rr"

// Enclosing is the innermost zone that a name, in wire form and lower case, is in; nil: it is in none of ours.
func (s *Snapshot) Enclosing(name []byte) (apex []byte, z *Zone) {
	for {
		if e := s.zones[string(name)]; e != nil {
			return e.apex, e.zone
		}
		if len(name) == 1 {
			return nil, nil
		}
		name = name[1+name[0]:]
	}
}

// Data are the data of the records of a type that a question for a name is answered with, for who looks up and does not ask. Names in
// it are whole, in lower case where case tells no records apart. There are none below a delegation.
func (s *Snapshot) Data(name []byte, typ uint16) (all [][]byte) {
	q := Question{Name: new([rr.MaxName + 9]byte), NameLen: len(name), Type: typ, Limit: maxMessage}
	copy(q.Name[:], name)
	reply := append(append(make([]byte, nameAt, 512), name...), byte(typ>>8), byte(typ), 0, 1)
	at := len(reply)
	reply, out := s.Answer(reply, &q)
	for range out.Answer {
		is, data, end, err := readTyped(reply, at)
		if err != nil {
			return all
		}
		if is == typ {
			all = append(all, []byte(data))
		}
		at = end
	}
	return all
}

// Spot says where a name is that somebody wants to lay a record at.
type Spot struct {
	Apex      []byte // of the innermost zone of ours that it is in; nil: none
	Delegated bool   // the zone delegates it away
	Alias     []byte // where its own CNAME leads, in lower case; nil: it has none
}

// Locate says where a name is, in wire form and lower case.
func (s *Snapshot) Locate(name []byte) (p Spot) {
	apex, z := s.Enclosing(name)
	if p.Apex = apex; z == nil {
		return p
	}
	for at := name; ; at = at[1+at[0]:] {
		found, there := z.image.find(rr.HashName(at), at[:len(at)-len(apex)])
		if there {
			n := z.image.node(found)
			p.Delegated = p.Delegated || n.flags&isCut != 0
			if n.flags&isAlias != 0 && len(at) == len(name) {
				alias, _ := z.image.answer(&n, rr.TypeCNAME)
				p.Alias = rr.Lowered(alias.body[12:])
			}
		}
		if len(at) == len(apex) {
			return p
		}
	}
}

// Data is that of a snapshot with no other zone.
func (z *Zone) Data(name []byte, typ uint16) [][]byte {
	return newSnapshot(map[string]*zoneEntry{string(z.Apex): {apex: z.Apex, zone: z}}, nil, &downs{}).Data(name, typ)
}
