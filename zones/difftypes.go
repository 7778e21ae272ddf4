package zones

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

// sets are the records of a type at a name, before and after. Each stands there once, and all have the TTL of the first.
type sets struct {
	typ     uint16
	was, is []records.Record
}

// compare takes down how the records of a name differ, type by type.
func (d *differ) compare(name []byte) {
	all := d.byType()
	text := zonefile.RelativeText(name, d.apex)
	if one, other, ok := anotherType(all); ok {
		d.add(Change{Name: text, Type: records.TypeText(other.Type), WasType: records.TypeText(one.Type), Was: d.text(d.was, one), Is: d.text(d.is, other)})
		return
	}
	ttls := newTTLs(all)
	if all := commonTTL(ttls); all != nil {
		d.add(Change{Name: text, TTL: all})
		ttls = nil
	}
	for _, s := range all {
		if ttl := ttls[s.typ]; ttl != nil {
			d.add(Change{Name: text, Type: records.TypeText(s.typ), TTL: ttl, alone: len(all) == 1})
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
			_, rest[0] = records.TakeSet(rest[0], rr.TypeSOA)
			_, rest[1] = records.TakeSet(rest[1], rr.TypeSOA)
			continue
		}
		s.was, rest[0] = records.TakeSet(rest[0], s.typ)
		s.is, rest[1] = records.TakeSet(rest[1], s.typ)
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b sets) int { return int(a.typ) - int(b.typ) })
	return all
}

func typeOf(lists ...[]records.Record) uint16 {
	for _, list := range lists {
		if len(list) > 0 {
			return list[0].Type
		}
	}
	return records.TypeGeo
}

// anotherType says whether a name had one record and has one of another type.
func anotherType(all []sets) (was, is records.Record, ok bool) {
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
		if was, is := s.was[0].TTL, s.is[0].TTL; was != is {
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
	typ := records.TypeText(s.typ)
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
func without(of *records.Set, list []records.Record, in *records.Set, other []records.Record) (left []records.Record) {
	has := make(map[string]bool, len(other))
	for _, r := range other {
		has[keyOf(in, r)] = true
	}
	for _, r := range list {
		if !has[keyOf(of, r)] {
			left = append(left, r)
		}
	}
	return left
}

// keyOf is what records of a type are told apart by.
func keyOf(s *records.Set, r records.Record) string {
	if r.Type == records.TypeGeo {
		text := s.Maps[binary.LittleEndian.Uint16(r.Data)]
		if records.IsWhere(r) {
			text += " (where)"
		}
		return text
	}
	return records.Caseless(r)
}

// text is the data of a record as people write it; of a geo name, its map.
func (d *differ) text(of *records.Set, r records.Record) string {
	const most = 1000
	if len(d.Changes) >= d.most {
		return "" // it is only counted
	}
	if r.Type == records.TypeGeo {
		return keyOf(of, r)
	}
	text := zonefile.DataText(r.Type, r.Data)
	if len(text) > most {
		return fmt.Sprintf("%s... (%d octets)", text[:most], len(r.Data))
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
	was, is := soaOf(d.was, d.apex), soaOf(d.is, d.apex)
	if was == nil || is == nil {
		return
	}
	c := Change{Name: "@", Type: records.TypeText(rr.TypeSOA)}
	if was.TTL != is.TTL {
		c.TTL = &TTLs{was.TTL, is.TTL}
		d.add(c)
		c.TTL = nil
	}
	if a, b := rr.SerialOf(was.Data), rr.SerialOf(is.Data); a != b && exceptSerial(*was) == exceptSerial(*is) {
		d.add(Change{Name: "@", Type: c.Type + " serial", Was: fmt.Sprint(a), Is: fmt.Sprint(b)})
	} else if records.Caseless(*was) != records.Caseless(*is) {
		c.Was, c.Is = d.text(d.was, *was), d.text(d.is, *is)
		d.add(c)
	}
}

// exceptSerial is the data of an SOA without its serial number, the first of five.
func exceptSerial(soa records.Record) string {
	data := records.Caseless(soa)
	return data[:len(data)-20] + data[len(data)-16:]
}

func soaOf(s *records.Set, apex []byte) *records.Record {
	o, ok := s.Find(apex)
	if !ok {
		return nil
	}
	set, _ := records.TakeSet(s.Of(nil, o), rr.TypeSOA)
	if len(set) == 0 {
		return nil
	}
	return &set[0]
}
