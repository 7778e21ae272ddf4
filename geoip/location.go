// Package geoip answers one question: where is this address?
//
// It reads MaxMind DB files, or the table built into the program, once. From them it builds Tables, in
// which every address has a value and every value has the widest ECS scope that is still exact.
package geoip

import "math"

// Point is a place on the Earth, in degrees: north and east are positive.
type Point struct{ Lat, Lon float64 }

// Valid reports whether p is on the Earth. NaN is not.
func (p Point) Valid() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180
}

// The mean radius of the Earth (IUGG).
const earthRadiusKm = 6371.0088

// Vector is a point of the unit sphere. Whoever compares one place with many keeps the many as vectors.
type Vector struct{ X, Y, Z float64 }

// Vector gives p as a point of the unit sphere.
func (p Point) Vector() Vector {
	lat, lon := p.Lat*math.Pi/180, p.Lon*math.Pi/180
	sinLat, cosLat := math.Sincos(lat)
	sinLon, cosLon := math.Sincos(lon)
	return Vector{X: cosLat * cosLon, Y: cosLat * sinLon, Z: sinLat}
}

// Chord2 is the square of the straight line from v to w through the Earth, in radii. It orders places as
// the distance does, without a root or an arc.
func (v Vector) Chord2(w Vector) float64 {
	x, y, z := v.X-w.X, v.Y-w.Y, v.Z-w.Z
	return x*x + y*y + z*z
}

// DistanceKm is the great-circle distance between v and w.
func (v Vector) DistanceKm(w Vector) float64 {
	half := min(math.Sqrt(v.Chord2(w))/2, 1) // rounding may put antipodes just beyond the diameter
	return 2 * earthRadiusKm * math.Asin(half)
}

// Location is what the databases know of an address. Zero values are unknown.
type Location struct {
	Point     Point
	Located   bool   // Point is known, from the record or else from the country
	Country   string // ISO 3166-1, "FR"
	Continent string // "EU"
	Region    string // ISO 3166-2, "US-HI"
	City      string
	ASN       uint32
}

// fill takes from other what loc does not know yet.
func (loc *Location) fill(other *Location) {
	if !loc.Located {
		loc.Point, loc.Located = other.Point, other.Located
	}
	if loc.Country == "" {
		loc.Country = other.Country
	}
	if loc.Continent == "" {
		loc.Continent = other.Continent
	}
	if loc.Region == "" {
		loc.Region = other.Region
	}
	if loc.City == "" {
		loc.City = other.City
	}
	if loc.ASN == 0 {
		loc.ASN = other.ASN
	}
}

// finish derives what follows from the country.
func (loc *Location) finish() {
	c := countries()[loc.Country]
	if loc.Continent == "" {
		loc.Continent = c.continent
	}
	if !loc.Located && c.known {
		loc.Point, loc.Located = c.point, true
	}
}
