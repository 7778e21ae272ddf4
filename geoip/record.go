package geoip

import (
	"math"
	"strconv"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2/mmdbdata"
)

// record reads one data record of an MMDB, in any of the layouts that are about: MaxMind's nested one, and the flat ones
// of ip-location-db, DB-IP and IPinfo.
type record struct {
	country, registered, countryCode, countryName string // the places where a country may stand, best first
	continent, continentName                      string
	subdivision                                   string
	city                                          string
	lat, lon                                      float64 // NaN: unknown
	asn                                           uint32
	nested                                        bool

	wants wants // what is not wanted is passed over
}

// wants are the fields that only some look at.
type wants struct{ region, city bool }

var wantsAll = wants{region: true, city: true}

// location is what the record says, in our words.
func (r *record) location() Location {
	loc := Location{City: r.city, ASN: r.asn}
	loc.Country = firstCode(r.country, r.registered, r.countryCode, r.countryName)
	loc.Continent = firstCode(r.continent, r.continentName)
	if loc.Continent == "" {
		loc.Continent = Continent(loc.Country)
	}
	if loc.Country != "" && r.subdivision != "" && (loc.Country == r.country || r.country == "" && loc.Country != r.registered) {
		loc.Region = loc.Country + "-" + r.subdivision
	}
	// Files without a way to say nothing say 0,0, where nobody lives.
	if p := (Point{r.lat, r.lon}); p.Valid() && p != (Point{}) {
		loc.Point, loc.Located = p, true
	}
	return loc
}

// firstCode gives the first that is two capital letters, as codes are and names are not.
func firstCode(words ...string) string {
	for _, s := range words {
		if len(s) == 2 && 'A' <= s[0] && s[0] <= 'Z' && 'A' <= s[1] && s[1] <= 'Z' {
			return s
		}
	}
	return ""
}

// UnmarshalMaxMindDBCursor takes the fields it knows and passes over all others, and over those of an unexpected kind.
func (r *record) UnmarshalMaxMindDBCursor(c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
	*r = record{lat: math.NaN(), lon: math.NaN(), wants: r.wants}
	if kind, err := c.Kind(); err != nil || kind != mmdbdata.KindMap {
		return c.Skip()
	}
	return eachField(c, func(key []byte, c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
		switch string(key) {
		case "country":
			return r.textOrField(c, &r.countryName, "iso_code", &r.country)
		case "registered_country":
			if firstCode(r.country) != "" { // which comes before it
				return c.Skip()
			}
			return r.textOrField(c, nil, "iso_code", &r.registered)
		case "country_code":
			return text(c, &r.countryCode)
		case "continent":
			return r.textOrField(c, &r.continentName, "code", &r.continent)
		case "continent_code":
			return text(c, &r.continent)
		case "subdivisions":
			if !r.wants.region {
				return c.Skip()
			}
			return r.firstSubdivision(c)
		case "region_code":
			return text(c, &r.subdivision)
		case "city":
			if !r.wants.city {
				return c.Skip()
			}
			return r.cityName(c)
		case "location":
			return r.coordinates(c)
		case "latitude", "lat":
			return number(c, &r.lat)
		case "longitude", "lng", "lon":
			return number(c, &r.lon)
		case "autonomous_system_number", "asn":
			return asNumber(c, &r.asn)
		case "traits":
			return r.traits(c)
		}
		return c.Skip()
	})
}

// eachField calls use for each field of a map. It must return what comes after the field's value.
func eachField(c mmdbdata.Cursor, use func(key []byte, c mmdbdata.Cursor) (mmdbdata.Cursor, error)) (mmdbdata.Cursor, error) {
	if kind, err := c.Kind(); err != nil || kind != mmdbdata.KindMap {
		return c.Skip()
	}
	fields, err := c.Map()
	if err != nil {
		return c, err
	}
	var next mmdbdata.Cursor
	for {
		key, value, ok := fields.Next(next)
		if !ok {
			break
		}
		if next, err = use(key, value); err != nil {
			return c, err
		}
	}
	if err := fields.Err(); err != nil {
		return c, err
	}
	return fields.End()
}

