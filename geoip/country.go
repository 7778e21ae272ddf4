package geoip

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// The continent of each country, as GeoNames has it, and a point: the population-weighted mean of its places in GeoNames (geonames.org, CC BY 4.0),
// for three uninhabited ones the point of the CIA World Factbook (public domain).
//
//go:embed country-points.csv
var countryPoints string

// Continent gives the continent of a country, "EU" of "FR"; "" of what is no country.
func Continent(country string) string {
	return countries()[country].continent
}

// Continents are the codes that Location.Continent may have.
func Continents() []string {
	return []string{"AF", "AN", "AS", "EU", "NA", "OC", "SA"}
}

type country struct {
	continent string
	point     Point
	known     bool // point is known
}

var countries = sync.OnceValue(readCountries)

func readCountries() map[string]country {
	all := make(map[string]country, 256)
	lines := strings.Split(strings.TrimSpace(countryPoints), "\n")
	for _, line := range lines[1:] { // the first names the columns
		fields := strings.Split(line, ",")
		c := country{continent: fields[1], known: fields[2] != ""}
		if c.known {
			lat, errLat := strconv.ParseFloat(fields[2], 64)
			lon, errLon := strconv.ParseFloat(fields[3], 64)
			if errLat != nil || errLon != nil {
				panic(fmt.Sprintf("geoip: internal error: country-points.csv: %q", line))
			}
			c.point = Point{lat, lon}
		}
		all[fields[0]] = c
	}
	return all
}
