package steer

import (
	"net/netip"
	"slices"

	"tinycdn/geoip"
)

// policy is rules with their names resolved.
type policy struct {
	pops       []POP
	places     []geoip.Vector // of pops
	bias       []float64      // of pops
	biased     bool           // some bias is not 1
	nearest    bool
	keep       int      // how many POPs an order holds
	families   []family // that answers are given of
	answers    int      // how many POPs an answer holds
	fallback   []uint8
	prefixes   map[netip.Prefix][]uint8
	asns       map[uint32][]uint8
	regions    map[string][]uint8
	countries  map[string][]uint8
	continents map[string][]uint8
	shares     []share
	orders     *orders
	shared     map[[2]uint16]uint16 // the order of which a share has made another, and its POP: that other
}

// With many POPs nobody gets as far as the ninth, and shorter orders are fewer.
const keptPOPs = 8

func newPolicy(r *Rules, all []POP) *policy {
	p := &policy{nearest: r.Nearest, answers: r.Answers, orders: newOrders(), shared: map[[2]uint16]uint16{}}
	index := make(map[string]uint8)
	for _, pop := range all {
		if len(r.POPs) > 0 && !slices.Contains(r.POPs, pop.Name) {
			continue
		}
		bias, set := r.Bias[pop.Name]
		if !set {
			bias = 1
		}
		index[pop.Name] = uint8(len(p.pops))
		p.pops = append(p.pops, pop)
		p.places = append(p.places, pop.Point.Vector())
		p.bias = append(p.bias, bias)
		p.biased = p.biased || bias != 1
	}
	p.shares = newShares(r, p.pops)
	p.keep = min(len(p.pops), max(keptPOPs, r.Answers))
	p.fallback = resolve(r.Default, index)
	p.prefixes = resolveAll(r.Networks, index, func(text string) netip.Prefix { return geoip.Unmap(netip.MustParsePrefix(text)).Masked() })
	p.asns = resolveAll(r.ASNs, index, func(text string) uint32 { asn, _ := parseASN(text); return asn })
	asWritten := func(code string) string { return code }
	p.regions = resolveAll(r.Regions, index, asWritten)
	p.countries = resolveAll(r.Countries, index, asWritten)
	p.continents = resolveAll(r.Continents, index, asWritten)
	for _, f := range []family{netip.Addr.Is4, netip.Addr.Is6} {
		if slices.ContainsFunc(p.pops, f.has) {
			p.families = append(p.families, f)
		}
	}
	return p
}

func resolve(names []string, index map[string]uint8) []uint8 {
	head := make([]uint8, len(names))
	for i, name := range names {
		head[i] = index[name]
	}
	return head
}

func resolveAll[K comparable](rules []Rule, index map[string]uint8, parse func(text string) K) map[K][]uint8 {
	heads := make(map[K][]uint8, len(rules))
	for _, rule := range rules {
		heads[parse(rule.For)] = resolve(rule.POPs, index)
	}
	return heads
}

// decide gives a place the id of its order.
func (p *policy) decide(loc *geoip.Location) uint16 {
	return p.orders.id(p.order(p.head(loc), loc))
}

// networks are the rules that the table applies, because they go by address and not by place.
func (p *policy) networks() []geoip.Override {
	var all []geoip.Override
	for prefix, head := range p.prefixes {
		all = append(all, geoip.Override{Prefix: prefix, Decide: func(loc *geoip.Location) uint16 {
			return p.orders.id(p.order(head, loc))
		}})
	}
	slices.SortFunc(all, func(a, b geoip.Override) int { return a.Prefix.Compare(b.Prefix) })
	return all
}

// head is what the rules say of a place; nothing where distance alone decides.
func (p *policy) head(loc *geoip.Location) []uint8 {
	if head, ok := p.asns[loc.ASN]; ok && loc.ASN != 0 {
		return head
	}
	if head, ok := p.regions[loc.Region]; ok {
		return head
	}
	if head, ok := p.countries[loc.Country]; ok {
		return head
	}
	if head, ok := p.continents[loc.Continent]; ok {
		return head
	}
	if p.nearest && loc.Located {
		return nil
	}
	return p.fallback
}

// order completes head to an order: the other POPs follow by their distance from the place, or from the first POP of head
// where no place is known or distance is not to count.
func (p *policy) order(head []uint8, loc *geoip.Location) []uint8 {
	var from geoip.Vector
	if p.nearest && loc != nil && loc.Located {
		from = loc.Point.Vector()
	} else {
		from = p.places[head[0]]
	}
	order := p.byDistance(head, from, p.keep)
	if p.keep < len(p.pops) {
		order = p.keepFamilies(order, head, from)
	}
	return order
}

// byDistance puts POPs that are not in head behind it, the nearest first, and of equals the one named first. It keeps so many
// in all, and head.
func (p *policy) byDistance(head []uint8, from geoip.Vector, keep int) []uint8 {
	order := append(make([]uint8, 0, max(keep, len(head))+1), head...)
	var far [256]float64
	for i := range p.pops {
		pop := uint8(i)
		if slices.Contains(head, pop) {
			continue
		}
		far[pop] = p.distance(pop, from)
		at := len(order)
		for at > len(head) && far[order[at-1]] > far[pop] {
			at--
		}
		order = slices.Insert(order, at, pop)
		order = order[:min(len(order), max(keep, len(head)))]
	}
	return order
}

// keepFamilies makes sure that a shortened order does not lose a family: whether a name has A or AAAA records must not depend on who
// asks. Where no POP in it has an address of a family, the nearest that has one is added.
func (p *policy) keepFamilies(order, head []uint8, from geoip.Vector) []uint8 {
	for _, f := range p.families {
		has := func(pop uint8) bool { return f.has(p.pops[pop]) }
		if !slices.ContainsFunc(order, has) {
			whole := p.byDistance(head, from, len(p.pops))
			order = append(order, whole[slices.IndexFunc(whole, has)])
		}
	}
	return order
}

// distance is a number that grows with the biased distance of a POP.
func (p *policy) distance(pop uint8, from geoip.Vector) float64 {
	if !p.biased {
		return p.places[pop].Chord2(from)
	}
	return p.places[pop].DistanceKm(from) * p.bias[pop]
}
