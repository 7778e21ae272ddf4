package zonestest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// A Validator holds replies against the keys of zones, as a validating resolver does (RFC 4035, 5; RFC 5155, 8).
type Validator struct {
	Keys map[string][]*dns.DNSKEY // by apex
}

// set are the records of a name and type in a section, with their signatures.
type set struct {
	owner string
	typ   uint16
	rrs   []dns.RR
	sigs  []*dns.RRSIG
}

// Validate says why a reply to a question with DO is bogus.
func (v *Validator) Validate(m *dns.Msg) error {
	q := m.Question[0]
	d := denial{zone: ".", name: strings.ToLower(q.Name)}
	answer, authority := setsOf(m.Answer), setsOf(m.Ns)
	d.collect(authority)
	if q.Qtype != dns.TypeRRSIG {
		for _, s := range answer {
			if err := v.check(s, answer, &d); err != nil {
				return err
			}
		}
	}
	for _, s := range authority {
		if s.typ == dns.TypeNS && find(authority, "", dns.TypeSOA) == nil {
			continue // a referral's belong to the child (RFC 4035, 2.2)
		}
		if err := v.check(s, nil, &d); err != nil {
			return err
		}
	}
	name, hops := strings.ToLower(q.Name), 0
	for ; hops < 20; hops++ {
		alias := find(answer, name, dns.TypeCNAME)
		if alias == nil || len(alias.rrs) == 0 || q.Qtype == dns.TypeCNAME || q.Qtype == dns.TypeANY {
			break
		}
		name = strings.ToLower(alias.rrs[0].(*dns.CNAME).Target)
	}
	d.name = name
	soa := find(authority, "", dns.TypeSOA)
	switch ns := find(authority, "", dns.TypeNS); {
	case m.Rcode == dns.RcodeNameError:
		return d.noName(soa)
	case m.Rcode != dns.RcodeSuccess:
		return nil
	case soa != nil:
		return d.noData(soa, q.Qtype)
	case ns != nil:
		if find(authority, ns.owner, dns.TypeDS) != nil {
			return nil
		}
		d.name = ns.owner
		return d.noData(&set{owner: d.zoneOf()}, dns.TypeDS)
	case len(m.Answer) == 0:
		return errors.New("nothing is answered, and nothing denied")
	}
	return nil
}

// check verifies the signatures of a set. What a wildcard stands for needs more.
func (v *Validator) check(s *set, answer []*set, d *denial) error {
	if len(s.sigs) == 0 {
		for _, other := range answer {
			if other.typ == dns.TypeDNAME && s.typ == dns.TypeCNAME && dns.IsSubDomain(other.owner, s.owner) && other.owner != s.owner {
				return nil // made from it (RFC 6672, 5.3.1)
			}
		}
		return fmt.Errorf("%s %s is not signed", s.owner, dns.Type(s.typ))
	}
	for _, sig := range s.sigs {
		verified := false
		for _, key := range v.Keys[strings.ToLower(sig.SignerName)] {
			verified = verified || sig.Verify(key, s.rrs) == nil
		}
		if !verified {
			return fmt.Errorf("%s %s: the signature by %s does not hold", s.owner, dns.Type(s.typ), sig.SignerName)
		}
	}
	labels := dns.CountLabel(s.owner)
	if strings.HasPrefix(s.owner, "*.") {
		labels--
	}
	if sig := s.sigs[0]; int(sig.Labels) < labels {
		closer := ancestor(s.owner, int(sig.Labels)+1)
		if !d.covered(closer, s.owner) {
			return fmt.Errorf("%s %s comes from a wildcard, and nothing shows that %s is not there", s.owner, dns.Type(s.typ), closer)
		}
	}
	return nil
}

// setsOf sorts records by their owners and types.
func setsOf(rrs []dns.RR) (list []*set) {
	at := func(owner string, typ uint16) *set {
		s := find(list, strings.ToLower(owner), typ)
		if s == nil {
			s = &set{owner: strings.ToLower(owner), typ: typ}
			list = append(list, s)
		}
		return s
	}
	for _, rr := range rrs {
		if sig, ok := rr.(*dns.RRSIG); ok {
			s := at(sig.Hdr.Name, sig.TypeCovered)
			s.sigs = append(s.sigs, sig)
			continue
		}
		s := at(rr.Header().Name, rr.Header().Rrtype)
		s.rrs = append(s.rrs, rr)
	}
	return list
}

// find is the set of a name ("": of any) and type.
func find(list []*set, owner string, typ uint16) *set {
	for _, s := range list {
		if s.typ == typ && (owner == "" || s.owner == owner) {
			return s
		}
	}
	return nil
}

// ancestor is the end of a name with that many labels.
func ancestor(name string, labels int) string {
	for dns.CountLabel(name) > labels {
		name = parent(name)
	}
	return name
}
