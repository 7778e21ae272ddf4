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
	keep       int // how many POPs an order holds
	fallback   []uint8
	prefixes   map[netip.Prefix][]uint8
	asns       map[uint32][]uint8
	regions    map[string][]uint8
	countries  map[string][]uint8
	continents map[string][]uint8
	orders     *orders
}

// With many POPs nobody gets as far as the ninth, and shorter orders are fewer.
const keptPOPs = 8

func newPolicy(r *Rules, all []POP) *policy {
	p := &policy{nearest: r.Nearest, orders: newOrders()}
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
	p.keep = min(len(p.pops), max(keptPOPs, r.Answers))
	p.fallback = resolve(r.Default, index)
	p.prefixes = make(map[netip.Prefix][]uint8)
	for prefix, names := range r.Networks {
		p.prefixes[geoip.Unmap(prefix).Masked()] = resolve(names, index)
	}
	p.asns = resolveAll(r.ASNs, index)
	p.regions = resolveAll(r.Regions, index)
	p.countries = resolveAll(r.Countries, index)
	p.continents = resolveAll(r.Continents, index)
	return p
}

func resolve(names []string, index map[string]uint8) []uint8 {
	head := make([]uint8, len(names))
	for i, name := range names {
		head[i] = index[name]
	}
	return head
}

func resolveAll[K comparable](rules map[K][]string, index map[string]uint8) map[K][]uint8 {
	heads := make(map[K][]uint8, len(rules))
	for key, names := range rules {
		heads[key] = resolve(names, index)
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
	return p.cut(p.byDistance(head, from))
}

// byDistance puts the POPs that are not in head behind it, the nearest first, and of equals the one named first.
func (p *policy) byDistance(head []uint8, from geoip.Vector) []uint8 {
	order := append(make([]uint8, 0, len(p.pops)), head...)
	var room [256]float64
	far := room[:len(p.pops)]
	for i := range p.pops {
		if slices.Contains(head, uint8(i)) {
			continue
		}
		far[i] = p.distance(uint8(i), from)
		at := len(order)
		for at > len(head) && far[order[at-1]] > far[i] {
			at--
		}
		order = slices.Insert(order, at, uint8(i))
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

// cut shortens an order to what is kept. Whether a name has A or AAAA records must not depend on who asks: if none of those
// kept has an address of a family, the next that has one stays too.
func (p *policy) cut(order []uint8) []uint8 {
	if len(order) <= p.keep {
		return order
	}
	kept, rest := order[:p.keep:p.keep], order[p.keep:]
	for _, is := range []func(netip.Addr) bool{netip.Addr.Is4, netip.Addr.Is6} {
		has := func(pop uint8) bool { return slices.ContainsFunc(p.pops[pop].Addresses, is) }
		if !slices.ContainsFunc(kept, has) {
			if i := slices.IndexFunc(rest, has); i >= 0 {
				kept = append(kept, rest[i])
			}
		}
	}
	return kept
}
