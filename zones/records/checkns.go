package records

import (
	"bytes"

	"tinycdn/zones/rr"
)

// checkNS checks that a nameserver inside the zone has an address, without which nobody finds it. At the apex that is a
// mistake. A delegation without it leads nowhere, but costs no other name: BIND, NSD and Knot serve it.
func (c *checker) checkNS(owner []byte, r *Record) {
	tell := c.problem
	if len(owner) > len(c.apex) {
		tell = c.note
	}
	target := rr.Lowered(r.Data)
	if !rr.IsBelow(target, c.apex) {
		return
	}
	at, below := c.Above(c.apex, target, rr.TypeNS)
	if below && !bytes.Equal(c.Name(at), owner) {
		return // below another cut: its address is that zone's to give
	}
	o, ok := c.Find(target)
	if !ok && !below {
		o, ok = c.governing(target)
	}
	switch {
	case ok && c.Has(o, rr.TypeDNAME) && len(c.Name(o)) < len(target):
		tell(r, "%s: nameserver %s lies below the DNAME of %s, which takes it elsewhere (RFC 6672, 2.3: name a host that is not below it)", rr.NameText(owner), rr.NameText(target), rr.NameText(c.Name(o)))
	case ok && c.Has(o, rr.TypeCNAME):
		tell(r, "%s: nameserver %s is a CNAME (RFC 2181, 10.3: name the host itself)", rr.NameText(owner), rr.NameText(target))
	case ok && c.Has(o, TypeGeo):
		c.note(r, "%s: nameserver %s is a geo name, and its address differs by who asks (give each nameserver its own)", rr.NameText(owner), rr.NameText(target))
	case ok && (c.Has(o, rr.TypeA) || c.Has(o, rr.TypeAAAA)) || !c.whole:
	case len(owner) > len(c.apex) && rr.IsBelow(target, owner):
		tell(r, "%s: no glue for nameserver %s (add an A or AAAA record for it)", rr.NameText(owner), rr.NameText(target))
	case isAddress(target, c.apex):
		if len(owner) == len(c.apex) { // of a delegation the reader has noted it
			c.problem(r, "%s: no address for nameserver %s (name a host in place of an address)", rr.NameText(owner), rr.NameText(target))
		}
	default:
		hint := ""
		if first := 1 + int(target[0]); len(target)-first > len(c.apex) {
			hint = "; or is a final dot missing?"
		}
		tell(r, "%s: no address for nameserver %s (add an A or AAAA record for it%s)", rr.NameText(owner), rr.NameText(target), hint)
	}
}

// governing finds who answers for a name of the zone that is not below a cut: itself, the DNAME above it, or the wildcard of
// its closest encloser. Empty non-terminals are there already.
func (c *checker) governing(name []byte) (o int, ok bool) {
	for at := name; len(at) >= len(c.apex); at = at[at[0]+1:] {
		if o, ok = c.Find(at); !ok {
			if at[0] == 0 {
				break
			}
			continue
		}
		if len(at) == len(name) || c.Has(o, rr.TypeDNAME) {
			return o, true
		}
		return c.FindStar(at)
	}
	return 0, false
}
