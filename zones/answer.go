package zones

import (
	"encoding/binary"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
)

// RCODEs that an answer can have (RFC 1035, 4.1.1; RFC 6672, 2.2).
const (
	noError  = 0
	servFail = 2
	nxDomain = 3
	refused  = 5
	yxDomain = 6
)

// maxHops bounds a chain of CNAMEs and DNAMEs. With compilation's maxPointer it also keeps every
// compression pointer of a chain's last answer within the 14 bits it has.
const maxHops = records.MaxHops

// An Outcome is what the header and the OPT record say of an answer.
type Outcome struct {
	Counts
	Rcode         uint8
	Authoritative bool
	Truncated     bool  // not all fits the limit: there is the part of the chain that does, if any
	Scope         uint8 // the SCOPE PREFIX-LENGTH of RFC 7871; 0 where the client's address did not matter
	Zone          uint8 // that the question's name is in, by its number: see Store.Counted

	// Expires is when the first signatures end of a zone that was signed elsewhere, in seconds since 1970, in an answer to who wants some.
	Expires uint32
}

// Answer appends the sections that answer q to reply, which ends with the question.
//
// It follows RFC 1034, 4.3.2: which zone, which name in it, or else what the closest encloser says:
// a referral, a DNAME, a wildcard, or that there is no such name. A CNAME leads to the same question
// for another name, as long as one of our zones has that.
func (s *Snapshot) Answer(reply []byte, q *Question) ([]byte, Outcome) {
	var out Outcome
	first := len(reply)
	owner := nameAt     // where the name of the present hop stands in reply
	var last *zoneEntry // the zone of the hop before
	q.owing = 0
	for hop := 0; ; hop++ {
		z, apex := s.place(q)
		if z != nil && q.Type == rr.TypeDS && apex == 0 && z.parent != nil {
			// RFC 4035, 3.1.4.1: DS is the parent's, even where we have both sides of the cut. But a parent that knows
			// of no cut does not deny a name that an alias elsewhere leads to.
			parent, at := z.parent, q.labels-rr.CountLabels(z.parent.apex)
			if hop == 0 || last == parent || parent.cuts(q, at) {
				z, apex = parent, at
			}
		}
		if hop > 0 && (z == nil || z.zone == nil) {
			break
		}
		if z == nil {
			out.Rcode = refused
			return reply, out
		}
		if hop == 0 {
			out.Zone = z.number
		}
		if z.zone == nil {
			out.Rcode = servFail
			return reply, out
		}
		l := lookup{q: q, zoneEntry: z, apex: apex, owner: owner, chain: first, first: hop == 0, secure: q.DO && z.zone.denials != nil}
		reply = l.answer(reply, &out)
		if l.next == 0 || hop == maxHops || out.Truncated || l.secure && len(reply) > mostChain || !q.follow(reply, l.next, first) {
			break
		}
		owner, last = l.next, z
	}
	if q.owing > 0 {
		reply = q.settle(reply, &out)
	}
	return reply, out
}

// cuts says whether the zone delegates q's name or one above it away. The zone's own name begins at label apex.
func (z *zoneEntry) cuts(q *Question, apex int) bool {
	if z.zone == nil {
		return false
	}
	n, _ := z.zone.image.closest(q, apex)
	return n.flags&isCut != 0
}

// lookup is one hop of an answer.
type lookup struct {
	q *Question
	*zoneEntry
	apex   int  // the label where the zone's name begins
	owner  int  // where the name stands in the reply
	chain  int  // where the records of the chain begin there
	first  bool // the name is the question's
	secure bool // the zone is signed, and whoever asks wants that

	denied bool // there is no such name, or it has nothing of the type
	next   int  // where the name to go on with stands in the reply; 0: this was the last hop
}

func (l *lookup) answer(reply []byte, out *Outcome) []byte {
	q, m := l.q, &l.zone.image
	n, k := m.closest(q, l.apex)
	if l.first {
		q.Owner = Owner{At: q.start[k], Hash: q.hash[k]}
	}
	if n.flags&isCut != 0 && (k > 0 || q.Type != rr.TypeDS) {
		return l.refer(reply, &n, k, out)
	}
	if l.zone.denials != nil {
		return l.answerSigned(reply, &n, k, out)
	}
	out.Authoritative = true
	if k == 0 {
		from := 0
		if q.Name[0] == 1 && q.Name[1] == '*' && l.apex > 0 {
			from = 1 // a wildcard asked for by its own name: its answers are packed for the name above
		}
		return l.answerNode(reply, &n, from, out)
	}
	if n.flags&isDNAME != 0 {
		return l.redirect(reply, &n, k, out)
	}
	if n.flags&hasWildcard != 0 {
		n = m.node(n.wildcard)
		q.Owner.Wildcard = q.Owner.Wildcard || l.first
		return l.answerNode(reply, &n, k, out)
	}
	out.Rcode = nxDomain
	return l.deny(reply, out)
}

