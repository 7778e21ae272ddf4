package steer

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"tinycdn/zones/diag"
)

// What Rules.IPv6 may be. Browsers prefer IPv6, so with "any" the visitors near a POP that has none go past it.
const (
	ipv6All = "all"
	ipv6Any = "any"
)

// family tells addresses of one family from others.
type family func(netip.Addr) bool

// has reports whether a POP has an address of the family.
func (f family) has(pop POP) bool { return slices.ContainsFunc(pop.Addresses, f) }

// alike says whether all POPs have addresses of the same families: then no map has to look closer.
func alike(pops []POP) bool {
	for _, f := range []family{netip.Addr.Is4, netip.Addr.Is6} {
		if slices.ContainsFunc(pops, f.has) && slices.ContainsFunc(pops, func(pop POP) bool { return !f.has(pop) }) {
			return false
		}
	}
	return true
}

// without are the POPs that visitors may be sent to and that have no address of the family.
func (p *policy) without(f family) (list []uint8) {
	for _, pop := range p.reached() {
		if !f.has(p.pops[pop]) {
			list = append(list, pop)
		}
	}
	return list
}

// reached are the POPs that the map may send visitors to, whatever the databases say. By distance that is any.
func (p *policy) reached() (list []uint8) {
	for pop := range p.pops {
		list = append(list, uint8(pop))
	}
	if p.nearest {
		return list
	}
	sent := map[uint8]bool{}
	for _, s := range p.shares {
		sent[s.pop] = true
	}
	for _, head := range p.heads() {
		for _, pop := range p.order(head, nil)[:max(len(head), p.answers)] {
			sent[pop] = true
		}
	}
	return slices.DeleteFunc(list, func(pop uint8) bool { return !sent[pop] })
}

// heads are those of all rules and the default.
func (p *policy) heads() [][]uint8 {
	all := [][]uint8{p.fallback}
	for _, rules := range []map[string][]uint8{p.regions, p.countries, p.continents} {
		for _, head := range rules {
			all = append(all, head)
		}
	}
	for _, head := range p.prefixes {
		all = append(all, head)
	}
	for _, head := range p.asns {
		all = append(all, head)
	}
	return all
}

// noIPv6 are the POPs for whose sake the map gives no AAAA: they have no IPv6, and not any POP's will do. It must depend
// neither on who asks nor on which POPs are up.
func (p *policy) noIPv6(r *Rules) []string {
	if r.IPv6 == ipv6Any {
		return nil
	}
	return p.names(p.without(netip.Addr.Is6))
}

func (p *policy) names(pops []uint8) (names []string) {
	for _, pop := range pops {
		names = append(names, p.pops[pop].Name)
	}
	return names
}

// checkFamilies wants a family of addresses that all POPs have. A POP without IPv6 leaves out AAAA, and one without
// IPv4 would then get nobody.
func (c *checker) checkFamilies(pops []POP) {
	unknown := func(pop POP) bool { return len(pop.Addresses) == 0 } // which is a mistake of its own
	if c.rules.IPv6 == ipv6Any || alike(pops) || slices.ContainsFunc(pops, unknown) {
		return
	}
	p := newPolicy(c.rules, pops)
	no4, no6 := p.without(netip.Addr.Is4), p.without(netip.Addr.Is6)
	if len(no4) > 0 && len(no6) > 0 {
		c.report(nil, "%s no IPv4 and %s no IPv6, so no kind of address is one that all its POPs have: "+
			`add what is missing, or write ipv6 = "any"`, have(p.names(no4)), have(p.names(no6)))
	}
}

// familyNotes tell which visitors have to go past a POP, because it has no address of their family.
func (r *Rules) familyNotes(pops []POP, note diag.Report) {
	if alike(pops) {
		return
	}
	p := newPolicy(r, pops)
	for _, pop := range p.without(netip.Addr.Is4) {
		if to, found := p.past(pop, netip.Addr.Is4); found {
			note(nil, "%s has no IPv4: visitors %s it that have no IPv6 go to %s", p.pops[pop].Name, p.near(), to)
		}
	}
	no6 := p.without(netip.Addr.Is6)
	if len(no6) == 0 {
		return
	}
	to, found := p.past(no6[0], netip.Addr.Is6)
	switch {
	case !found || r.IPv6 == ipv6All: // nobody has IPv6, or this was asked for
	case r.IPv6 == ipv6Any:
		for _, pop := range no6 {
			to, _ := p.past(pop, netip.Addr.Is6)
			note(diag.At("ipv6"), "%s has no IPv6: visitors %s it that have IPv6 go to %s", p.pops[pop].Name, p.near(), to)
		}
	default:
		note(nil, `AAAA is left out, because %s no IPv6: add an address; or write ipv6 = "any", and visitors with IPv6 %s %s go to %s; `+
			`or ipv6 = "all" if this is meant`, have(p.names(no6)), p.near(), p.pops[no6[0]].Name, to)
	}
}

// past names the POP that takes over from one which has no address of a family, and says how far it is from there.
func (p *policy) past(pop uint8, f family) (to string, found bool) {
	order := p.byDistance([]uint8{pop}, p.places[pop], len(p.pops))
	i := slices.IndexFunc(order, func(pop uint8) bool { return f.has(p.pops[pop]) })
	if i < 0 {
		return "", false
	}
	next := order[i]
	return fmt.Sprintf("%s, %s km further", p.pops[next].Name, thousands(p.places[next].DistanceKm(p.places[pop]))), true
}

// near is how visitors come to a POP.
func (p *policy) near() string {
	if p.nearest {
		return "near"
	}
	return "sent to"
}

// have names POPs as the subject of a sentence: "fra and syd have".
func have(names []string) string {
	const most = 4
	switch last := len(names) - 1; {
	case last == 0:
		return names[0] + " has"
	case last < most:
		return strings.Join(names[:last], ", ") + " and " + names[last] + " have"
	}
	return fmt.Sprintf("%s and %d others have", strings.Join(names[:most-1], ", "), len(names)-most+1)
}

// thousands writes a distance as people do: 15,990.
func thousands(km float64) string {
	if km < 1000 {
		return fmt.Sprintf("%.0f", km)
	}
	n := int(km/10+0.5) * 10
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
