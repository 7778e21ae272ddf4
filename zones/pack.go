package zones

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"tinycdn/zones/rr"
)

const (
	maxMessage = 65535 // octets (RFC 1035, 4.2.2)

	// maxPointer is how far into a reply compression pointers lead, of the 16,383 octets they could reach: when an
	// answer ends a chain of maxHops, each at most 2*(12+255) octets, it stands that much further on.
	maxPointer = 16383 - 6144

	// roomyBody is how long additional records that nobody asked for may make an answer. With header, question and OPT
	// it then mostly fits 512 octets; where not, they are dropped.
	roomyBody = 512 - 12 - 64 - 64
)

// packer packs the records of one answer, for replies to one name.
type packer struct {
	name        []byte // the name that it is packed for
	body        []byte
	relocations []byte
	counts      Counts

	known names // what may be pointed to
}

// reset begins an answer for replies to name.
func (p *packer) reset(name []byte) {
	p.name, p.body, p.relocations, p.counts = name, p.body[:0], p.relocations[:0], Counts{}
	p.known.reset()
}

// here is the offset in the reply of what is appended to the body next.
func (p *packer) here() int { return nameAt + len(p.name) + questionTail + len(p.body) }

// answerTo appends a record owned by the name that the question asks for, whatever it is.
func (p *packer) answerTo(typ uint16, ttl uint32, data []byte) {
	p.body = append(p.body, 0xc0, nameAt)
	p.appendFields(typ, ttl, data)
	p.counts.Answer++
}

// authority and additional append a record owned by name.
func (p *packer) authority(name []byte, typ uint16, ttl uint32, data []byte) {
	p.writeName(name)
	p.appendFields(typ, ttl, data)
	p.counts.Authority++
}

func (p *packer) additional(name []byte, typ uint16, ttl uint32, data []byte) {
	p.writeName(name)
	p.appendFields(typ, ttl, data)
	p.counts.Additional++
}

// appendFields appends what follows a record's owner: type, class, TTL and data.
func (p *packer) appendFields(typ uint16, ttl uint32, data []byte) {
	p.body = binary.BigEndian.AppendUint16(p.body, typ)
	p.body = append(p.body, 0, 1)
	p.body = binary.BigEndian.AppendUint32(p.body, ttl)
	length := len(p.body)
	p.body = append(p.body, 0, 0)
	switch typ {
	// RFC 3597, 4: only the types of RFC 1035 may be compressed. A CNAME is not, so that the next hop of a chain
	// finds its name in one piece.
	case rr.TypeNS, rr.TypePTR:
		p.writeName(data)
	case rr.TypeMX:
		p.body = append(p.body, data[:2]...)
		p.writeName(data[2:])
	case rr.TypeSOA:
		mname, rname, numbers := rr.SplitSOA(data)
		p.writeName(mname)
		p.writeName(rname)
		p.body = append(p.body, numbers...)
	default:
		p.body = append(p.body, data...)
	}
	binary.BigEndian.PutUint16(p.body[length:], uint16(len(p.body)-length-2))
}

// writeName appends a name, compressed. Names of the same letters in another case are the same.
func (p *packer) writeName(name []byte) {
	if p.known.empty() {
		p.known.split(p.name)
		p.known.learn(nameAt)
	}
	p.known.split(name)
	head, target, found := p.known.longest()
	p.known.learn(p.here())
	p.body = append(p.body, name[:head]...)
	if !found {
		p.body = append(p.body, 0)
		return
	}
	p.relocations = binary.LittleEndian.AppendUint16(p.relocations, uint16(len(p.body)))
	p.body = binary.BigEndian.AppendUint16(p.body, 0xc000|target)
}

// mark is how far the packing has come.
type mark struct {
	body, relocations int
	counts            Counts
}

func (p *packer) mark() mark { return mark{len(p.body), len(p.relocations), p.counts} }

// backTo takes back what came after a mark.
func (p *packer) backTo(m mark) {
	p.body, p.relocations, p.counts = p.body[:m.body], p.relocations[:m.relocations], m.counts
	p.known.forget(p.here())
}

// check says what is wrong with the answer's size, if anything, where the name asked for may have that many octets.
func (p *packer) check(asked int) error {
	if most := maxMessage - nameAt - asked - questionTail; len(p.body) > most {
		return fmt.Errorf("its records take %d octets, and an answer here holds %d", len(p.body), most)
	}
	return nil
}

// packed is a copy of what is packed.
func (p *packer) packed() packed {
	return packed{body: bytes.Clone(p.body), relocations: bytes.Clone(p.relocations), counts: p.counts}
}

// appendTo appends the answer to the octets of an image, as image describes it.
func (p *packer) appendTo(octets []byte, typ uint16) []byte {
	octets = binary.LittleEndian.AppendUint16(octets, typ)
	octets = binary.LittleEndian.AppendUint16(octets, uint16(len(p.body)))
	octets = binary.LittleEndian.AppendUint16(octets, uint16(len(p.relocations)/2))
	octets = binary.LittleEndian.AppendUint16(octets, p.counts.Answer)
	octets = binary.LittleEndian.AppendUint16(octets, p.counts.Authority)
	octets = binary.LittleEndian.AppendUint16(octets, p.counts.Additional)
	octets = append(octets, p.body...)
	return append(octets, p.relocations...)
}
