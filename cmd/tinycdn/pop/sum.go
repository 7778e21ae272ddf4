package pop

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"tinycdn/zones"
)

// generation says what is served, so that POPs that differ are seen: in a cluster the number and hash of the generation, and whether it is a canary, else a
// hash of the zones, maps and databases.
func (p *POP) generation() string {
	if p.member != nil {
		s := p.member.State()
		if s.Canary {
			return s.Serving.String() + " canary"
		}
		return s.Serving.String()
	}
	if sum := p.sum.Load(); sum != nil {
		return *sum
	}
	return ""
}

// sumUp finds out the hash of what is served from now on, behind everybody's back: of a million records it takes a moment.
func (p *POP) sumUp(g, last *Generation) {
	if p.member != nil || last != nil && !g.newZones(last) {
		return
	}
	go func() {
		sum := g.sum()
		p.summing.Lock()
		defer p.summing.Unlock()
		if now := p.served.Load(); now == g || !now.newZones(g) { // else the next is on its way
			p.sum.Store(&sum)
		}
	}()
}

// sum is a hash of what is answered. It does not depend on where the files lie.
func (g *Generation) sum() string {
	all := sha256.New()
	answered := slices.SortedFunc(slices.Values(g.answered), func(a, b *zonePart) int { return slices.Compare(a.apex, b.apex) })
	for _, z := range answered {
		fmt.Fprintf(all, "zone %s ", zones.NameText(z.apex))
		if z.Value != nil {
			sum := z.Value.Sum()
			all.Write(sum[:])
		}
	}
	fmt.Fprintf(all, "pops %v maps %v\n", g.maps.in.pops, g.maps.in.rules)
	for _, d := range g.maps.Value.databases {
		fmt.Fprintf(all, "database %s %v %v %v %v\n", d.Type, d.Built.UTC(), d.IPv4, d.IPv6, d.Has)
	}
	return hex.EncodeToString(all.Sum(nil))
}
