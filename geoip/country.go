package geoip

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// A point for each country: the population-weighted mean of its places in GeoNames (geonames.org, CC BY 4.0),
// for three uninhabited ones the point of the CIA World Factbook (public domain).
//
//go:embed country-points.csv
var countryPoints string

// countriesOf lists the countries of each continent, as GeoNames does.
var countriesOf = map[string]string{
	"AF": "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG " +
		"ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW",
	"AN": "AQ BV GS HM TF",
	"AS": "AE AF AM AZ BD BH BN BT CC CN CX GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK " +
		"MM MN MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TM TR TW UZ VN YE",
	"EU": "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI " +
		"LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK",
	"NA": "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI " +
		"PA PM PR SV SX TC TT US VC VG VI",
	"OC": "AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TL TO TV UM VU WF WS",
	"SA": "AR BO BR CL CO EC FK GF GY PE PY SR UY VE",
}

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
	for continent, codes := range countriesOf {
		for _, code := range strings.Fields(codes) {
			all[code] = country{continent: continent}
		}
	}
	lines := strings.Split(strings.TrimSpace(countryPoints), "\n")
	for _, line := range lines[1:] { // the first names the columns
		fields := strings.Split(line, ",")
		lat, errLat := strconv.ParseFloat(fields[1], 64)
		lon, errLon := strconv.ParseFloat(fields[2], 64)
		if errLat != nil || errLon != nil {
			panic(fmt.Sprintf("geoip: internal error: country-points.csv: %q", line))
		}
		c := all[fields[0]]
		c.point, c.known = Point{lat, lon}, true
		all[fields[0]] = c
	}
	return all
}
