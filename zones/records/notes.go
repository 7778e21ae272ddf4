package records

import (
	"bytes"
	"net/netip"
	"strings"

	"tinycdn/zones/rr"
)

// noteOwner notes what is odd about the records of one name, but may be meant.
func (c *checker) noteOwner(o int, list []Record) {
	name := c.Name(o)
	if below := c.Occluded(c.apex, o); below {
		return // another zone's matter
	}
	var spf *Record
	for i := range list {
		r := &list[i]
		switch r.Type {
		case rr.TypeTXT:
			if !isSPF(r.Data) {
				break
			}
			if spf != nil && !bytes.Equal(spf.Data, r.Data) {
				c.note(r, "%s: a second SPF text (the first is on line %d; with two, receivers heed none: RFC 7208, 4.5)", rr.NameText(name), spf.Line)
			}
			spf = r
		default:
			c.noteTarget(o, name, r)
		}
	}
}

// noteTarget notes a record that leads nowhere, as far as this zone can know.
func (c *checker) noteTarget(o int, name []byte, r *Record) {
	at, names := NamesIn(*r)
	if names != 1 {
		return
	}
	target := rr.Lowered(r.Data[at : at+rr.NameLen(r.Data[at:])])
	inside := rr.IsBelow(target, c.apex)
	if inside && (r.Type == rr.TypeNS || c.isDelegated(target)) {
		return // checkNS tells of the one, and another zone has a say in the other
	}
	at, ok := 0, false
	if inside {
		at, ok = c.governing(target)
	}
	what, where := TypeText(r.Type), rr.NameText(target)
	switch {
	case !inside || !c.whole || !ok && isAddress(target, c.apex): // the reader has noted an address
	case !ok && rr.CountLabels(target) > rr.CountLabels(c.apex)+1:
		c.note(r, "%s: %s to %s, which does not exist (final dot missing?)", rr.NameText(name), what, where)
	case !ok:
		c.note(r, "%s: %s to %s, which does not exist", rr.NameText(name), what, where)
	case r.Type == rr.TypeCNAME || r.Type == rr.TypeDNAME:
		if c.leadsBack(o) {
			c.note(r, "%s: %s to %s, which leads back here without end", rr.NameText(name), what, where)
		}
	case r.Type != rr.TypeMX && r.Type != rr.TypeSRV || c.Has(at, rr.TypeDNAME) && len(c.Name(at)) < len(target):
	case c.Has(at, rr.TypeCNAME):
		c.note(r, "%s: %s to %s, which is a CNAME (RFC 2181, 10.3: name the host itself)", rr.NameText(name), what, where)
	case !c.Has(at, rr.TypeA) && !c.Has(at, rr.TypeAAAA) && !c.Has(at, TypeGeo):
		c.note(r, "%s: %s to %s, which has no address", rr.NameText(name), what, where)
	}
}

// isDelegated says whether a name is a cut's or below one.
func (c *checker) isDelegated(name []byte) bool {
	if c.cuts == 0 {
		return false
	}
	if o, ok := c.Find(name); ok && len(name) > len(c.apex) && c.Has(o, rr.TypeNS) {
		return true
	}
	_, below := c.Above(c.apex, name, rr.TypeNS)
	return below
}

// MaxHops bounds a chain of CNAMEs and DNAMEs: a longer way answers do not go.
const MaxHops = 10

// leadsBack says whether the CNAME or DNAME of o leads to itself in the end.
func (c *checker) leadsBack(o int) bool {
	at, ok := o, true
	for range MaxHops {
		if at, ok = c.next(at); !ok || at == o {
			return ok
		}
	}
	return false
}

// next is the owner of the CNAME or DNAME that decides where the one of o leads on to.
func (c *checker) next(o int) (next int, ok bool) {
	for at := c.owners[o].first; at != 0; {
		r := c.at(at)
		at = r.next
		if r.Type != rr.TypeCNAME && r.Type != rr.TypeDNAME {
			continue
		}
		target := rr.Lowered(r.Data)
		if !rr.IsBelow(target, c.apex) || c.isDelegated(target) {
			return 0, false
		}
		next, ok = c.governing(target)
		if !ok {
			return 0, false
		}
		same := len(c.Name(next)) == len(target)
		switch {
		case r.Type == rr.TypeDNAME:
			return next, c.Has(next, rr.TypeDNAME) // which takes all names below target on
		case c.Has(next, rr.TypeDNAME) && !same:
			return next, true
		}
		return next, c.Has(next, rr.TypeCNAME)
	}
	return 0, false
}

// isAddress says whether a name is an IP address, by itself or as if it belonged to the zone.
func isAddress(name, apex []byte) bool {
	if len(name) > 2 && rr.IsBelow(name, apex) && len(name) > len(apex) {
		name = append(bytes.Clone(name[:len(name)-len(apex)]), 0)
	}
	_, err := netip.ParseAddr(rr.NameText(name))
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
