package zones

import (
	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

// expected is what the answer to a question must be.
type expected struct {
	of                *plainName // whose records decide
	rcode             uint8
	authoritative     bool
	answer, authority []string
	oneOf             []string // of a geo name: instead of answer, some of these
	signed            bool     // and a signature
	glue              []string // must be in Additional
	leadsOn           bool     // the answer begins so; what it leads to is those names' matter
}

// expect says what must be answered for a name of the zone, by RFC 1034, 4.3.2.
func (z *plainZone) expect(name string, typ uint16, do bool) (want expected) {
	cut := z.cutAbove(name)
	if n := z.names[name]; cut == "" && name != z.apex && typ != rr.TypeDS && n != nil && n.sets[rr.TypeNS] != nil {
		cut = name
	}
	if cut != "" {
		return z.expectReferral(cut, do)
	}
	encloser := name
	for z.names[encloser] == nil {
		encloser = encloser[1+encloser[0]:]
	}
	n := z.names[encloser]
	if encloser != name {
		if n.sets[rr.TypeDNAME] != nil {
			return z.expectRedirect(name, encloser, n, do)
		}
		star := z.names["\x01*"+encloser]
		if star == nil {
			want = expected{of: n, authoritative: true, rcode: nxDomain, authority: z.denial}
			if do && z.signed != nil {
				want.authority = z.signed.deny(z, z.signed.noName(z, name, encloser))
			}
			return want
		}
		n = star
	}
	want = expected{of: n, authoritative: true}
	if z.signed != nil {
		return z.expectSigned(want, name, encloser, n, typ, do)
	}
	if n.geo != nil && (typ == rr.TypeA || typ == rr.TypeAAAA) {
		want.oneOf = z.geoAddresses(name, n.geo, typ)
	} else if want.answer = n.records(name, typ); want.answer == nil {
		want.answer = n.records(name, rr.TypeCNAME)
		want.leadsOn = want.answer != nil
	}
	if want.answer == nil && want.oneOf == nil {
		want.authority = z.denial
	}
	return want
}

// expectReferral is expect at a delegation and below it.
func (z *plainZone) expectReferral(cut string, do bool) expected {
	n := z.names[cut]
	want := expected{of: n, authority: n.records(cut, rr.TypeNS)}
	if do {
		want.authority = append(want.authority, n.records(cut, rr.TypeDS)...)
		if z.signed != nil {
			want.authority = append(want.authority, z.signed.delegation(z, cut, n)...)
		}
	}
	for _, host := range n.sets[rr.TypeNS].data {
		if glue := z.all[host]; glue != nil {
			want.glue = append(want.glue, glue.addresses(host)...)
		}
	}
	return want
}

// expectRedirect is expect below owner, whose records n have a DNAME (RFC 6672, 3.1).
func (z *plainZone) expectRedirect(name, owner string, n *plainName, do bool) expected {
	dname := n.sets[rr.TypeDNAME]
	target := name[:len(name)-len(owner)] + dname.data[0]
	want := expected{of: n, authoritative: true, answer: n.records(owner, rr.TypeDNAME)}
	if do && z.signed != nil {
		want.answer = append(want.answer, n.signatures(owner, rr.TypeDNAME)...)
	}
	if len(target) > rr.MaxName {
		want.rcode = yxDomain
		return want
	}
	want.answer = append(want.answer, recordText(name, rr.TypeCNAME, dname.ttl, target))
	want.leadsOn = true
	return want
}

// geoAddresses are all that a geo name may be answered with.
func (z *plainZone) geoAddresses(name string, geo *zonefile.Geo, typ uint16) (all []string) {
	m := z.maps[geo.Map].steer
	if typ == rr.TypeAAAA && len(m.NoIPv6) > 0 {
		return nil
	}
	for _, pop := range m.POPs {
		for _, addr := range pop.Addresses {
			if addr.Is4() == (typ == rr.TypeA) {
				all = append(all, recordText(name, typ, geo.TTL, string(addr.AsSlice())))
			}
		}
	}
	return all
}
