package steer

import (
	"fmt"
	"slices"
	"testing"

	"tinycdn/geoip"
)

// TestSpotsAreAllThatIsSentFromAPlace, and to where it was sent before.
func TestSpotsAreAllThatIsSentFromAPlace(t *testing.T) {
	t.Parallel()
	d := testDatabases(t)
	maps, places, err := CompileWithPlaces(d, Set{world, []Rules{{Name: "site", Default: head("nyc"), Nearest: true, Answers: 1}}},
		Set{world, []Rules{{Name: "site", Default: head("nyc"), Nearest: true, Answers: 2, Countries: []Rule{{"GB", head("syd")}}}}})
	if err != nil {
		t.Fatal(err)
	}
	was, is := Version{maps[0][0], places}, Version{maps[1][0], places}
	at := func(spots []Spot, lat, lon float64) (list []string) {
		for _, s := range spots {
			if s.Place.Located && s.Place.Middle == (geoip.Point{Lat: lat, Lon: lon}) {
				list = append(list, fmt.Sprintf("%s %s %g", s.From, s.To, s.Weight))
			}
		}
		return list
	}
	alone, both := Spots(was, was, Space, true), Spots(was, is, Space, true)
	if got := at(alone, 51.5, -0.5); !slices.Equal(got, []string{"fra fra 256"}) {
		t.Errorf("London: got %v", got)
	}
	if got := at(both, 51.5, -0.5); !slices.Equal(got, []string{"fra fra 128", "fra syd 128"}) {
		t.Errorf("London, of which syd gets half: got %v", got)
	}
	for name, spots := range map[string][]Spot{"alone": alone, "both": both} {
		all, known := 0.0, 0.0
		for _, s := range spots {
			if all += s.Weight; s.Place.Known {
				known += s.Weight
			}
		}
		if known != 9*64+192 || all != 1<<32-3<<24-1<<22-1<<20-1<<16-1<<16-2<<28 {
			t.Errorf("%s: %g of %g", name, known, all)
		}
	}
}
