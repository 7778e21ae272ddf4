package main

import (
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/worldmap"
)

// Two arcs make an island on the equator, one of them backwards, and one that lies across the date line is two.
const topojson = `{"type":"Topology","objects":{"land":{"type":"GeometryCollection","geometries":[{"type":"MultiPolygon","arcs":[[[0,-2]],[[2]],[[3]]]}]}},
"arcs":[[[1000,900],[100,0],[0,100]],[[1000,900],[0,100],[100,0]],[[1750,1000],[100,0],[0,50],[-100,0],[0,-50]],[[900,0],[100,0],[0,100],[-100,-100]]],
"transform":{"scale":[0.1,0.1],"translate":[0,-90]}}`

func TestLandIsCutAtTheDateLineAndEndsBeforeAntarctica(t *testing.T) {
	t.Parallel()
	packed, err := pack([]byte(topojson))
	if err != nil {
		t.Fatal(err)
	}
	rings, err := worldmap.DecodeLand(packed)
	if err != nil {
		t.Fatal(err)
	}
	if len(rings) != 3 {
		t.Fatalf("there are %d outlines: %v", len(rings), rings)
	}
	west, east := 0, 0
	for _, ring := range rings[1:] {
		for _, p := range ring {
			switch {
			case p.X > worldmap.Width-300:
				east++
			case p.X < 300:
				west++
			default:
				t.Errorf("%v is far from the date line", p)
			}
		}
	}
	if east < 4 || west < 4 {
		t.Errorf("%d points are before the date line, and %d behind it", east, west)
	}
	for _, p := range rings[0] {
		if x, _ := worldmap.Project(0, 105); p.X < int(x)-400 || p.X > int(x)+400 {
			t.Errorf("the island is at %v", p)
		}
	}
}

func TestWhatIsNoLandIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{":  "unexpected end",
		"{}": "there is no land in it",
		strings.Replace(topojson, "[[2]]", "[[9]]", 1): "there is no arc 9",
	} {
		if _, err := pack([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
