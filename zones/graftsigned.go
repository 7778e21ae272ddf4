package zones

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sort"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
	"tinycdn/zones/sign"
)

// sign packs the signature of what is packed for a name: records without names in their data, all with one TTL.
func (g *graft) sign(name []byte, typ uint16) error {
	var set []records.Record
	for body := g.pack.body; len(body) > 0; {
		end := 12 + int(binary.BigEndian.Uint16(body[10:]))
		set = append(set, records.Record{Type: typ, TTL: binary.BigEndian.Uint32(body[6:]), Data: bytes.Clone(body[12:end])})
		body = body[end:]
	}
	data, err := g.signer().RRSIG(name, set)
	if err != nil {
		return err
	}
	g.pack.reset(name)
	g.pack.answerTo(rr.TypeRRSIG, set[0].TTL, data)
	return nil
}

// move notes that a node was made anew, for all that lead there by other ways than its name.
func (g *graft) move(name []byte, old, made uint32) {
	if g.denials == nil {
		return
	}
	if g.moved == nil {
		g.moved = map[uint32]uint32{}
	}
	for before, now := range g.moved {
		if now == old {
			g.moved[before] = made
		}
	}
	g.moved[old] = made
	if name[0] == 1 && name[1] == '*' && len(name) > len(g.Apex) {
		if above, there := g.find(name[2:]); there && above.flags&hasWildcard != 0 {
			field := above.at + nodeHeader + uint32(g.image.octets[above.at])
			binary.LittleEndian.PutUint32(g.image.octets[field:], made)
		}
	}
}

// chain makes the NSEC records anew of names that got records, and of those before them that are new.
func (g *graft) chain() error {
	own := *g.denials // the zone underneath keeps its own
	own.keys, own.nodes = slices.Clone(own.keys), slices.Clone(own.nodes)
	g.denials = &own
	d := g.denials
	for _, name := range g.touched {
		g.remap()
		rel := name[:len(name)-len(g.Apex)]
		n, _ := g.find(name)
		if own, ok := g.image.answer(&n, rr.TypeNSEC); ok {
			next, _ := rr.SplitNSEC(own.body[12:])
			if err := g.setNSEC(name, bytes.Clone(next)); err != nil {
				return err
			}
			continue
		}
		before := append(bytes.Clone(g.image.name(d.covering(&g.image, rel))), g.Apex...)
		b, _ := g.find(before)
		own, _ := g.image.answer(&b, rr.TypeNSEC)
		next, _ := rr.SplitNSEC(own.body[12:])
		if err := g.setNSEC(name, bytes.Clone(next)); err != nil {
			return err
		}
		if err := g.setNSEC(before, name); err != nil {
			return err
		}
		g.remap()
		n, _ = g.find(name)
		i := sort.Search(len(d.nodes), func(i int) bool { return rr.Compare(g.image.name(d.nodes[i]), rel) > 0 })
		d.keys, d.nodes = slices.Insert(d.keys, i, rr.CanonicalKey(rel)), slices.Insert(d.nodes, i, n.at)
	}
	g.remap()
	return nil
}

// remap has the names in order lead to the nodes that were made anew.
func (g *graft) remap() {
	for i, at := range g.denials.nodes {
		if made, ok := g.moved[at]; ok {
			g.denials.nodes[i] = made
		}
	}
	clear(g.moved)
}

// setNSEC makes the NSEC record of a name, which leads to next.
func (g *graft) setNSEC(name, next []byte) error {
	n, _ := g.find(name)
	data := sign.NSEC(next, g.typesAt(&n))
	g.pack.reset(name)
	g.pack.answerTo(rr.TypeNSEC, g.denialTTL(), data)
	if err := g.replace(name, rr.TypeNSEC); err != nil {
		return err
	}
	n, _ = g.find(name)
	flags := n.flags &^ deniesStar
	if star := append([]byte{1, '*'}, name...); n.flags&hasWildcard == 0 && (bytes.Equal(next, g.Apex) || rr.Compare(next, star) > 0) {
		flags |= deniesStar
	}
	g.image.octets[n.at+1] = byte(flags)
	if n.flags&isCut != 0 {
		return g.referAnew(name)
	}
	return nil
}

// denialTTL is that of the zone's NSEC records.
func (g *graft) denialTTL() uint32 {
	apex, _ := g.find(g.Apex)
	own, _ := g.image.answer(&apex, rr.TypeNSEC)
	return binary.BigEndian.Uint32(own.body[6:])
}

// typesAt are the types that a node has, in order.
func (g *graft) typesAt(n *node) []uint16 {
	types := []uint16{rr.TypeRRSIG, rr.TypeNSEC}
	if n.flags&isCut != 0 {
		types = append(types, rr.TypeNS)
	}
	if n.flags&isGeo != 0 {
		family, known := g.denials.families[g.maps[n.geoMap]]
		if family.A || !known {
			types = append(types, rr.TypeA)
		}
		if family.AAAA || !known {
			types = append(types, rr.TypeAAAA)
		}
	}
	at := n.extra
	for k := n.answers; k > 0; k-- {
		a := g.image.octets[at:]
		if typ := binary.LittleEndian.Uint16(a); typ != typeReferral && typ != typeReferralDS {
			types = append(types, typ)
		}
		at += answerHeader + uint32(binary.LittleEndian.Uint16(a[2:])) + 2*uint32(binary.LittleEndian.Uint16(a[4:]))
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// referAnew packs the referral at a cut anew, whose NSEC says by now that another name is the next. Other records of it are as they were.
func (g *graft) referAnew(name []byte) error {
	n, _ := g.find(name)
	old, _ := g.image.answer(&n, typeReferralDS)
	nsec, _ := g.image.answer(&n, rr.TypeNSEC)
	sigs := g.image.signatures(&nsec)
	msg := append(append(make([]byte, nameAt), name...), make([]byte, questionTail)...)
	at := len(msg)
	msg = append(msg, old.body...)
	g.pack.reset(name)
	for i := range old.counts.Authority + old.counts.Additional {
		owner, fields, err := readName(msg, at)
		if err != nil {
			return err
		}
		ttl := binary.BigEndian.Uint32(msg[fields+4:])
		typ, data, end, err := readTyped(msg, at)
		if err != nil {
			return err
		}
		switch at = end; {
		case i >= old.counts.Authority:
			g.pack.additional([]byte(owner), typ, ttl, []byte(data))
		case typ == rr.TypeNSEC:
			g.pack.authority(name, typ, ttl, nsec.body[12:])
		case typ == rr.TypeRRSIG && rr.Covered([]byte(data)) == rr.TypeNSEC:
			g.pack.authority(name, typ, ttl, sigs.body[12:])
		default:
			g.pack.authority([]byte(owner), typ, ttl, []byte(data))
		}
	}
	return g.replace(name, typeReferralDS)
}
