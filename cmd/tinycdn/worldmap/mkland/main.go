// Command mkland makes the outline of land for the map, from Natural Earth's as the npm package world-atlas has it in TopoJSON:
//
//	go run ./cmd/tinycdn/worldmap/mkland land-110m.json
//
// It writes cmd/tinycdn/worldmap/land.bin.
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"

	"tinycdn/cmd/tinycdn/worldmap"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./cmd/tinycdn/worldmap/mkland land-110m.json")
		os.Exit(2)
	}
	text, err := os.ReadFile(os.Args[1])
	var packed []byte
	if err == nil {
		packed, err = pack(text)
	}
	if err == nil {
		err = os.WriteFile("cmd/tinycdn/worldmap/land.bin", packed, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// topology is as much of TopoJSON as the file has: arcs in whole numbers, each point as its distance from the one before.
type topology struct {
	Objects struct {
		Land struct {
			Geometries []struct {
				Arcs [][][]int `json:"arcs"` // of polygons, of rings: arcs; ^n is arc n from its end
			} `json:"geometries"`
		} `json:"land"`
	} `json:"objects"`
	Arcs      [][][2]float64 `json:"arcs"`
	Transform struct {
		Scale     [2]float64 `json:"scale"`
		Translate [2]float64 `json:"translate"`
	} `json:"transform"`
}

// pack makes the file of the outlines.
func pack(text []byte) ([]byte, error) {
	var t topology
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, err
	}
	var rings [][]worldmap.Point
	for _, g := range t.Objects.Land.Geometries {
		for _, polygon := range g.Arcs {
			for _, ring := range polygon {
				places, err := t.ring(ring)
				if err != nil {
					return nil, err
				}
				for _, part := range cut(places) {
					if points := drawn(projected(part)); len(points) > 2 {
						rings = append(rings, points)
					}
				}
			}
		}
	}
	if len(rings) == 0 {
		return nil, fmt.Errorf("there is no land in it")
	}
	return worldmap.EncodeLand(rings), nil
}

// ring puts arcs together. Longitudes go on beyond the date line.
func (t *topology) ring(arcs []int) (points []place, err error) {
	for _, number := range arcs {
		arc, err := t.arc(number)
		if err != nil {
			return nil, err
		}
		for _, p := range arc {
			if n := len(points); n > 0 {
				p.lon += 360 * math.Round((points[n-1].lon-p.lon)/360)
			}
			points = append(points, p)
		}
	}
	return points, nil
}

// place is a point on the globe, in degrees.
type place struct{ lat, lon float64 }

// west is the part of a closed line that is west of a meridian, and east the other one.
func west(points []place, of float64) (part []place) {
	for i, a := range points {
		b := points[(i+1)%len(points)]
		if a.lon <= of {
			part = append(part, a)
		}
		if a.lon <= of != (b.lon <= of) {
			part = append(part, place{a.lat + (b.lat-a.lat)*(of-a.lon)/(b.lon-a.lon), of})
		}
	}
	return part
}

func east(points []place, of float64) []place {
	return turned(west(turned(points, -1, 0), -of), -1, 0)
}

// turned multiplies longitudes, and adds to them.
func turned(points []place, by, and float64) []place {
	points = slices.Clone(points)
	for i := range points {
		points[i].lon = points[i].lon*by + and
	}
	return points
}

// cut divides a closed line at the date line.
func cut(points []place) [][]place {
	return [][]place{
		west(east(points, -180), 180), turned(east(points, 180), 1, -360), turned(west(points, -180), 1, 360),
	}
}

// projected is a closed line on the map. A line that is straight on the globe's grid is no line there: it gets points between.
func projected(places []place) (points []worldmap.Point) {
	for i, a := range places {
		b := places[(i+1)%len(places)]
		steps := 1 + int(math.Hypot(b.lat-a.lat, b.lon-a.lon)/3)
		for s := range steps {
			part := float64(s) / float64(steps)
			x, y := worldmap.Project(a.lat+(b.lat-a.lat)*part, a.lon+(b.lon-a.lon)*part)
			points = append(points, worldmap.Point{X: int(math.Round(x)), Y: int(math.Round(y))})
		}
	}
	return points
}

// arc gives the longitudes and latitudes of an arc.
func (t *topology) arc(number int) (points []place, err error) {
	i := max(number, ^number)
	if i >= len(t.Arcs) {
		return nil, fmt.Errorf("there is no arc %d", i)
	}
	at := [2]float64{}
	for _, step := range t.Arcs[i] {
		at[0], at[1] = at[0]+step[0], at[1]+step[1]
		points = append(points, place{at[1]*t.Transform.Scale[1] + t.Transform.Translate[1], at[0]*t.Transform.Scale[0] + t.Transform.Translate[0]})
	}
	if number < 0 {
		slices.Reverse(points)
	}
	return points, nil
}

// drawn is a ring without the points that nobody sees, or nothing if it is off the map, as Antarctica is.
func drawn(points []worldmap.Point) (seen []worldmap.Point) {
	const near = 4 // tenths of a unit
	on := false
	for i, p := range points {
		on = on || p.Y < worldmap.Height
		if n := len(seen); n == 0 || i == len(points)-1 || math.Hypot(float64(p.X-seen[n-1].X), float64(p.Y-seen[n-1].Y)) >= near {
			seen = append(seen, p)
		}
	}
	if !on {
		return nil
	}
	return seen
}
