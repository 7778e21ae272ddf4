package zonestest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// denial is what a reply brings along to show that something is not there.
type denial struct {
	zone, name string
	nsec       []*dns.NSEC
	nsec3      []*dns.NSEC3
}

func (d *denial) collect(authority []*set) {
	for _, s := range authority {
		for _, rr := range s.rrs {
			switch rr := rr.(type) {
			case *dns.NSEC:
				d.nsec = append(d.nsec, rr)
			case *dns.NSEC3:
				d.nsec3 = append(d.nsec3, rr)
			}
		}
	}
}

// zoneOf is the zone that NSEC3 records are of; of NSEC it does not matter.
func (d *denial) zoneOf() string {
	if len(d.nsec3) > 0 {
		return strings.ToLower(parent(d.nsec3[0].Hdr.Name))
	}
	return "."
}

// Canonical compares names as RFC 4034, 6.1 has it.
func Canonical(a, b string) int {
	x, y := labels(a), labels(b)
	return slices.CompareFunc(x, y, bytes.Compare)
}

// labels are those of a name in lower case, the last first.
func labels(name string) (list [][]byte) {
	var wire [256]byte
	end, err := dns.PackDomainName(strings.ToLower(name), wire[:], 0, nil, false)
	if err != nil {
		return nil
	}
	for at := 0; at < end-1; at += 1 + int(wire[at]) {
		list = append([][]byte{slices.Clone(wire[at+1 : at+1+int(wire[at])])}, list...)
	}
	return list
}

// covers says whether the NSEC shows that there is no such name. One at a cut says nothing of what is below.
func covers(n *dns.NSEC, name string) bool {
	has := func(typ uint16) bool { return slices.Contains(n.TypeBitMap, typ) }
	if dns.IsSubDomain(n.Hdr.Name, name) && (has(dns.TypeNS) && !has(dns.TypeSOA) || has(dns.TypeDNAME)) {
		return false
	}
	after, before := Canonical(n.Hdr.Name, name) < 0, Canonical(name, n.NextDomain) < 0
	if Canonical(n.Hdr.Name, n.NextDomain) >= 0 {
		return after && dns.IsSubDomain(n.NextDomain, name) // the last leads to the apex
	}
	return after && before
}

// covered says whether it is shown that a name is not there. Of NSEC it is one below it that is asked for.
func (d *denial) covered(closer, name string) bool {
	for _, n := range d.nsec {
		if covers(n, name) && !dns.IsSubDomain(closer, strings.ToLower(n.NextDomain)) {
			return true
		}
	}
	return d.covers3(closer, false)
}

func (d *denial) covers3(name string, optOut bool) bool {
	for _, n := range d.nsec3 {
		owner, next, hash := hashes(n, name)
		if between := owner < hash && hash < next || owner >= next && (owner < hash || hash < next); between && (!optOut || n.Flags&1 != 0) {
			return true
		}
	}
	return false
}

func (d *denial) match3(name string) *dns.NSEC3 {
	for _, n := range d.nsec3 {
		if owner, _, hash := hashes(n, name); owner == hash {
			return n
		}
	}
	return nil
}

// hashes are those that an NSEC3 lies between, and that of a name.
func hashes(n *dns.NSEC3, name string) (owner, next, hash string) {
	owner, _, _ = strings.Cut(n.Hdr.Name, ".")
	return strings.ToUpper(owner), strings.ToUpper(n.NextDomain), dns.HashName(name, n.Hash, n.Iterations, n.Salt)
}

// encloser3 is the closest encloser that is proved (RFC 5155, 8.3), and the next closer name.
func (d *denial) encloser3(name, zone string) (encloser, closer string) {
	for closer = name; closer != zone && closer != "."; closer = parent(closer) {
		if d.match3(parent(closer)) != nil && d.covers3(closer, false) {
			return parent(closer), closer
		}
	}
	return "", ""
}

// noName proves that the name is not there.
func (d *denial) noName(soa *set) error {
	if soa == nil {
		return errors.New("NXDOMAIN without SOA")
	}
	if len(d.nsec3) > 0 {
		encloser, closer := d.encloser3(d.name, soa.owner)
		if encloser == "" {
			return fmt.Errorf("no closest encloser of %s is proved", d.name)
		}
		if !d.covers3(below("*", encloser), false) && !d.covers3(closer, true) {
			return fmt.Errorf("nothing shows that there is no wildcard below %s", encloser)
		}
		return nil
	}
	for _, n := range d.nsec {
		if !covers(n, d.name) {
			continue
		}
		star := below("*", closest(n, d.name))
		for _, other := range d.nsec {
			if covers(other, star) {
				return nil
			}
		}
		return fmt.Errorf("nothing shows that %s is not there", star)
	}
	return fmt.Errorf("nothing shows that %s is not there", d.name)
}

// closest is the closest encloser of a name that an NSEC covers: what it has in common with either end.
func closest(n *dns.NSEC, name string) string {
	common := max(dns.CompareDomainName(strings.ToLower(n.Hdr.Name), name), dns.CompareDomainName(strings.ToLower(n.NextDomain), name))
	return ancestor(name, common)
}

// noData proves that the name has nothing of a type.
func (d *denial) noData(soa *set, typ uint16) error {
	lacks := func(types []uint16) bool {
		has := func(typ uint16) bool { return slices.Contains(types, typ) }
		return !has(typ) && !has(dns.TypeCNAME) && (typ != dns.TypeDS || !has(dns.TypeSOA) || d.name == soa.owner) && (typ == dns.TypeDS || !has(dns.TypeNS) || has(dns.TypeSOA))
	}
	if len(d.nsec3) > 0 {
		if n := d.match3(d.name); n != nil {
			if lacks(n.TypeBitMap) {
				return nil
			}
			return fmt.Errorf("the NSEC3 of %s tells of %s", d.name, dns.Type(typ))
		}
		encloser, closer := d.encloser3(d.name, soa.owner)
		if star := d.match3(below("*", encloser)); encloser != "" && (star != nil && lacks(star.TypeBitMap) || d.covers3(closer, true)) {
			return nil
		}
		return fmt.Errorf("nothing shows that %s has no %s", d.name, dns.Type(typ))
	}
	for _, n := range d.nsec {
		if Canonical(n.Hdr.Name, d.name) == 0 {
			if lacks(n.TypeBitMap) {
				return nil
			}
			return fmt.Errorf("the NSEC of %s tells of %s", d.name, dns.Type(typ))
		}
		if !covers(n, d.name) {
			continue
		}
		if dns.IsSubDomain(d.name, strings.ToLower(n.NextDomain)) {
			return nil // an empty non-terminal
		}
		star := below("*", closest(n, d.name))
		for _, other := range d.nsec {
			if Canonical(other.Hdr.Name, star) == 0 && lacks(other.TypeBitMap) || covers(other, star) && dns.IsSubDomain(star, strings.ToLower(other.NextDomain)) {
				return nil
			}
		}
	}
	return fmt.Errorf("nothing shows that %s has no %s", d.name, dns.Type(typ))
}

// HashIs says whether a name is that of the NSEC3 record of another, without salt and further iterations.
func HashIs(owner, name string) bool {
	label, _, _ := strings.Cut(owner, ".")
	return strings.EqualFold(label, dns.HashName(name, dns.SHA1, 0, ""))
}
