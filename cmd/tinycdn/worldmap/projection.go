package worldmap

import "math"

// Width and Height are those of the map, in tenths of a unit of the picture: what land.bin counts in.
const (
	Width  = 9600
	Height = 4180
)

// The map goes from a little south of Cape Horn to the north of Greenland: nobody lives in Antarctica who asks for a page.
const (
	top   = 2300 // how far the equator is below the upper edge
	scale = Width / (2 * 2.7066299836)
)

// Project gives the place of a point on the map, from its upper left corner: by Equal Earth (Šavrič, Patterson and Jenny 2018), on
// which a country is as large as it is.
func Project(lat, lon float64) (x, y float64) {
	const a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
	t := math.Asin(math.Sqrt(3) / 2 * math.Sin(lat*math.Pi/180))
	t2 := t * t
	t6 := t2 * t2 * t2
	x = 2 * math.Sqrt(3) * (lon * math.Pi / 180) * math.Cos(t) / (3 * (9*a4*t6*t2 + 7*a3*t6 + 3*a2*t2 + a1))
	y = t * (a4*t6*t2 + a3*t6 + a2*t2 + a1)
	return Width/2 + scale*x, top - scale*y
}

// Place gives the place of a point on a picture, in the units of its SVG, from the upper left corner of the whole.
func Place(lat, lon float64) (x, y float64) {
	x, y = Project(lat, lon)
	return margin + x, mapTop + y
}
