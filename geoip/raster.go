package geoip

import (
	"cmp"
	"math"
	"slices"
)

// Cell is one degree of the world, or no place. The zero Cell is what no database knows.
type Cell uint16

// placeless is what a database knows, but not where it is.
const placeless Cell = 1

// cellOf is the cell that a place is in. The pole and the date line belong to the cells that end there.
func cellOf(loc *Location) Cell {
	if !loc.Located {
		return placeless
	}
	row, column := middle(loc.Point.Lat, 90)+89.5, middle(loc.Point.Lon, 180)+179.5
	return placeless + 1 + Cell(row)*360 + Cell(column)
}

// Known says whether a database knows what is there.
func (c Cell) Known() bool { return c != 0 }

// Valid says whether there is such a cell.
func (c Cell) Valid() bool { return c <= placeless+180*360 }

// Middle is that of the cell; where not located, it is no place.
func (c Cell) Middle() (p Point, located bool) {
	if c <= placeless {
		return p, false
	}
	n := int(c - placeless - 1)
	return Point{Lat: float64(n/360) - 89.5, Lon: float64(n%360) - 179.5}, true
}

// Raster is how many addresses of IPv4 a table gives which value, by where they are: the cells in their order, row by row from the south,
// and the values of each. What is reserved is left out. It is made in the walk that makes the table, with what that knows of each place
// anyway: nobody has to look into the databases again to draw it.
type Raster []Tile

// Tile is what has a value within a cell.
type Tile struct {
	Cell      Cell
	Value     uint16
	Addresses uint32 // at most, which is all of IPv4 but one address
}

// rasterBuilder adds up tiles, those of a cell in a chain.
type rasterBuilder struct {
	heads []int32 // by cell, which of tiles is the first of its chain, counted from 1; 0: there is none
	tiles []chained
}

type chained struct {
	Tile
	next int32
}

func newRasterBuilder() *rasterBuilder {
	return &rasterBuilder{heads: make([]int32, int(placeless)+1+180*360)}
}

// add counts the addresses from first to last, of IPv4.
func (b *rasterBuilder) add(cell Cell, value uint16, first, last addr) {
	i := b.heads[cell]
	for i != 0 && b.tiles[i-1].Value != value {
		i = b.tiles[i-1].next
	}
	if i == 0 {
		b.tiles = append(b.tiles, chained{Tile{Cell: cell, Value: value}, b.heads[cell]})
		i = int32(len(b.tiles))
		b.heads[cell] = i
	}
	t := &b.tiles[i-1]
	t.Addresses = uint32(min(uint64(t.Addresses)+(last.hi>>32-first.hi>>32)+1, math.MaxUint32))
}

// raster is what was added up.
func (b *rasterBuilder) raster() Raster {
	r := make(Raster, len(b.tiles))
	for i, t := range b.tiles {
		r[i] = t.Tile
	}
	slices.SortFunc(r, func(a, b Tile) int { return cmp.Or(cmp.Compare(a.Cell, b.Cell), cmp.Compare(a.Value, b.Value)) })
	return r
}
