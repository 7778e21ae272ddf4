package records

import (
	"fmt"
	"slices"

	"tinycdn/zones/diag"
	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

// checker holds the records of a zone against each other. What is wrong with a record alone, its reader has found.
type checker struct {
	*Set
	apex     []byte
	whole    bool // every record was read: what is missing is missing indeed
	problems diag.FewProblems
	notes    diag.FewProblems // what is odd, but no mistake
}

// Check returns what is wrong between the records of the zone named apex, and what is odd. It refuses
// what Knot, NSD and BIND refuse. maps are the names of those that exist. Where not every record could be read, whole is
// false, and nothing is called missing.
func (s *Set) Check(apex []byte, maps []string, whole bool) (problems, notes []diag.Problem) {
	c := &checker{Set: s, apex: apex, whole: whole}
	if whole {
		c.checkApex()
		c.findSigning()
	}
	s.cuts -= s.nameservers(apex)
	s.addEmptyNonTerminals(apex)
	for o := range s.Len() {
		if s.list = s.Of(s.list[:0], o); len(s.list) > 0 {
			c.checkOwner(o, s.list, maps)
			c.noteOwner(o, s.list)
			if s.Signing != nil {
				c.checkSignatures(o, s.list)
			}
		}
	}
	if s.Signing != nil {
		c.checkChain()
	}
	return c.problems.All(), c.notes.All()
}

func (c *checker) problem(at *Record, format string, args ...any) {
	c.problems.Add(*c.ProblemAt(at, format, args...))
}

func (c *checker) note(at *Record, format string, args ...any) {
	c.notes.Add(*c.ProblemAt(at, format, args...))
}

// ProblemAt makes a problem that stands where a record does.
func (s *Set) ProblemAt(at *Record, format string, args ...any) *diag.Problem {
	p := &diag.Problem{File: s.files[at.File], Line: int(at.Line), Text: fmt.Sprintf(format, args...)}
	if p.File != s.Main { // what is included is not quoted
		p.Text = diag.Unquoted(format, args)
	}
	return p
}

func (c *checker) checkApex() {
	o, ok := c.Find(c.apex)
	if !ok || !c.Has(o, rr.TypeSOA) {
		c.problems.Add(diag.Problem{File: c.Main, Line: 1, Text: fmt.Sprintf("zone %s has no SOA record (begin with one: @ SOA ns hostmaster 1 14400 3600 1209600 300)", rr.NameText(c.apex))})
	}
	if !ok || !c.Has(o, rr.TypeNS) {
		c.problems.Add(diag.Problem{File: c.Main, Line: 1, Text: fmt.Sprintf("zone %s has no NS records at its apex (name the POPs' nameservers there)", rr.NameText(c.apex))})
	}
}

// checkOwner checks the records of one name, and where they lead.
func (c *checker) checkOwner(o int, list []Record, maps []string) {
	name := c.Name(o)
	isApex := len(name) == len(c.apex)
	var first [maxKinds]*Record // of each kind that the rules below speak of
	for i := range list {
		r := &list[i]
		k := kindOf(r.Type)
		switch before := first[k]; {
		case before == nil:
			first[k] = r
		case (k == kindCNAME || k == kindDNAME || k == kindSOA) && Caseless(*before) != Caseless(*r):
			c.problem(r, "%s: a second %s record (the first is on line %d; a name can have only one)", rr.NameText(name), TypeText(r.Type), before.Line)
		case k == kindGeo:
			c.problem(r, "%s: geo is given twice (first on line %d)", rr.NameText(name), before.Line)
		}
		switch {
		case k == kindSOA && !isApex:
			c.problem(r, "%s: an SOA record below the apex (only %s itself has one)", rr.NameText(name), rr.NameText(c.apex))
		case k == kindNS && !isApex && name[0] == 1 && name[1] == '*':
			c.problem(r, "%s: NS at a wildcard has no agreed meaning (RFC 4592, 4.2: name the delegations one by one)", rr.NameText(name))
		case k == kindNS:
			c.checkNS(name, r)
		case k == kindGeo:
			c.checkMap(name, r, maps)
		}
	}
	if r := first[kindCNAME]; r != nil {
		for _, k := range []kind{kindGeo, kindAddress, kindNS, kindSOA, kindDNAME, kindOther} {
			if other := first[k]; other != nil {
				c.problem(other, "%s: %s beside a CNAME (line %d): a name with a CNAME can have no other data", rr.NameText(name), TypeText(other.Type), r.Line)
				break
			}
		}
	}
	if r := first[kindGeo]; r != nil && IsWhere(*r) {
		for i := range list {
			if list[i].Type == rr.TypeTXT {
				c.problem(&list[i], "%s: TXT beside where = true (line %d): that is a TXT record itself", rr.NameText(name), r.Line)
				break
			}
		}
	}
	if r := first[kindGeo]; r != nil {
		if other := first[kindAddress]; other != nil {
			c.problem(other, "%s: %s beside geo (line %d): the map gives this name's addresses", rr.NameText(name), TypeText(other.Type), r.Line)
		}
		if other := first[kindNS]; other != nil && !isApex {
			c.problem(r, "%s: geo at a delegation (NS on line %d): the name belongs to another zone", rr.NameText(name), other.Line)
		}
		if _, below := c.Above(c.apex, name, rr.TypeNS); below {
			c.problem(r, "%s: geo below a delegation: the name belongs to another zone", rr.NameText(name))
		}
	}
	if c.dnames > 0 {
		if at, below := c.Above(c.apex, name, rr.TypeDNAME); below {
			c.problem(&list[0], "%s: a record below the DNAME of %s, which takes every name there elsewhere", rr.NameText(name), rr.NameText(c.Name(at)))
		}
	}
}

func (c *checker) checkMap(name []byte, r *Record, maps []string) {
	want := c.Maps[int(r.Data[0])|int(r.Data[1])<<8]
	if slices.Contains(maps, want) {
		return
	}
	hint := "add [maps." + want + "] to tinycdn.toml"
	if near := diag.ClosestSpelling(want, maps); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	c.problem(r, "%s: map %q is not defined (%s)", rr.NameText(name), want, hint)
}

// kind sorts types by what the rules between records say of them.
type kind uint8

const (
	kindOther kind = iota
	kindGeo
	kindAddress
	kindNS
	kindCNAME
	kindSOA
	kindDNAME
	kindSigned // may stand beside a CNAME (RFC 4034, 2.2 and 4; RFC 2535, 2.3.5)
	maxKinds
)

func kindOf(typ uint16) kind {
	switch typ {
	case TypeGeo:
		return kindGeo
	case rr.TypeA, rr.TypeAAAA:
		return kindAddress
	case rr.TypeNS:
		return kindNS
	case rr.TypeCNAME:
		return kindCNAME
	case rr.TypeSOA:
		return kindSOA
	case rr.TypeDNAME:
		return kindDNAME
	case rr.TypeKEY, rr.TypeRRSIG, rr.TypeNSEC:
		return kindSigned
	}
	return kindOther
}

// TypeText names a type as a zone's file does.
func TypeText(typ uint16) string {
	if typ == TypeGeo {
		return "geo"
	}
	return zonefile.TypeText(typ)
}