// answerNode answers with what n has. packedFrom is the label from which on the name is the one that n's
// answers were packed for: 0, or below a wildcard that of the closest encloser.
func (l *lookup) answerNode(reply []byte, n *node, packedFrom int, out *Outcome) []byte {
	q := l.q
	if n.flags&isGeo != 0 && (q.Type == rr.TypeA || q.Type == rr.TypeAAAA) {
		if !l.first {
			return reply // A CNAME to a geo name stands alone: its own answer must not depend on the client.
		}
		if m := l.maps[n.geoMap]; m.has(q.Type) {
			if l.secure {
				return l.appendSignedAddresses(reply, m, n, out)
			}
			return m.appendTo(reply, q, n.geoTTL, out)
		}
		return l.deny(reply, out)
	}
	if n.flags&tellsWhere != 0 && q.Type == rr.TypeTXT {
		if !l.first {
			return reply
		}
		return l.maps[n.geoMap].appendWhere(reply, q, out)
	}
	if p, ok := l.zone.image.answer(n, q.Type); ok {
		if q.Type == rr.TypeDNAME && l.redirected(reply, q.Name[:q.NameLen]) {
			return reply
		}
		return l.appendSet(reply, &p, packedFrom, out)
	}
	if n.flags&isAlias != 0 {
		p, _ := l.zone.image.answer(n, rr.TypeCNAME)
		if q.Type != rr.TypeANY {
			l.next = len(reply) + 12 // the RDATA of the record to come, a name without compression
		}
		return l.appendSet(reply, &p, packedFrom, out)
	}
	if q.Type == rr.TypeANY && (n.answers > 0 || n.flags&isGeo != 0) {
		out.Answer++
		return appendHINFO(reply, l.owner)
	}
	return l.deny(reply, out)
}

// appendSet appends the records p, with their signatures where they are wanted.
func (l *lookup) appendSet(reply []byte, p *packed, from int, out *Outcome) []byte {
	if l.secure {
		return l.appendSigned(reply, p, from, out)
	}
	return l.append(reply, p, from, out)
}

// append appends p, which was packed for the name from label from on, and counts its records. What would not fit
// is not even copied: a small question must not cost much.
func (l *lookup) append(reply []byte, p *packed, from int, out *Outcome) []byte {
	if l.q.owing > 0 {
		if reply = l.settleBefore(reply, p, out); len(reply) > mostChain {
			return reply // who has come so far goes on by himself
		}
	}
	if len(reply)+len(p.body) > l.q.Limit {
		p.dropExtras()
		if len(reply)+len(p.body) > l.q.Limit {
			out.Truncated = true
			return reply
		}
	}
	out.Answer += p.counts.Answer
	out.Authority += p.counts.Authority
	out.Additional += p.counts.Additional
	start := int(l.q.start[from])
	return p.appendTo(reply, l.owner, l.owner+start, l.q.NameLen-start)
}

// refer appends the referral at the cut n, which is the name from label k on.
func (l *lookup) refer(reply []byte, n *node, k int, out *Outcome) []byte {
	p, ok := packed{}, false
	if l.q.DO {
		p, ok = l.zone.image.answer(n, typeReferralDS) // RFC 4035, 3.1.4
	}
	if !ok {
		p, _ = l.zone.image.answer(n, typeReferral)
	}
	return l.append(reply, &p, k, out)
}

// deny appends the SOA of a negative answer (RFC 2308, 3).
func (l *lookup) deny(reply []byte, out *Outcome) []byte {
	l.denied = true
	if l.secure {
		return l.append(reply, &l.zone.denials.signed, l.apex, out)
	}
	return l.append(reply, &l.zone.denial, l.apex, out)
}

// appendHINFO appends the answer to a question for ANY (RFC 8482, 4.2): no resolver needs more, and
// nobody can use it to make a small query into a large answer.
func appendHINFO(reply []byte, owner int) []byte {
	reply = append(reply, 0xc0|byte(owner>>8), byte(owner))
	return append(reply, "\x00\x0d\x00\x01\x00\x00\x0e\x10\x00\x09\x07RFC8482\x00"...)
}

// follow makes the name at reply[at:] the one that is asked for. It says no where the chain has been
// there before: a loop. The names of a chain stand in reply from first on, one at each CNAME.
func (q *Question) follow(reply []byte, at, first int) bool {
	n := 0
	for i := at; ; {
		l := int(reply[i])
		q.Name[n] = byte(l)
		for k := 1; k <= l; k++ {
			q.Name[n+k] = rr.LowerByte(reply[i+k])
		}
		n += l + 1
		i += l + 1
		if l == 0 {
			break
		}
	}
	q.NameLen = n
	if rr.SameName(reply[nameAt:first], q.Name[:n]) {
		return false
	}
	for r := first; r+12 <= at; r += 12 + int(binary.BigEndian.Uint16(reply[r+10:])) {
		if r+12 != at && reply[r+3] == rr.TypeCNAME && rr.SameName(reply[r+12:], q.Name[:n]) {
			return false
		}
	}
	return true
}
