package zones

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

// graft adds records to a copy of a compiled zone: new nodes stand behind the old ones, and a node that gets more is made anew
// there. The zone's own records need not be there any more, nor its files be right. A million of them cost the copy.
type graft struct {
	*Zone
	pack packer

	moved   map[uint32]uint32 // in a signed zone: nodes that were made anew
	touched [][]byte          // and the names that got records
}

// with is the zone with some more records.
func (z *Zone) with(more []zonefile.Record) (*Zone, error) {
	if z.denials != nil && z.signer() == nil {
		return nil, fmt.Errorf("zone %s was signed elsewhere, and nobody here can sign more records (put them into the zone there; for certificates, let HTTP prove who you are)", NameText(z.Apex))
	}
	next := *z
	g := &graft{Zone: &next}
	size := 0
	for i := range more {
		if err := g.fits(&more[i]); err != nil {
			return nil, fmt.Errorf("%s %s: %w", NameText(more[i].Owner), records.TypeText(more[i].Type), err)
		}
		size += 2*(nodeHeader+answerHeader+rr.MaxName) + len(more[i].Data)
		if z.denials != nil {
			size += 8 << 10 // NSEC records and signatures, a referral
		}
	}
	next.image.octets = append(make([]byte, 0, len(z.image.octets)+size), z.image.octets...)
	next.image.slots = slices.Clone(z.image.slots)
	for i := range more {
		if err := g.add(&more[i]); err != nil {
			return nil, fmt.Errorf("%s %s: %w", NameText(more[i].Owner), records.TypeText(more[i].Type), err)
		}
	}
	if z.denials != nil {
		if err := g.chain(); err != nil {
			return nil, err
		}
	}
	return &next, nil
}

// fits says why a record cannot lie over the zone.
func (g *graft) fits(r *zonefile.Record) error {
	if len(r.Owner) < len(g.Apex) || !bytes.Equal(r.Owner[len(r.Owner)-len(g.Apex):], g.Apex) || !g.isSuffix(r.Owner) {
		return fmt.Errorf("the name is not in zone %s", NameText(g.Apex))
	}
	if !standsAlone(r) {
		return errors.New("other answers depend on records of that type: it belongs in the zone's file")
	}
	for name := r.Owner; ; name = name[1+name[0]:] {
		if name[0] == 1 && name[1] == '*' {
			return errors.New("a wildcard belongs in the zone's file")
		}
		n, there := g.find(name)
		own := len(name) == len(r.Owner)
		switch {
		case !there:
		case n.flags&isCut != 0:
			return fmt.Errorf("%s is delegated away: its nameservers answer, not this zone", NameText(name))
		case own && n.flags&isAlias != 0:
			return errors.New("the name is a CNAME, which can have no other data (put the record where that leads)")
		case !own && n.flags&isDNAME != 0:
			return fmt.Errorf("the DNAME of %s takes every name there elsewhere", NameText(name))
		}
		if len(name) == len(g.Apex) {
			return nil
		}
	}
}

// isSuffix says whether the zone's name begins where a label of name does.
func (g *graft) isSuffix(name []byte) bool {
	for len(name) > len(g.Apex) {
		name = name[1+name[0]:]
	}
	return len(name) == len(g.Apex)
}

// standsAlone says whether a record's data names no other name, and no other answer takes it along.
func standsAlone(r *zonefile.Record) bool {
	switch r.Type {
	case rr.TypeA, rr.TypeAAAA, rr.TypeDS, rr.TypeKEY, rr.TypeRRSIG, rr.TypeNSEC, rr.TypeDNSKEY, rr.TypeNSEC3, rr.TypeNSEC3PARAM, rr.TypeNAPTR, records.TypeGeo, rr.TypeANY, typeReferralDS:
		return false
	}
	_, names := records.NamesIn(records.Record{Type: r.Type})
	return names == 0
}

// find is the node of a name of the zone.
func (g *graft) find(name []byte) (n node, there bool) {
	at, there := g.image.find(rr.HashName(name), name[:len(name)-len(g.Apex)])
	if there {
		n = g.image.node(at)
	}
	return n, there
}

