package geoip

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestDistance(t *testing.T) {
	t.Parallel()
	nyc, fra, syd := Point{40.71, -74.01}, Point{50.11, 8.68}, Point{-33.87, 151.21}
	for _, c := range []struct {
		from, to Point
		km       float64
	}{
		{nyc, fra, 6203}, {fra, syd, 16497}, {nyc, syd, 15990},
		{nyc, nyc, 0},
		{Point{90, 0}, Point{-90, 77}, math.Pi * earthRadiusKm},
		{Point{0, 179.5}, Point{0, -179.5}, 111.195},
		{Point{89, 0}, Point{89, 180}, 222.39},
	} {
		got, back := c.from.Vector().DistanceKm(c.to.Vector()), c.to.Vector().DistanceKm(c.from.Vector())
		if math.Abs(got-c.km) > max(1e-3, c.km*1e-3) || got != back {
			t.Errorf("%v to %v: got %.3f km and %.3f km back, want %.3f km", c.from, c.to, got, back, c.km)
		}
	}
}

func TestChordOrdersAsTheDistanceDoes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	point := func() Point { return Point{random.Float64()*180 - 90, random.Float64()*360 - 180} }
	for range 10_000 {
		from, a, b := point(), point(), point()
		chord := from.Vector().Chord2(a.Vector()) < from.Vector().Chord2(b.Vector())
		// The haversine formula, as an independent judge.
		distance := haversine(from, a) < haversine(from, b)
		if chord != distance && math.Abs(haversine(from, a)-haversine(from, b)) > 1e-6 {
			t.Errorf("from %v: is %v nearer than %v? by chord %v, by distance %v", from, a, b, chord, distance)
		}
	}
}

func haversine(p, q Point) float64 {
	rad := math.Pi / 180
	lat, lon := math.Sin((q.Lat-p.Lat)*rad/2), math.Sin((q.Lon-p.Lon)*rad/2)
	return 2 * earthRadiusKm * math.Asin(math.Sqrt(lat*lat+math.Cos(p.Lat*rad)*math.Cos(q.Lat*rad)*lon*lon))
}

func TestPointsOffTheEarthAreNotValid(t *testing.T) {
	t.Parallel()
	for p, want := range map[Point]bool{
		{90, 180}: true, {-90, -180}: true, {0, 0}: true, {90.01, 0}: false, {0, 180.01}: false,
		{math.Inf(1), 0}: false, {48.85, math.NaN()}: false,
	} {
		if got := p.Valid(); got != want {
			t.Errorf("%v: got %v, want %v", p, got, want)
		}
	}
}

func TestEveryCountryHasAContinentAndAPoint(t *testing.T) {
	t.Parallel()
	if got := len(countries()); got != 250 {
		t.Errorf("got %d countries, want 250", got)
	}
	for code, c := range countries() {
		scattered := code == "UM" // islands all over the Pacific, nobody on any
		if c.known == scattered || !c.point.Valid() || !slices.Contains(Continents(), Continent(code)) {
			t.Errorf("%s: got %+v", code, c)
		}
	}
	if got := Continent("ZZ"); got != "" {
		t.Errorf("ZZ: got %q, want no continent", got)
	}
}
