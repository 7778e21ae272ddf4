package steer

import (
	"iter"

	"tinycdn/geoip"
)

// Sent is how much of IPv4 is sent to a POP from a cell.
type Sent struct {
	Cell      geoip.Cell
	POP       uint8 // of Map.POPs
	Addresses float32
}

// sent is what a raster of the map's table comes to. Each POP of an answer gets the same part.
func (m *Map) sent(r geoip.Raster) (list []Sent) {
	parts := make([]float64, len(m.POPs))
	for i, tile := range r {
		order := m.Orders[tile.Value]
		order = order[:min(len(order), m.Answers)]
		for _, pop := range order {
			parts[pop] += float64(tile.Addresses) / float64(len(order))
		}
		if i+1 < len(r) && r[i+1].Cell == tile.Cell {
			continue
		}
		for pop, part := range parts {
			if part > 0 {
				list = append(list, Sent{tile.Cell, uint8(pop), float32(part)})
			}
			parts[pop] = 0
		}
	}
	return list
}

// Spots are what Spots gives of IPv4 by the map alone, in another order, if it was compiled by CompileWith: as if all POPs were up.
func (m *Map) Spots() iter.Seq[Spot] {
	return func(yield func(Spot) bool) {
		for _, s := range m.Sent {
			at := Spot{From: m.POPs[s.POP].Name, To: m.POPs[s.POP].Name, Weight: float64(s.Addresses)}
			at.Place.Known = s.Cell.Known()
			at.Place.Middle, at.Place.Located = s.Cell.Middle()
			if !yield(at) {
				return
			}
		}
	}
}
