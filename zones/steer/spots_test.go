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

// TestAMapKnowsItsOwnSpots: by sums of when it was compiled, as a walk through its table finds them.
func TestAMapKnowsItsOwnSpots(t *testing.T) {
	t.Parallel()
	d := testDatabases(t)
	rules := []Rules{
		{Name: "site", Default: head("nyc"), Nearest: true, Answers: 1},
		{Name: "both", Default: head("nyc"), Nearest: true, Answers: 2, Countries: []Rule{{"GB", head("syd")}}},
		{Name: "one", Default: head("fra"), POPs: []string{"fra"}, Answers: 1, Networks: []Rule{{"10.0.0.0/8", head("fra")}}},
	}
	maps, tables, err := CompileWith(d, nil, world, rules, geoip.Countries())
	if err != nil || len(tables) != 1 {
		t.Fatal(len(tables), err)
	}
	with, places, err := CompileWithPlaces(d, Set{world, rules})
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range maps {
		got, want := map[string]float64{}, map[string]float64{}
		for s := range m.Spots() {
			got[fmt.Sprint(s.Place, s.From, s.To)] = s.Weight
		}
		v := Version{with[0][i], places}
		for _, s := range Spots(v, v, Space, true) {
			want[fmt.Sprint(s.Place, s.From, s.To)] = float64(float32(s.Weight))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || len(want) < 3 {
			t.Errorf("%s: got %v, want %v", m.Name, got, want)
		}
	}
}
