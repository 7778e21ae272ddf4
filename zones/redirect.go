package zones

import (
	"encoding/binary"

	"tinycdn/zones/rr"
)

// redirect answers for a name below the DNAME of n, which is the name from label k on: with that
// record, and the CNAME that follows from it (RFC 6672, 3.1).
func (l *lookup) redirect(reply []byte, n *node, k int, out *Outcome) []byte {
	q := l.q
	p, _ := l.zone.image.answer(n, rr.TypeDNAME)
	start := int(q.start[k])
	target := p.body[12:]
	isNew := !l.redirected(reply, q.Name[start:q.NameLen])
	size := 12 + start + len(target) // of the CNAME
	if start+len(target) > rr.MaxName {
		size = 0
	}
	var sigs packed
	if isNew {
		if l.secure {
			sigs = l.zone.image.signatures(&p)
		}
		size += len(p.body) + len(sigs.body)
	}
	if len(reply)+size > q.Limit {
		out.Truncated = true
		return reply
	}
	if isNew {
		// The DNAME's owner is the end of the name asked for.
		reply = p.appendTo(reply, l.owner+start, l.owner+start, q.NameLen-start)
		reply = sigs.appendOwned(reply, l.owner+start)
		out.Answer += 1 + sigs.counts.Answer
	}
	if start+len(target) > rr.MaxName {
		out.Rcode = yxDomain
		return reply
	}
	reply = append(reply, 0xc0|byte(l.owner>>8), byte(l.owner), 0, rr.TypeCNAME, 0, 1)
	reply = append(reply, p.body[6:10]...) // the TTL
	reply = binary.BigEndian.AppendUint16(reply, uint16(start+len(target)))
	if q.Type != rr.TypeCNAME && q.Type != rr.TypeANY { // else that record is what was asked for
		l.next = len(reply)
	}
	reply = append(reply, q.Name[:start]...)
	reply = append(reply, target...)
	out.Answer++
	return reply
}

// redirected says whether the chain has led past the DNAME of that name: no RRset stands in an answer twice
// (RFC 2181, 5). A DNAME's owner is a pointer to the end of a name that stands in one piece.
func (l *lookup) redirected(reply, owner []byte) bool {
	for r := l.chain; r < len(reply); r += 12 + int(binary.BigEndian.Uint16(reply[r+10:])) {
		if reply[r+3] == rr.TypeDNAME && rr.SameName(reply[binary.BigEndian.Uint16(reply[r:])&0x3fff:], owner) {
			return true
		}
	}
	return false
}
