package zones

import "encoding/binary"

// An owed record, NSEC or NSEC3 with its signatures, is to stand in Authority once all of Answer is there: in a chain, an early hop may owe
// one.
type owed struct {
	zone *Zone
	node uint32
	typ  uint16
	name int // where its owner's name stands in the reply; 0: nowhere
	apex int // where that of the zone does
}

// maxOwed is how many a chain may owe: the last hop three, all before one for a wildcard.
const maxOwed = maxHops + 3

// owe notes a record that must follow, once.
func (l *lookup) owe(node uint32, typ uint16) { l.oweAt(node, typ, 0) }

// oweAt is owe where the owner's name stands at an offset of the reply.
func (l *lookup) oweAt(node uint32, typ uint16, name int) {
	q := l.q
	if node == 0 || q.owing == maxOwed {
		return
	}
	for i := range q.owed[:q.owing] {
		if o := &q.owed[i]; o.node == node && o.zone == l.zone {
			return
		}
	}
	q.owed[q.owing] = owed{l.zone, node, typ, name, l.owner + int(q.start[l.apex])}
	q.owing++
}

// settle appends to Authority what is owed. What does not fit is asked for again over TCP: without it, the answer would be bogus.
func (q *Question) settle(reply []byte, out *Outcome) []byte {
	for i := range q.owed[:q.owing] {
		o := &q.owed[i]
		m := &o.zone.image
		n := m.node(o.node)
		p, ok := m.answer(&n, o.typ)
		if !ok {
			continue
		}
		sigs := m.signatures(&p)
		if len(reply)+len(m.name(o.node))+len(p.body)+len(sigs.body) > q.Limit {
			out.Truncated = true
			break
		}
		reply = o.appendTo(reply, &p, &sigs)
		out.Authority += 1 + sigs.counts.Answer
	}
	clear(q.owed[:q.owing]) // or an old zone would be kept
	q.owing = 0
	return reply
}

// appendTo appends the record and its signatures.
func (o *owed) appendTo(reply []byte, p, sigs *packed) []byte {
	owner := o.name
	if owner == 0 {
		owner = len(reply)
		reply = append(o.appendName(reply), p.body[2:]...)
	} else {
		reply = append(reply, 0xc0|byte(owner>>8), byte(owner))
		reply = append(reply, p.body[2:]...)
	}
	if owner <= mostPointer {
		return sigs.appendOwned(reply, owner)
	}
	for s := sigs.body; len(s) > 0; { // too far into a long reply to be pointed to
		end := 12 + int(binary.BigEndian.Uint16(s[10:]))
		reply = append(o.appendName(reply), s[2:end]...)
		s = s[end:]
	}
	return reply
}

// appendName appends the owner's name.
func (o *owed) appendName(reply []byte) []byte {
	reply = append(reply, o.zone.image.name(o.node)...)
	if len(o.zone.Apex) == 1 {
		return append(reply, 0)
	}
	return append(reply, 0xc0|byte(o.apex>>8), byte(o.apex))
}

// mostPointer is how far into a message a compression pointer leads (RFC 1035, 4.1.4).
const mostPointer = 0x3fff

// settleBefore is settle in front of p, where that has records of Additional: all of Authority comes before them. Those that nobody asked
// for are dropped, glue is not.
func (l *lookup) settleBefore(reply []byte, p *packed, out *Outcome) []byte {
	if p.dropExtras(); p.counts.Additional == 0 {
		return reply
	}
	return l.q.settle(reply, out)
}

// mostChain is what maxPointer leaves for the records of a chain. Signatures may make it longer, over TCP; then whoever asks goes on by
// himself.
const mostChain = 16383 - maxPointer
