package steer

import (
	"slices"

	"tinycdn/geoip"
)

// share is a POP's part of what would go to others: of the numbers from 0 to 1 that pieces of space have, those from from to before to.
type share struct {
	pop            uint8
	part, from, to float64
}

// newShares stacks the shares in the order of the POPs.
func newShares(r *Rules, pops []POP) (all []share) {
	from := 0.0
	for i, pop := range pops {
		if part := r.Share[pop.Name]; part > 0 {
			all = append(all, share{uint8(i), part, from, from + part})
			from += part
		}
	}
	return all
}

// divide gives the order that a piece of space gets in place of the one with this number: where its own number is in a POP's
// share, that POP comes first.
func (p *policy) divide(value uint16, piece geoip.Block) uint16 {
	number := numberOf(piece)
	i := slices.IndexFunc(p.shares, func(s share) bool { return s.from <= number && number < s.to })
	if i < 0 {
		return value
	}
	pop, order := p.shares[i].pop, p.orders.list[value]
	if order[0] == pop {
		return value
	}
	key := [2]uint16{value, uint16(pop)}
	id, known := p.shared[key]
	if !known {
		rest := slices.DeleteFunc(slices.Clone(order), func(other uint8) bool { return other == pop })
		id = p.orders.id(append([]uint8{pop}, rest...))
		p.shared[key] = id
	}
	return id
}

// explainShare notes by which share a place's first POP is not the one that its rule gives.
func (p *policy) explainShare(why *Why, first uint8, loc *geoip.Location) {
	i := slices.IndexFunc(p.shares, func(s share) bool { return s.pop == first })
	if byRule := p.order(p.head(loc), loc)[0]; i >= 0 && byRule != first {
		why.Share, why.Else = p.shares[i].part, p.pops[byRule].Name
	}
}

// numberOf gives a piece of space its number from 0 to before 1. It must not change: POPs of different versions would divide
// the world differently.
func numberOf(piece geoip.Block) float64 {
	x := piece.Hi // its low bits are free: a piece of IPv6 has 32
	if piece.V4 {
		x |= 1
	}
	// The finalizer of SplitMix64: each bit of x turns half of the result's.
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}
