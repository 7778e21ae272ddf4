// Package wire reads DNS queries from bytes and writes the parts of a reply that do not come from a zone.
//
// Nothing here allocates, and nothing here panics, whatever the bytes.
package wire

import "encoding/binary"

// A Verdict is what Parse makes of a message.
type Verdict uint8

const (
	Drop           Verdict = iota // not a query: silence is the only correct answer
	Fine                          // a well-formed question, with all that Query says of it
	BadForm                       // FORMERR
	BadVersion                    // BADVERS: an EDNS version that we do not speak (RFC 6891, 6.1.3)
	NotImplemented                // NOTIMP: an opcode other than QUERY
	Signed                        // a TSIG record: we hold no keys (RFC 8945, 5.2)
	NoQuestion                    // a cookie alone is asked for (RFC 7873, 5.4)
)

const (
	HeaderLen  = 12  // RFC 1035, 4.1.1: what is shorter is not a DNS message
	MaxNameLen = 255 // RFC 1035, 3.1
)

// Query is one question as Parse found it. It may be used again and again: Parse sets every field.
type Query struct {
	// Name is the name asked for in wire form and lower case, NameLen octets of it. The octets behind
	// it are whatever an earlier, longer name left there.
	Name    [MaxNameLen + 9]byte // room to write it eight octets at a time
	NameLen int

	Type  uint16
	Class uint16

	// QuestionEnd is where the question section ends in the message; 0 if it could not be read.
	QuestionEnd int

	EDNS    bool
	Version uint8  // of EDNS
	DO      bool   // DNSSEC OK (RFC 3225)
	UDPSize uint16 // the requestor's UDP payload size, as sent
	NSID    bool   // the server's identifier is asked for (RFC 5001)

	Subnet Subnet
	Cookie Cookie
}

// Parse reads msg into q. It trusts nothing: every length is checked before it is used.
func Parse(msg []byte, q *Query) Verdict {
	q.QuestionEnd, q.NameLen, q.Type, q.Class = 0, 0, 0, 0
	q.EDNS, q.DO, q.NSID, q.Subnet.Present, q.Cookie.Present = false, false, false, false, false
	// An answer to an answer would be the first step of a packet loop, so QR=1 gets silence.
	if len(msg) < HeaderLen || msg[2]&0x80 != 0 {
		return Drop
	}
	verdict := q.read(msg)
	if msg[2]&0x78 != 0 {
		return NotImplemented // whatever else is wrong; what could be read says whether the reply has an OPT
	}
	return verdict
}

// read reads the sections of a message.
func (q *Query) read(msg []byte) Verdict {
	questions := binary.BigEndian.Uint16(msg[4:])
	answers, authority, additional := binary.BigEndian.Uint16(msg[6:]), binary.BigEndian.Uint16(msg[8:]), binary.BigEndian.Uint16(msg[10:])
	at := HeaderLen
	if questions == 1 {
		end, ok := q.readName(msg)
		if !ok || end+4 > len(msg) {
			return BadForm
		}
		q.Type = binary.BigEndian.Uint16(msg[end:])
		q.Class = binary.BigEndian.Uint16(msg[end+2:])
		q.QuestionEnd = end + 4
		at = q.QuestionEnd
	} else if questions > 1 {
		return BadForm
	}
	verdict := q.readRecords(msg, at, int(answers)+int(authority), int(additional))
	if questions == 0 && answers == 0 && authority == 0 && verdict == Fine && q.Cookie.Present {
		return NoQuestion
	}
	// QDCOUNT must be one (RFC 9619), ANCOUNT zero; a record in Authority makes sense in an IXFR alone.
	if questions != 1 || answers > 0 || authority > 1 || authority == 1 && q.Type != TypeIXFR {
		return BadForm
	}
	return verdict
}

// readName reads the name at the head of the question, which has nothing before it to point back to,
// and returns the offset behind it.
func (q *Query) readName(msg []byte) (end int, ok bool) {
	i := HeaderLen
	for {
		if i >= len(msg) {
			return 0, false
		}
		n := int(msg[i])
		if n == 0 {
			break
		}
		if n > 63 {
			return 0, false
		}
		i += n + 1
	}
	end = i + 1
	n := end - HeaderLen
	if n > MaxNameLen {
		return 0, false
	}
	q.NameLen = n
	if HeaderLen+n+7 <= len(msg) {
		// Lengths are below 64 and so never taken for letters.
		for k := 0; k < n; k += 8 {
			w := binary.LittleEndian.Uint64(msg[HeaderLen+k:])
			binary.LittleEndian.PutUint64(q.Name[k:], lower8(w))
		}
		return end, true
	}
	for k := 0; k < n; k++ {
		c := msg[HeaderLen+k]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		q.Name[k] = c
	}
	return end, true
}