// add adds a record, with the names above it that exist because it does (RFC 4592, 2.2.2).
func (g *graft) add(r *zonefile.Record) error {
	for name := r.Owner; len(name) > len(g.Apex); name = name[1+name[0]:] {
		if _, there := g.find(name); !there {
			g.addName(name)
		}
	}
	n, _ := g.find(r.Owner)
	have, _ := g.image.answer(&n, r.Type)
	g.pack.reset(r.Owner)
	if !g.set(r, &have) {
		g.Records++
	}
	if err := g.pack.check(len(r.Owner)); err != nil {
		return err
	}

	if g.denials != nil {
		g.touched = append(g.touched, bytes.Clone(r.Owner))
	}
	return g.replace(r.Owner, r.Type)
}

// replace makes the node of a name anew, with what is packed as its answer of a type, which is signed if the zone is.
func (g *graft) replace(name []byte, typ uint16) error {
	hash, rel := rr.HashName(name), name[:len(name)-len(g.Apex)]
	at, _ := g.image.find(hash, rel)
	n := g.image.node(at)
	octets := g.image.octets
	made, from, count := uint32(len(octets)), n.extra, uint16(1)
	octets = append(octets, octets[at:n.extra]...)
	replaced := false
	for k := n.answers; k > 0; k-- {
		end := from + answerHeader + uint32(binary.LittleEndian.Uint16(octets[from+2:])) + 2*uint32(binary.LittleEndian.Uint16(octets[from+4:]))
		is := binary.LittleEndian.Uint16(octets[from:])
		if replaced = is == typ || replaced && is == rr.TypeRRSIG; !replaced { // with its signatures
			octets = append(octets, octets[from:end]...)
			count++
		}
		from = end
	}
	octets = g.pack.appendTo(octets, typ)
	if g.denials != nil && typ != typeReferralDS {
		if err := g.sign(name, typ); err != nil {
			return err
		}
		octets = g.pack.appendTo(octets, rr.TypeRRSIG)
		count++
	}
	binary.LittleEndian.PutUint16(octets[made+2:], count)
	if int64(len(octets)) > records.MostOffset {
		return records.TooLarge(records.MostOffset)
	}
	g.image.octets = octets
	g.point(hash, at, made)
	g.move(name, at, made)
	return nil
}

// set packs the records that there are of a type with one more, and says whether that was among them. All get the lowest TTL (RFC
// 2181, 5.2).
func (g *graft) set(r *zonefile.Record, have *packed) (among bool) {
	ttl := r.TTL
	for pass := range 2 { // for the TTL, then to pack
		for body := have.body; len(body) > 0; {
			end := 12 + int(binary.BigEndian.Uint16(body[10:]))
			if pass == 0 {
				ttl = min(ttl, binary.BigEndian.Uint32(body[6:]))
				among = among || bytes.Equal(body[12:end], r.Data)
			} else {
				g.pack.answerTo(r.Type, ttl, body[12:end])
			}
			body = body[end:]
		}
	}
	if !among {
		g.pack.answerTo(r.Type, ttl, r.Data)
	}
	return among
}

// addName adds a name that has no records.
func (g *graft) addName(name []byte) {
	m := &g.image
	rel := name[:len(name)-len(g.Apex)]
	at := uint32(len(m.octets))
	m.octets = append(append(m.octets, byte(len(rel)), 0, 0, 0), rel...)
	g.Names++
	if 2*g.Names > len(m.slots) {
		old := m.slots
		m.slots = make([]slot, 2*len(old))
		m.shift--
		for _, s := range old {
			if s.at != 0 {
				n := int(m.octets[s.at])
				full := append(bytes.Clone(m.octets[s.at+nodeHeader:int(s.at)+nodeHeader+n]), g.Apex...)
				m.insert(rr.HashName(full), s.at)
			}
		}
	}
	m.insert(rr.HashName(name), at)
}

// insert puts a node into the index.
func (m *image) insert(hash uint64, at uint32) {
	mask := uint64(len(m.slots) - 1)
	i := hash >> (m.shift & 63)
	for m.slots[i&mask].at != 0 {
		i++
	}
	m.slots[i&mask] = slot{uint32(hash), at}
}

// point has the index lead to a node that was made anew.
func (g *graft) point(hash uint64, old, made uint32) {
	mask := uint64(len(g.image.slots) - 1)
	i := hash >> (g.image.shift & 63)
	for g.image.slots[i&mask].at != old {
		i++
	}
	g.image.slots[i&mask].at = made
}
