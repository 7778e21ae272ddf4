// Package worldmap draws who goes where: places on a map of the world, in the colours of POPs, as SVG, as PNG, or in characters.
package worldmap

import (
	"cmp"
	"math"
	"slices"
)

// Picture is what is drawn. What is in it never changes while it is.
type Picture struct {
	Title string
	Kinds []Kind // in the order of the legend
	POPs  []POP
	Notes []string // what stands below: what is not on the map, and whose data it is
}

// Kind is dots of one colour.
type Kind struct {
	Name  string
	Share string // how much that is, in words
	Quiet bool   // grey, and below the others: what is not the matter
	Dots  []Dot
}

// Dot is a place. Its area goes by its weight.
type Dot struct{ Lat, Lon, Weight float64 }

// POP is a place with a name.
type POP struct {
	Name     string
	Lat, Lon float64
	Kind     int // its colour; -1: it has none
}

// palette is Paul Tol's bright scheme, which people see as different colours who see red and green alike, and two of his vibrant one. They
// stand out from white and from black. The last is for what is quiet.
var palette = [...]uint32{0x4477AA, 0xEE6677, 0x228833, 0xCCBB44, 0x66CCEE, 0xAA3377, 0xEE7733, 0x009988, quiet: 0x999999, dark: 0x1d2433}

// quiet is the place of grey in the palette, and dark that of what has no colour, which is white by night.
const quiet, dark = 8, 9

// colours gives each kind a place in the palette. Where there are more kinds than colours, a kind gets that of those that are farthest from
// its POP: neighbours are told apart.
func (p *Picture) colours() []int {
	list := make([]int, len(p.Kinds))
	at := make([]*POP, len(p.Kinds))
	for i := range p.POPs {
		if kind := p.POPs[i].Kind; kind >= 0 && kind < len(at) {
			at[kind] = &p.POPs[i]
		}
	}
	for i := range p.Kinds {
		if list[i] = quiet; p.Kinds[i].Quiet {
			continue
		}
		best := -1.0
		for colour := range quiet {
			nearest := math.Inf(1)
			for j := range i {
				if list[j] == colour {
					nearest = min(nearest, apart(at[i], at[j]))
				}
			}
			if nearest > best {
				best, list[i] = nearest, colour
			}
		}
	}
	return list
}

// apart is how far apart POPs are on the map, in tenths of a unit; without a place they are side by side.
func apart(a, b *POP) float64 {
	if a == nil || b == nil {
		return 0
	}
	ax, ay := Project(a.Lat, a.Lon)
	bx, by := Project(b.Lat, b.Lon)
	return math.Hypot(ax-bx, ay-by)
}

// mostDots is how many a picture has: more would not be seen, and an SVG of them would be larger than a page should load.
const mostDots = 20_000

// spot is a dot as it is drawn.
type spot struct {
	x, y   float64
	weight float64
	kind   int
}

// spots are the dots in the order in which they are drawn: what is quiet is below all, and what is large below what is small.
func (p *Picture) spots() []spot {
	var all []spot
	for i := range p.Kinds {
		for _, d := range p.Kinds[i].Dots {
			if x, y := Project(d.Lat, d.Lon); d.Weight > 0 && y >= 0 && y <= Height {
				all = append(all, spot{x, y, d.Weight, i})
			}
		}
	}
	heavier := func(a, b spot) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.kind, b.kind), cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y))
	}
	slices.SortFunc(all, heavier)
	all = all[:min(len(all), mostDots)]
	slices.SortStableFunc(all, func(a, b spot) int { return number(p.Kinds[b.kind].Quiet) - number(p.Kinds[a.kind].Quiet) })
	return all
}

func number(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