// lower8 puts the ASCII capitals among the eight octets of w into lower case.
func lower8(w uint64) uint64 {
	const ones = 0x0101010101010101
	low := w & (0x7f * ones)
	fromA := low + (0x80-'A')*ones    // the top bit says: not below A
	aboveZ := low + (0x80-'Z'-1)*ones // the top bit says: above Z
	capital := (fromA ^ aboveZ) &^ w & (0x80 * ones)
	return w | capital>>2
}

// readRecords reads what stands behind the question: one OPT at most among the additional records, perhaps a TSIG, and
// nothing that the counts do not announce.
func (q *Query) readRecords(msg []byte, at, others, additional int) Verdict {
	verdict := Fine
	for n := others + additional; n > 0; n-- {
		owner := at
		at = skipName(msg, at)
		if at == 0 || at+10 > len(msg) {
			return BadForm
		}
		typ := binary.BigEndian.Uint16(msg[at:])
		data := at + 10
		end := data + int(binary.BigEndian.Uint16(msg[at+8:]))
		if end > len(msg) {
			return BadForm
		}
		switch {
		case typ == TypeOPT && n <= additional:
			// RFC 6891, 6.1.1: one OPT, owned by the root.
			if q.EDNS || msg[owner] != 0 {
				return BadForm
			}
			q.EDNS = true
			q.UDPSize = binary.BigEndian.Uint16(msg[at+2:])
			q.Version = msg[at+5]
			q.DO = msg[at+6]&0x80 != 0
			if q.Version != 0 {
				verdict = BadVersion // and what its options mean, we do not know
			} else if !q.readOptions(msg[data:end]) {
				return BadForm
			}
		case typ == TypeTSIG && n <= additional:
			if n != 1 || !isTSIG(msg[data:end]) { // RFC 8945, 5.2: it is the last record
				return BadForm
			}
			verdict = Signed
		}
		at = end
	}
	if at != len(msg) {
		return BadForm
	}
	return verdict
}

// isTSIG says whether data has the form of a TSIG's: an algorithm's name, ten octets of which the last two count the
// MAC's, the MAC, and six octets of which the last two count the rest (RFC 8945, 4.2).
func isTSIG(data []byte) bool {
	at := skipName(data, 0)
	if at == 0 || at+10 > len(data) {
		return false
	}
	at += 10 + int(binary.BigEndian.Uint16(data[at+8:]))
	return at+6 <= len(data) && at+6+int(binary.BigEndian.Uint16(data[at+4:])) == len(data)
}

// skipName returns the offset behind the name at msg[at:], or 0 if there is none. A pointer ends a
// name; where it points does not matter to us.
func skipName(msg []byte, at int) int {
	for start := at; at < len(msg) && at-start < MaxNameLen; {
		switch n := int(msg[at]); {
		case n == 0:
			return at + 1
		case n < 64:
			at += n + 1
		case n >= 0xc0 && at+2 <= len(msg):
			return at + 2
		default:
			return 0
		}
	}
	return 0
}

// readOptions reads the options of an OPT record (RFC 6891, 6.1.2). Those we do not know are passed
// over. It says whether all of them were well formed.
func (q *Query) readOptions(opts []byte) bool {
	for len(opts) > 0 {
		if len(opts) < 4 {
			return false
		}
		code := binary.BigEndian.Uint16(opts)
		n := int(binary.BigEndian.Uint16(opts[2:]))
		if 4+n > len(opts) {
			return false
		}
		switch code {
		case optionSubnet:
			if q.Subnet.Present || !q.Subnet.read(opts[4:4+n]) {
				return false
			}
		case optionNSID:
			q.NSID = true
		case optionCookie:
			if !q.Cookie.read(opts[4 : 4+n]) {
				return false
			}
		}
		opts = opts[4+n:]
	}
	return true
}
