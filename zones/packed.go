package zones

import "encoding/binary"

// Counts are the numbers of records in the sections behind the question.
type Counts struct{ Answer, Authority, Additional uint16 }

// packed is a finished answer: the records of its sections, packed for the reply to some name, which stands at
// offset 12 there.
type packed struct {
	body        []byte
	relocations []byte // uint16s: where compression pointers stand in body
	counts      Counts
	end         uint32 // where it ends in the image
}

// questionTail is what follows the name in a question: type and class.
const questionTail = 4

// nameAt is where the name asked for stands in every reply: behind the header.
const nameAt = 12

// appendTo appends the answer to a reply in which the name that it was packed for, of n octets, stands
// at offset at, as the whole or as the end of the name at offset owner, which shall own its Answer records.
//
// Most replies are to the very name the answer was packed for, and nothing moves. Below a wildcard, a
// cut or a missing name, the name asked for is longer and everything behind it moves; behind a CNAME, the
// name stands in that record.
func (p *packed) appendTo(reply []byte, owner, at, n int) []byte {
	base := len(reply)
	reply = append(reply, p.body...)
	packedBase := nameAt + n + questionTail
	if owner == nameAt && at == nameAt && base == packedBase {
		return reply
	}
	for f := p.relocations; len(f) >= 2; f = f[2:] {
		i := base + int(binary.LittleEndian.Uint16(f))
		target := int(binary.BigEndian.Uint16(reply[i:]) & 0x3fff)
		if target < packedBase {
			target += at - nameAt
		} else {
			target += base - packedBase
		}
		binary.BigEndian.PutUint16(reply[i:], 0xc000|uint16(target))
	}
	if owner != nameAt {
		setOwners(reply[base:], int(p.counts.Answer), owner)
	}
	return reply
}

// dropExtras drops the additional records of an answer, which nobody asked for. Those of a referral are glue, and stay.
func (p *packed) dropExtras() {
	if p.counts.Additional == 0 || p.counts.Authority > 0 {
		return
	}
	end := 0
	for range p.counts.Answer {
		end += 12 + int(binary.BigEndian.Uint16(p.body[end+10:]))
	}
	n := len(p.relocations)
	for n > 0 && int(binary.LittleEndian.Uint16(p.relocations[n-2:])) >= end {
		n -= 2
	}
	p.body, p.relocations, p.counts.Additional = p.body[:end], p.relocations[:n], 0
}

// setOwners makes the name at offset owner the owner of the first n records of body, which begin with a pointer each.
func setOwners(body []byte, n, owner int) {
	for ; n > 0; n-- {
		binary.BigEndian.PutUint16(body, 0xc000|uint16(owner))
		body = body[12+int(binary.BigEndian.Uint16(body[10:])):]
	}
}
