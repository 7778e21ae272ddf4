package records

import (
	"bytes"

	"tinycdn/zones/rr"
)

// Signing says how a zone is signed.
type Signing struct {
	Hashing *rr.HashParams // how names are hashed for NSEC3; nil: it has NSEC
	Here    bool           // by the key that we have, the addresses of geo names too
}

// Add adds a record that was made. It stands where file and line of r say.
func (s *Set) Add(owner []byte, r Record) { s.add(owner, r) }

// IsOwner says whether a name has records.
func (s *Set) IsOwner(o int) bool { return s.owners[o].first != 0 }

// Families says which addresses the POPs of maps have.
type Families map[string]Family

// Family are the types of addresses that a map's names have.
type Family struct{ A, AAAA bool }

// GeoTypes are the types of addresses of a geo name, by what is known of its map; of one that is not known both.
func (s *Set) GeoTypes(r Record) (types []uint16) {
	f, known := s.Families[s.Maps[int(r.Data[0])|int(r.Data[1])<<8]]
	if f.A || !known {
		types = append(types, rr.TypeA)
	}
	if f.AAAA || !known {
		types = append(types, rr.TypeAAAA)
	}
	return types
}

// maxIterations is how often names may be hashed once more for NSEC3: validators take no more for secure (RFC 9276, 3.2; BIND, Unbound and
// Knot Resolver stop at 50), and each is as much work for whoever asks for names that do not exist as for us.
const maxIterations = 50

// findSigning finds out whether the zone is signed, and how. Half of a signed zone would be bogus for whoever validates (RFC 4035, 3.1).
// DS, CDS and CDNSKEY are no sign: a parent has DS of its unsigned zone's children, and the other two also ask for no DS
// any more (RFC 8078, 4).
func (c *checker) findSigning() {
	first := &c.signed
	if first.Type == 0 {
		return
	}
	o, ok := c.Find(c.apex)
	if !ok || !c.Has(o, rr.TypeDNSKEY) || !c.isCovered(o, rr.TypeSOA) {
		c.problem(first, "zone %s is signed (%s), but not whole: its DNSKEY or the RRSIG of its SOA is missing (give the file as its signer has written it; or, without a DS at the registrar, the unsigned one)",
			rr.NameText(c.apex), TypeText(first.Type))
		return
	}
	c.Signing = &Signing{Here: c.SignedHere}
	var param *Record
	list := c.Of(nil, o)
	for i := range list {
		r := &list[i]
		if r.Type != rr.TypeNSEC3PARAM || param != nil && bytes.Equal(param.Data, r.Data) {
			continue
		}
		if param != nil {
			c.problem(r, "%s: a second NSEC3PARAM record (the first is on line %d; sign the zone with one)", rr.NameText(c.apex), param.Line)
			continue
		}
		param = r
		read, err := rr.ReadNSEC3(r.Data, true)
		switch {
		case err != nil || read.Algorithm != 1:
			c.problem(r, "%s: NSEC3PARAM with hash algorithm %d (only 1, SHA-1, is defined: RFC 5155, 11)", rr.NameText(c.apex), read.Algorithm)
		case read.Iterations > maxIterations:
			c.problem(r, "%s: NSEC3 with %d iterations, of which %d are the most (sign the zone with 0: RFC 9276, 3.1)", rr.NameText(c.apex), read.Iterations, maxIterations)
		}
		read.Salt = bytes.Clone(read.Salt) // the zone has it when the set is released
		c.Signing.Hashing = &read.HashParams
	}
	if param == nil && !c.Has(o, rr.TypeNSEC) {
		c.problem(first, "zone %s is signed, but has neither NSEC nor NSEC3PARAM at its apex: nothing could be denied (give the file as its signer has written it)", rr.NameText(c.apex))
	}
}

// isCovered says whether an owner has a signature of a type.
func (s *Set) isCovered(o int, typ uint16) bool {
	for at := s.owners[o].first; at != 0; {
		r := s.at(at)
		if r.Type == rr.TypeRRSIG && rr.Covered(r.Data) == typ {
			return true
		}
		at = r.next
	}
	return false
}

// IsHashed says whether an owner is the hash of a name, which nobody can ask for (RFC 5155, 7.2.8).
func (s *Set) IsHashed(o int) bool {
	if s.Signing == nil || s.Signing.Hashing == nil || !s.Has(o, rr.TypeNSEC3) {
		return false
	}
	for at := s.owners[o].first; at != 0; {
		r := s.at(at)
		if r.Type != rr.TypeNSEC3 && r.Type != rr.TypeRRSIG {
			return false
		}
		at = r.next
	}
	return true
}

// checkSignatures holds the signatures of one name against its records.
func (c *checker) checkSignatures(o int, list []Record) {
	name := c.Name(o)
	occluded := c.Occluded(c.apex, o)
	isCut := len(name) > len(c.apex) && c.Has(o, rr.TypeNS)
	text := rr.NameText(name)
	told := map[uint16]bool{}
	for i := range list {
		r := &list[i]
		if r.Type == TypeGeo && !c.Signing.Here {
			c.problem(r, "%s: geo in a zone that was signed elsewhere: nobody here can sign the addresses (give the unsigned file, or name the addresses)", text)
		}
		if r.Type != rr.TypeRRSIG {
			if r.Type != TypeGeo && !occluded && isSigned(r.Type, isCut) && !told[r.Type] && !c.isCovered(o, r.Type) {
				told[r.Type] = true
				c.problem(r, "%s: %s has no RRSIG (sign the zone anew)", text, TypeText(r.Type))
			}
			continue
		}
		sig := rr.ReadSignature(r.Data)
		labels := rr.CountLabels(name)
		if name[0] == 1 && name[1] == '*' {
			labels--
		}
		switch {
		case !bytes.Equal(sig.Signer, c.apex):
			c.problem(r, "%s: RRSIG of %s by %s: only the keys of %s count here", text, TypeText(sig.Covers), rr.NameText(sig.Signer), rr.NameText(c.apex))
		case occluded || !isSigned(sig.Covers, isCut) || !c.Has(o, sig.Covers):
			c.problem(r, "%s: RRSIG of %s, which the zone does not have there (sign the zone anew)", text, TypeText(sig.Covers))
		case int(sig.Labels) != labels:
			c.problem(r, "%s: RRSIG of %s for a name of %d labels (RFC 4034, 3.1.3: it has %d)", text, TypeText(sig.Covers), sig.Labels, labels)
		}
	}
}

// isSigned says whether a type is to be signed where it is: at a cut the nameservers are the child's (RFC 4035, 2.2).
func isSigned(typ uint16, atCut bool) bool {
	return typ != rr.TypeRRSIG && (!atCut || typ == rr.TypeDS || typ == rr.TypeNSEC)
}
