package worldmap

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"sync"
)

// The outline of land, as Natural Earth has it at 1:110,000,000 (public domain), projected, made by
//
//	go run ./cmd/tinycdn/worldmap/mkland land-110m.json
//
//go:embed land.bin
var landFile []byte

// Point is a place on the map, in tenths of a unit.
type Point struct{ X, Y int }

// land is the outlines, each closed.
var land = sync.OnceValue(func() [][]Point {
	rings, err := DecodeLand(landFile)
	if err != nil {
		panic("worldmap: internal error: land.bin: " + err.Error())
	}
	return rings
})

// EncodeLand packs outlines: of each how many points it has, and how far each is from the one before, as varints.
func EncodeLand(rings [][]Point) (data []byte) {
	at := Point{}
	for _, ring := range rings {
		data = binary.AppendUvarint(data, uint64(len(ring)))
		for _, p := range ring {
			data = binary.AppendVarint(binary.AppendVarint(data, int64(p.X-at.X)), int64(p.Y-at.Y))
			at = p
		}
	}
	return data
}

// DecodeLand unpacks what EncodeLand packed.
func DecodeLand(data []byte) (rings [][]Point, err error) {
	at := Point{}
	for len(data) > 0 {
		points, n := binary.Uvarint(data)
		if n <= 0 || points > uint64(len(data)) {
			return nil, errors.New("an outline is cut short")
		}
		data = data[n:]
		ring := make([]Point, points)
		for i := range ring {
			dx, n := binary.Varint(data)
			dy, m := binary.Varint(data[max(n, 0):])
			if n <= 0 || m <= 0 {
				return nil, errors.New("a point is cut short")
			}
			data = data[n+m:]
			at = Point{at.X + int(dx), at.Y + int(dy)}
			ring[i] = at
		}
		rings = append(rings, ring)
	}
	return rings, nil
}
