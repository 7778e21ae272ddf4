package zones

import (
	"encoding/binary"

	"tinycdn/zones/zonefile"
)

// expected is what the answer to a question must be.
type expected struct {
	rcode             uint8
	authoritative     bool
	answer, authority []plainRR
}

// decoded is an answer, taken apart by RFC 1035 alone.
type decoded struct {
	rcode                         uint8
	authoritative, truncated      bool
	answer, authority, additional []plainRR
	broken                        bool
}

// decode reads the sections of a reply from start on.
func decode(reply []byte, start int, out *Outcome) (d decoded) {
	d.rcode, d.authoritative, d.truncated = out.Rcode, out.Authoritative, out.Truncated
	at := start
	for _, section := range []struct {
		list  *[]plainRR
		count uint16
	}{{&d.answer, out.Answer}, {&d.authority, out.Authority}, {&d.additional, out.Additional}} {
		for range section.count {
			var rr plainRR
			if rr, at = decodeRecord(reply, at); at == 0 {
				d.broken = true
				return d
			}
			*section.list = append(*section.list, rr)
		}
	}
	d.broken = at != len(reply)
	return d
}

// decodeRecord reads a record, and says where the next one begins; 0 if there is none.
func decodeRecord(reply []byte, at int) (rr plainRR, end int) {
	owner, at := decodeName(reply, at)
	if at == 0 || at+10 > len(reply) {
		return rr, 0
	}
	zonefile.Lower(owner)
	rr.owner = string(owner)
	rr.typ = binary.BigEndian.Uint16(reply[at:])
	rr.ttl = binary.BigEndian.Uint32(reply[at+4:])
	end = at + 10 + int(binary.BigEndian.Uint16(reply[at+8:]))
	if end > len(reply) || binary.BigEndian.Uint16(reply[at+2:]) != 1 {
		return rr, 0
	}
	at += 10
	fixed, names := 0, 0 // octets before the names in the data, and how many of these an answer may compress
	switch rr.typ {
	case typeNS, typePTR:
		names = 1
	case typeMX:
		fixed, names = 2, 1
	case typeSOA:
		names = 2
	}
	if at+fixed > end {
		return rr, 0
	}
	data := append([]byte{}, reply[at:at+fixed]...)
	at += fixed
	for range names {
		var name []byte
		if name, at = decodeName(reply, at); at == 0 || at > end {
			return rr, 0
		}
		data = append(data, name...)
	}
	rr.data = plainData(rr.typ, append(data, reply[at:end]...))
	return rr, end
}

// decodeName reads a name, and says where it ends; 0 if it cannot be read. A pointer leads backwards (RFC 1035, 4.1.4).
func decodeName(reply []byte, at int) (name []byte, end int) {
	for limit := at; at < len(reply); {
		switch n := int(reply[at]); {
		case n == 0:
			if end == 0 {
				end = at + 1
			}
			return append(name, 0), end
		case n < 64 && at+1+n < len(reply) && len(name)+1+n < maxName:
			name = append(name, reply[at:at+1+n]...)
			at += 1 + n
		case n >= 0xc0 && at+2 <= len(reply):
			if end == 0 {
				end = at + 2
			}
			at = int(binary.BigEndian.Uint16(reply[at:])) & 0x3fff
			if at >= limit {
				return nil, 0
			}
			limit = at
		default:
			return nil, 0
		}
	}
	return nil, 0
}
