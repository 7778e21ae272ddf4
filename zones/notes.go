package zones

import (
	"bytes"
	"net/netip"
	"strings"

	"tinycdn/zones/rr"
)

// noteOwner notes what is odd about the records of one name, but may be meant.
func (c *checker) noteOwner(o int, list []record) {
	name := c.name(o)
	if below := c.occluded(c.apex, o); below {
		return // another zone's matter
	}
	var spf *record
	for i := range list {
		r := &list[i]
		switch r.typ {
		case rr.TypeTXT:
			if !isSPF(r.data) {
				break
			}
			if spf != nil && !bytes.Equal(spf.data, r.data) {
				c.note(r, "%s: a second SPF text (the first is on line %d; with two, receivers heed none: RFC 7208, 4.5)", NameText(name), spf.line)
			}
			spf = r
		default:
			c.noteTarget(o, name, r)
		}
	}
}

// noteTarget notes a record that leads nowhere, as far as this zone can know.
func (c *checker) noteTarget(o int, name []byte, r *record) {
	at, names := namesIn(*r)
	if names != 1 {
		return
	}
	target := rr.Lowered(r.data[at : at+rr.NameLen(r.data[at:])])
	inside := rr.IsBelow(target, c.apex)
	if inside && (r.typ == rr.TypeNS || c.isDelegated(target)) {
		return // checkNS tells of the one, and another zone has a say in the other
	}
	at, ok := 0, false
	if inside {
		at, ok = c.governing(target)
	}
	what, where := typeText(r.typ), NameText(target)
	switch {
	case !inside || !c.whole || !ok && isAddress(target, c.apex): // the reader has noted an address
	case !ok && rr.CountLabels(target) > rr.CountLabels(c.apex)+1:
		c.note(r, "%s: %s to %s, which does not exist (final dot missing?)", NameText(name), what, where)
	case !ok:
		c.note(r, "%s: %s to %s, which does not exist", NameText(name), what, where)
	case r.typ == rr.TypeCNAME || r.typ == rr.TypeDNAME:
		if c.leadsBack(o) {
			c.note(r, "%s: %s to %s, which leads back here without end", NameText(name), what, where)
		}
	case r.typ != rr.TypeMX && r.typ != rr.TypeSRV || c.has(at, rr.TypeDNAME) && len(c.name(at)) < len(target):
	case c.has(at, rr.TypeCNAME):
		c.note(r, "%s: %s to %s, which is a CNAME (RFC 2181, 10.3: name the host itself)", NameText(name), what, where)
	case !c.has(at, rr.TypeA) && !c.has(at, rr.TypeAAAA) && !c.has(at, typeGeo):
		c.note(r, "%s: %s to %s, which has no address", NameText(name), what, where)
	}
}

// isDelegated says whether a name is a cut's or below one.
func (c *checker) isDelegated(name []byte) bool {
	if c.cuts == 0 {
		return false
	}
	if o, ok := c.find(name); ok && len(name) > len(c.apex) && c.has(o, rr.TypeNS) {
		return true
	}
	_, below := c.above(c.apex, name, rr.TypeNS)
	return below
}

// leadsBack says whether the CNAME or DNAME of o leads to itself in the end. A longer way than this answers do not go.
func (c *checker) leadsBack(o int) bool {
	at, ok := o, true
	for range maxHops {
		if at, ok = c.next(at); !ok || at == o {
			return ok
		}
	}
	return false
}

// next is the owner of the CNAME or DNAME that decides where the one of o leads on to.
func (c *checker) next(o int) (next int, ok bool) {
	for at := c.owners[o].first; at != 0; {
		r := c.record(at)
		at = r.next
		if r.typ != rr.TypeCNAME && r.typ != rr.TypeDNAME {
			continue
		}
		target := rr.Lowered(r.data)
		if !rr.IsBelow(target, c.apex) || c.isDelegated(target) {
			return 0, false
		}
		next, ok = c.governing(target)
		if !ok {
			return 0, false
		}
		same := len(c.name(next)) == len(target)
		switch {
		case r.typ == rr.TypeDNAME:
			return next, c.has(next, rr.TypeDNAME) // which takes all names below target on
		case c.has(next, rr.TypeDNAME) && !same:
			return next, true
		}
		return next, c.has(next, rr.TypeCNAME)
	}
	return 0, false
}

// isAddress says whether a name is an IP address, by itself or as if it belonged to the zone.
func isAddress(name, apex []byte) bool {
	if len(name) > 2 && rr.IsBelow(name, apex) && len(name) > len(apex) {
		name = append(bytes.Clone(name[:len(name)-len(apex)]), 0)
	}
	_, err := netip.ParseAddr(NameText(name))
	return err == nil
}

// isSPF says whether TXT data is an SPF record (RFC 7208, 4.5), in however many pieces.
func isSPF(data []byte) bool {
	const version = "v=spf1"
	var text []byte
	for len(data) > 0 && len(text) <= len(version) {
		n := 1 + int(data[0])
		text, data = append(text, data[1:n]...), data[n:]
	}
	return len(text) >= len(version) && strings.EqualFold(string(text[:len(version)]), version) &&
		(len(text) == len(version) || text[len(version)] == ' ')
}
