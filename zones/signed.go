package zones

import (
	"encoding/binary"

	"tinycdn/zones/rr"
)

// answerSigned is answer in a signed zone. Who wants DNSSEC gets signatures behind records, and what shows that nothing else is there.
func (l *lookup) answerSigned(reply []byte, n *node, k int, out *Outcome) []byte {
	out.Authoritative = true
	if l.secure && out.Expires == 0 {
		out.Expires = l.zone.denials.expires
	}
	switch {
	case k == 0:
		from := 0
		if l.q.Name[0] == 1 && l.q.Name[1] == '*' && l.apex > 0 {
			from = 1
		}
		reply = l.answerSet(reply, n, from, out)
		if l.secure && l.denied {
			l.proveNoData(n)
		}
	case n.flags&isDNAME != 0:
		reply = l.redirect(reply, n, k, out)
	case n.flags&hasWildcard != 0:
		star := l.zone.image.node(n.wildcard)
		reply = l.answerSet(reply, &star, k, out)
		if l.secure && !out.Truncated {
			l.proveWildcard(n, &star, k)
		}
	default:
		out.Rcode = nxDomain
		reply = l.deny(reply, out)
		if l.secure {
			l.proveNoName(n, k)
		}
	}
	return reply
}

// answerSet is answerNode, and answers what only a signed zone is asked.
func (l *lookup) answerSet(reply []byte, n *node, from int, out *Outcome) []byte {
	m := &l.zone.image
	switch {
	case l.q.Type == rr.TypeRRSIG && n.answers > 0:
		return l.appendSignatures(reply, n, out)
	case l.q.Type == rr.TypeANY && l.secure && n.answers > 0 && n.flags&isAlias == 0:
		// A made-up HINFO cannot be signed: one set of those that there are (RFC 8482, 4.1).
		if p, ok := m.answer(n, binary.LittleEndian.Uint16(m.octets[n.extra:])); ok {
			return l.appendSigned(reply, &p, from, out)
		}
	}
	return l.answerNode(reply, n, from, out)
}

// signatures returns those of an answer, which stand behind it.
func (m *image) signatures(p *packed) (s packed) {
	a := m.octets[p.end:]
	if len(a) >= answerHeader && binary.LittleEndian.Uint16(a) == rr.TypeRRSIG {
		s.counts.Answer = binary.LittleEndian.Uint16(a[6:])
		s.body = a[answerHeader:][:binary.LittleEndian.Uint16(a[2:])]
	}
	return s
}

// appendSigned appends p, which was packed for the name from label from on, with its signatures and without what nobody asked for.
func (l *lookup) appendSigned(reply []byte, p *packed, from int, out *Outcome) []byte {
	sigs := l.zone.image.signatures(p)
	p.dropExtras()
	if len(reply)+len(p.body)+len(sigs.body) > l.q.Limit {
		out.Truncated = true
		return reply
	}
	out.Answer += p.counts.Answer + sigs.counts.Answer
	start := int(l.q.start[from])
	reply = p.appendTo(reply, l.owner, l.owner+start, l.q.NameLen-start)
	return sigs.appendOwned(reply, l.owner)
}

// appendSignatures answers a question for signatures with all that a name has.
func (l *lookup) appendSignatures(reply []byte, n *node, out *Outcome) []byte {
	first, count := len(reply), uint16(0)
	at := n.extra
	for k := n.answers; k > 0; k-- {
		a := l.zone.image.octets[at:]
		size, relocations := binary.LittleEndian.Uint16(a[2:]), binary.LittleEndian.Uint16(a[4:])
		if binary.LittleEndian.Uint16(a) == rr.TypeRRSIG {
			if len(reply)+int(size) > l.q.Limit {
				out.Truncated = true
				return reply[:first]
			}
			s := packed{body: a[answerHeader:][:size], counts: Counts{Answer: binary.LittleEndian.Uint16(a[6:])}}
			reply = s.appendOwned(reply, l.owner)
			count += s.counts.Answer
		}
		at += answerHeader + uint32(size) + 2*uint32(relocations)
	}
	out.Answer += count
	return reply
}

// appendOwned appends records that have no pointers but to their owner, whose name stands at offset owner.
func (p *packed) appendOwned(reply []byte, owner int) []byte {
	base := len(reply)
	reply = append(reply, p.body...)
	if owner != nameAt {
		setOwners(reply[base:], int(p.counts.Answer), owner)
	}
	return reply
}