// textOrField reads a string into plain, or one field of a map into field.
func (r *record) textOrField(c mmdbdata.Cursor, plain *string, name string, field *string) (mmdbdata.Cursor, error) {
	kind, err := c.Kind()
	if err != nil {
		return c, err
	}
	if kind != mmdbdata.KindMap {
		return text(c, plain)
	}
	r.nested = true
	return eachField(c, func(key []byte, c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
		if string(key) == name {
			return text(c, field)
		}
		return c.Skip()
	})
}

func (r *record) firstSubdivision(c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
	if kind, err := c.Kind(); err != nil || kind != mmdbdata.KindSlice {
		return c.Skip()
	}
	list, err := c.Slice()
	if err != nil {
		return c, err
	}
	var next mmdbdata.Cursor
	for {
		i, value, ok := list.Next(next)
		if !ok {
			break
		}
		if i == 0 {
			next, err = r.textOrField(value, nil, "iso_code", &r.subdivision)
		} else {
			next, err = value.Skip()
		}
		if err != nil {
			return c, err
		}
	}
	if err := list.Err(); err != nil {
		return c, err
	}
	return list.End()
}

func (r *record) cityName(c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
	if kind, err := c.Kind(); err != nil || kind != mmdbdata.KindMap {
		return text(c, &r.city)
	}
	return eachField(c, func(key []byte, c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
		if string(key) == "names" {
			return r.textOrField(c, nil, "en", &r.city)
		}
		return c.Skip()
	})
}

func (r *record) coordinates(c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
	return eachField(c, func(key []byte, c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
		r.nested = true
		switch string(key) {
		case "latitude":
			return number(c, &r.lat)
		case "longitude":
			return number(c, &r.lon)
		}
		return c.Skip()
	})
}

func (r *record) traits(c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
	return eachField(c, func(key []byte, c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
		if string(key) == "autonomous_system_number" {
			return asNumber(c, &r.asn)
		}
		return c.Skip()
	})
}

func text(c mmdbdata.Cursor, to *string) (mmdbdata.Cursor, error) {
	if kind, err := c.Kind(); err != nil || kind != mmdbdata.KindString || to == nil {
		return c.Skip()
	}
	s, next, err := c.ReadString()
	if err == nil && s != "" {
		*to = s
	}
	return next, err
}

// number reads a coordinate: a double, a float32 or a decimal string.
func number(c mmdbdata.Cursor, to *float64) (mmdbdata.Cursor, error) {
	kind, err := c.Kind()
	if err != nil {
		return c, err
	}
	switch kind {
	case mmdbdata.KindFloat64, mmdbdata.KindFloat32:
		value, next, err := c.ReadFloat()
		*to = value
		return next, err
	case mmdbdata.KindString:
		s, next, err := c.ReadString()
		value, malformed := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if malformed == nil {
			*to = value
		}
		return next, err
	}
	return c.Skip()
}

// asNumber reads an autonomous system's number: an integer, or a string with or without "AS".
func asNumber(c mmdbdata.Cursor, to *uint32) (mmdbdata.Cursor, error) {
	kind, err := c.Kind()
	if err != nil {
		return c, err
	}
	switch kind {
	case mmdbdata.KindUint16, mmdbdata.KindUint32, mmdbdata.KindUint64:
		value, next, err := c.ReadUint()
		if value <= math.MaxUint32 {
			*to = uint32(value)
		}
		return next, err
	case mmdbdata.KindString:
		s, next, err := c.ReadString()
		value, malformed := strconv.ParseUint(strings.TrimPrefix(s, "AS"), 10, 32)
		if malformed == nil {
			*to = uint32(value)
		}
		return next, err
	}
	return c.Skip()
}
