package zonestest

import (
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// Oracle answers questions from lists of records, as RFC 1034, 4.3.2 tells it and with no thought of speed.
type Oracle struct {
	zones map[string]*oracleZone // by apex
}

type oracleZone struct {
	apex    string
	records map[string][]dns.RR // by owner
	geo     map[string]geoName  // names whose addresses a map gives
}

// verdict is what the oracle says of a question.
type verdict struct {
	rcode             int
	aa                bool
	answer, authority []dns.RR
	glue              []dns.RR // that must be in Additional
	geo               string   // the name that a map answers for, if it came to that
}

func (o *Oracle) answer(name string, typ uint16, do bool) (v verdict) {
	seen := map[string]bool{}
	var last *oracleZone
	var answer []dns.RR
	for hop := 0; hop <= 10; hop++ {
		if seen[name] {
			break
		}
		seen[name] = true
		z := o.enclosing(name)
		if z != nil && typ == dns.TypeDS && name == z.apex {
			if p := o.enclosing(parent(name)); name != "." && p != nil && (hop == 0 || last == p || p.cuts(name)) {
				z = p // it denies no name that an alias elsewhere leads to
			}
		}
		if z == nil {
			if hop == 0 {
				v.rcode = dns.RcodeRefused
			}
			break
		}
		next := z.answer(name, typ, do, hop == 0, &v)
		if next == "" {
			break
		}
		name, last = strings.ToLower(next), z
	}
	for i, rr := range v.answer { // no record twice
		if !slices.ContainsFunc(v.answer[:i], func(other dns.RR) bool { return rr.String() == other.String() }) {
			answer = append(answer, rr)
		}
	}
	v.answer = answer
	return v
}

func (o *Oracle) enclosing(name string) *oracleZone {
	for ; ; name = parent(name) {
		if z := o.zones[name]; z != nil {
			return z
		}
		if name == "." {
			return nil
		}
	}
}

// answer adds to v what the zone says of a name in it, and returns the name to go on with.
func (z *oracleZone) answer(name string, typ uint16, do, first bool, v *verdict) (next string) {
	// A cut on the way down from the apex.
	for _, at := range slices.Backward(chain(name, z.apex)) {
		if at == z.apex || z.find(at, dns.TypeNS) == nil || at == name && typ == dns.TypeDS {
			continue
		}
		v.authority = append(v.authority, z.find(at, dns.TypeNS)...)
		if do {
			v.authority = append(v.authority, z.find(at, dns.TypeDS)...)
		}
		for _, ns := range z.find(at, dns.TypeNS) {
			target := strings.ToLower(ns.(*dns.NS).Ns)
			v.glue = append(v.glue, z.find(target, dns.TypeA)...)
			v.glue = append(v.glue, z.find(target, dns.TypeAAAA)...)
		}
		return ""
	}
	v.aa = true
	if z.exists(name) {
		return z.answerAs(name, name, typ, first, v)
	}
	encloser := parent(name)
	for !z.exists(encloser) {
		encloser = parent(encloser)
	}
	if d := z.find(encloser, dns.TypeDNAME); d != nil {
		target := dns.Fqdn(strings.TrimSuffix(name, encloser) + strings.TrimPrefix(d[0].(*dns.DNAME).Target, "."))
		v.answer = append(v.answer, d[0])
		if len(target) > 254 {
			v.rcode = dns.RcodeYXDomain
			return ""
		}
		hdr := dns.RR_Header{Name: name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: d[0].Header().Ttl}
		v.answer = append(v.answer, &dns.CNAME{Hdr: hdr, Target: target})
		if typ == dns.TypeCNAME || typ == dns.TypeANY {
			return ""
		}
		return target
	}
	if star := below("*", encloser); z.exists(star) {
		return z.answerAs(name, star, typ, first, v)
	}
	v.rcode = dns.RcodeNameError
	z.deny(v)
	return ""
}

// answerAs answers for name with the records of owner: itself or a wildcard.
func (z *oracleZone) answerAs(name, owner string, typ uint16, first bool, v *verdict) (next string) {
	_, isGeo := z.geo[owner]
	if isGeo && (typ == dns.TypeA || typ == dns.TypeAAAA) {
		if first {
			v.geo = owner
		}
		return ""
	}
	add := func(rrs []dns.RR) {
		for _, rr := range rrs {
			rr = dns.Copy(rr)
			rr.Header().Name = name
			v.answer = append(v.answer, rr)
		}
	}
	if cname := z.find(owner, dns.TypeCNAME); cname != nil && z.find(owner, typ) == nil || cname != nil && typ == dns.TypeCNAME {
		add(cname)
		if typ == dns.TypeCNAME || typ == dns.TypeANY {
			return ""
		}
		return cname[0].(*dns.CNAME).Target
	}
	if typ == dns.TypeANY && (len(z.records[owner]) > 0 || isGeo) {
		add([]dns.RR{&dns.HINFO{Hdr: dns.RR_Header{Rrtype: dns.TypeHINFO, Class: 1, Ttl: 3600}, Cpu: "RFC8482"}})
		return ""
	}
	if rrs := z.find(owner, typ); rrs != nil {
		add(rrs)
		return ""
	}
	z.deny(v)
	return ""
}

func (z *oracleZone) deny(v *verdict) {
	soa := dns.Copy(z.find(z.apex, dns.TypeSOA)[0]).(*dns.SOA)
	soa.Hdr.Ttl = min(soa.Hdr.Ttl, soa.Minttl)
	v.authority = append(v.authority, soa)
}

// find returns the records of a name and type: duplicates once, all with the lowest TTL.
func (z *oracleZone) find(name string, typ uint16) (set []dns.RR) {
	for _, rr := range z.records[name] {
		if rr.Header().Rrtype == typ && !slices.ContainsFunc(set, func(other dns.RR) bool { return dns.IsDuplicate(rr, other) }) {
			set = append(set, dns.Copy(rr))
		}
	}
	for _, rr := range set {
		for _, other := range z.records[name] {
			if other.Header().Rrtype == typ {
				rr.Header().Ttl = min(rr.Header().Ttl, other.Header().Ttl)
			}
		}
	}
	return set
}

// cuts says whether a name is delegated away.
func (z *oracleZone) cuts(name string) bool {
	for _, at := range chain(name, z.apex) {
		if at != z.apex && z.find(at, dns.TypeNS) != nil {
			return true
		}
	}
	return false
}

// exists says whether the name or one below it has data of this zone.
func (z *oracleZone) exists(name string) bool {
	has := func(owner string) bool {
		if !dns.IsSubDomain(name, owner) {
			return false
		}
		for _, at := range chain(owner, z.apex) {
			if at != owner && at != z.apex && z.find(at, dns.TypeNS) != nil {
				return false
			}
		}
		return true
	}
	for owner := range z.records {
		if has(owner) {
			return true
		}
	}
	for owner := range z.geo {
		if has(owner) {
			return true
		}
	}
	return false
}

// chain returns name and the names above it, as far as apex.
func chain(name, apex string) (list []string) {
	for ; name != apex; name = parent(name) {
		list = append(list, name)
	}
	return append(list, apex)
}

func parent(name string) string {
	if i, end := dns.NextLabel(name, 0); !end {
		return name[i:]
	}
	return "."
}

func below(label, name string) string {
	if name == "." {
		return label + "."
	}
	return label + "." + name
}
