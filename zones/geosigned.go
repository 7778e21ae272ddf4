package zones

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
)

// signedGeo is a geo name of a zone that is signed here.
type signedGeo struct {
	owner []byte
	of    uint16 // its map, in Zone.maps
	ttl   uint32
}

// geoSignatures are the signatures of all that a geo name may be answered with, by types: A and AAAA.
type geoSignatures [2]struct {
	records []byte // RRSIG records, whose owner is the name asked for, by the numbers of variants
	size    int    // of each
}

// appendSignedAddresses appends the records that the client of q gets, with their signature. A TTL may be lower than the one that was signed, and
// then it is the signature's, too (RFC 4034, 3; RFC 4035, 5.3.3).
func (l *lookup) appendSignedAddresses(reply []byte, a *addresses, n *node, out *Outcome) []byte {
	q := l.q
	f, kind := a.family(q.Type), 0
	if q.Type == rr.TypeAAAA {
		kind = 1
	}
	number, scope := f.find(&q.Client)
	v, all := &f.variants[number], &(*l.signed)[l.zone.image.geo(n)][kind]
	signature := all.records[int(number)*all.size:][:all.size]
	base := len(reply)
	if base+len(v.body)+len(signature) > q.Limit {
		out.Truncated = true
		return reply
	}
	reply = append(append(reply, v.body...), signature...)
	ttl := min(n.geoTTL, v.most)
	for at := base; at < len(reply); at += 12 + int(binary.BigEndian.Uint16(reply[at+10:])) {
		binary.BigEndian.PutUint32(reply[at+6:], ttl)
	}
	out.Answer += v.records + 1
	out.Scope = scope
	return reply
}

// fitting is a map with the types of addresses that a zone's NSEC records tell of, if it is signed here: m, or what the map was when the
// zone was published, which stays as it was because its file is broken. nil: there is none.
func (d *Draft) fitting(z *Zone, m *addresses) *addresses {
	if z.signer() == nil {
		return m
	}
	want, known := z.denials.families[m.steer.Name]
	if !known {
		want = records.Family{A: true, AAAA: true}
	}
	if familiesOf(m.steer) == want {
		return m
	}
	if before := d.before.zones[string(z.Apex)]; before != nil && before.own == z {
		for _, old := range before.maps {
			if old.steer.Name == m.steer.Name {
				return old.under(d.down, d.shared())
			}
		}
	}
	return nil
}

// signAddresses signs all that the geo names of a zone are answered with. What before has, it has again.
func (z *zoneEntry) signAddresses(before *zoneEntry) error {
	if z.own.signer() == nil || len(z.own.denials.geo) == 0 {
		return nil
	}
	same := func(i, kind int) bool {
		return before != nil && before.own == z.own && slices.EqualFunc(before.maps[i].families[kind].variants, z.maps[i].families[kind].variants,
			func(a, b variant) bool { return bytes.Equal(a.body, b.body) })
	}
	all := make([]geoSignatures, len(z.own.denials.geo))
	z.signed = &all
	for i := range z.maps {
		for kind := range 2 {
			kept := same(i, kind)
			for number, g := range z.own.denials.geo {
				if int(g.of) != i {
					continue
				}
				if kept {
					all[number][kind] = (*before.signed)[number][kind]
					continue
				}
				one := &all[number][kind]
				for _, v := range z.maps[i].families[kind].variants {
					record, err := z.own.signVariant(&g, &v)
					if err != nil {
						return err
					}
					one.records, one.size = append(one.records, record...), len(record)
				}
			}
		}
	}
	return nil
}

// signVariant gives the RRSIG record of some addresses of a geo name.
func (z *Zone) signVariant(g *signedGeo, v *variant) ([]byte, error) {
	var set []records.Record
	for body := v.body; len(body) > 0; {
		end := 12 + int(binary.BigEndian.Uint16(body[10:]))
		set = append(set, records.Record{Type: binary.BigEndian.Uint16(body[2:]), TTL: g.ttl, Data: body[12:end]})
		body = body[end:]
	}
	if len(set) == 0 {
		return nil, nil
	}
	data, err := z.signer().RRSIG(g.owner, set)
	if err != nil {
		return nil, err
	}
	record := append(make([]byte, 0, 12+len(data)), 0xc0, nameAt, 0, rr.TypeRRSIG, 0, 1)
	record = binary.BigEndian.AppendUint32(record, g.ttl)
	record = binary.BigEndian.AppendUint16(record, uint16(len(data)))
	return append(record, data...), nil
}

// Warm signs what geo names will be answered with if one more POP goes down, so that such a verdict finds its signatures made. It ends early
// with the context.
func (s *Snapshot) Warm(ctx context.Context) {
	for _, z := range s.zones {
		if z.zone == nil || z.own.signer() == nil {
			continue
		}
		for i, m := range z.maps {
			for kind := range m.families {
				for _, f := range m.neighbours(s.down, kind) {
					for number := range z.own.denials.geo {
						if ctx.Err() != nil {
							return
						}
						if g := &z.own.denials.geo[number]; int(g.of) == i {
							for v := range f.variants {
								z.own.signVariant(g, &f.variants[v]) // a mistake is told when it is to be published
							}
						}
					}
				}
			}
		}
	}
}

// neighbours are the answers of a family if one more of the map's POPs were down.
func (a *addresses) neighbours(now *downs, kind int) (list []family) {
	if a.families[kind].table == nil {
		return nil
	}
	for _, pop := range a.steer.POPs {
		then := &downs{list: append(slices.Clip(now.list), Down{POP: pop.Name, A: true, AAAA: true})}
		f := family{passed: then.passed(a.steer, kind)}
		f.pack(a.steer, inFamily[kind])
		list = append(list, f)
	}
	return append(list, a.whole.families[kind]) // and when all are back
}
