package zones

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

// sets are the records of a type at a name, before and after. Each stands there once, and all have the TTL of the first.
type sets struct {
	typ     uint16
	was, is []record
}

// compare takes down how the records of a name differ, type by type.
func (d *differ) compare(name []byte) {
	all := d.byType()
	text := zonefile.RelativeText(name, d.apex)
	if one, other, ok := anotherType(all); ok {
		d.add(Change{Name: text, Type: typeText(other.typ), WasType: typeText(one.typ), Was: d.text(d.was, one), Is: d.text(d.is, other)})
		return
	}
	ttls := newTTLs(all)
	if all := commonTTL(ttls); all != nil {
		d.add(Change{Name: text, TTL: all})
		ttls = nil
	}
	for _, s := range all {
		if ttl := ttls[s.typ]; ttl != nil {
			d.add(Change{Name: text, Type: typeText(s.typ), TTL: ttl, alone: len(all) == 1})
		}
		d.compareSets(text, s)
	}
}

// byType takes the records of the name at hand apart, without its SOA.
func (d *differ) byType() (all []sets) {
	rest := d.records
	for len(rest[0])+len(rest[1]) > 0 {
		var s sets
		if s.typ = typeOf(rest[0], rest[1]); s.typ == rr.TypeSOA {
			_, rest[0] = takeSet(rest[0], rr.TypeSOA)
			_, rest[1] = takeSet(rest[1], rr.TypeSOA)
			continue
		}
		s.was, rest[0] = takeSet(rest[0], s.typ)
		s.is, rest[1] = takeSet(rest[1], s.typ)
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b sets) int { return int(a.typ) - int(b.typ) })
	return all
}

func typeOf(lists ...[]record) uint16 {
	for _, list := range lists {
		if len(list) > 0 {
			return list[0].typ
		}
	}
	return typeGeo
}

// anotherType says whether a name had one record and has one of another type.
func anotherType(all []sets) (was, is record, ok bool) {
	if len(all) != 2 {
		return was, is, false
	}
	one, other := all[0], all[1]
	if len(one.was) == 0 {
		one, other = other, one
	}
	if len(one.was) != 1 || len(one.is) != 0 || len(other.was) != 0 || len(other.is) != 1 {
		return was, is, false
	}
	return one.was[0], other.is[0], true
}

// newTTLs are those of the types that were and are there with another TTL; nil is kept for those whose TTL is as it was.
func newTTLs(all []sets) map[uint16]*TTLs {
	ttls := map[uint16]*TTLs{}
	for _, s := range all {
		if len(s.was) == 0 || len(s.is) == 0 {
			continue
		}
		ttls[s.typ] = nil
		if was, is := s.was[0].ttl, s.is[0].ttl; was != is {
			ttls[s.typ] = &TTLs{was, is}
		}
	}
	return ttls
}

// commonTTL is the change of TTL that several types have in common, all that stay.
func commonTTL(ttls map[uint16]*TTLs) (common *TTLs) {
	for _, ttl := range ttls {
		if ttl == nil || common != nil && *ttl != *common {
			return nil
		}
		common = ttl
	}
	if len(ttls) < 2 {
		return nil
	}
	return common
}

// compareSets takes down which records of a type came and went. If one went and one came, that one has changed.
func (d *differ) compareSets(name string, s sets) {
	gone, came := without(d.was, s.was, d.is, s.is), without(d.is, s.is, d.was, s.was)
	typ := typeText(s.typ)
	if len(gone) == 1 && len(came) == 1 {
		d.add(Change{Name: name, Type: typ, Was: d.text(d.was, gone[0]), Is: d.text(d.is, came[0])})
		return
	}
	for _, r := range came {
		d.add(Change{Name: name, Type: typ, Is: d.text(d.is, r)})
	}
	for _, r := range gone {
		d.add(Change{Name: name, Type: typ, Was: d.text(d.was, r)})
	}
}

// without are the records of a list that the other does not have.
func without(of *recordSet, list []record, in *recordSet, other []record) (left []record) {
	has := make(map[string]bool, len(other))
	for _, r := range other {
		has[in.key(r)] = true
	}
	for _, r := range list {
		if !has[of.key(r)] {
			left = append(left, r)
		}
	}
	return left
}

// key is what records of a type are told apart by.
func (s *recordSet) key(r record) string {
	if r.typ == typeGeo {
		text := s.maps[binary.LittleEndian.Uint16(r.data)]
		if isWhere(r) {
			text += " (where)"
		}
		return text
	}
	return caseless(r)
}

// text is the data of a record as people write it; of a geo name, its map.
func (d *differ) text(of *recordSet, r record) string {
	const most = 1000
	if len(d.Changes) >= d.most {
		return "" // it is only counted
	}
	if r.typ == typeGeo {
		return of.key(r)
	}
	text := zonefile.DataText(r.typ, r.data)
	if len(text) > most {
		return fmt.Sprintf("%s... (%d octets)", text[:most], len(r.data))
	}
	return cmp.Or(text, `\# 0`) // an empty list, of APL
}

func (d *differ) add(c Change) {
	if len(d.Changes) >= d.most {
		d.More++
		return
	}
	d.Changes = append(d.Changes, c)
}

// compareSOA takes down what is new in the SOA: often it is the serial number alone.
func (d *differ) compareSOA() {
	was, is := d.was.soa(d.apex), d.is.soa(d.apex)
	if was == nil || is == nil {
		return
	}
	c := Change{Name: "@", Type: typeText(rr.TypeSOA)}
	if was.ttl != is.ttl {
		c.TTL = &TTLs{was.ttl, is.ttl}
		d.add(c)
		c.TTL = nil
	}
	if a, b := rr.SerialOf(was.data), rr.SerialOf(is.data); a != b && exceptSerial(*was) == exceptSerial(*is) {
		d.add(Change{Name: "@", Type: c.Type + " serial", Was: fmt.Sprint(a), Is: fmt.Sprint(b)})
	} else if caseless(*was) != caseless(*is) {
		c.Was, c.Is = d.text(d.was, *was), d.text(d.is, *is)
		d.add(c)
	}
}

// exceptSerial is the data of an SOA without its serial number, the first of five.
func exceptSerial(soa record) string {
	data := caseless(soa)
	return data[:len(data)-20] + data[len(data)-16:]
}

func (s *recordSet) soa(apex []byte) *record {
	o, ok := s.find(apex)
	if !ok {
		return nil
	}
	set, _ := takeSet(s.records(nil, o), rr.TypeSOA)
	if len(set) == 0 {
		return nil
	}
	return &set[0]
}
