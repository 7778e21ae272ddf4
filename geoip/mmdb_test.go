package geoip

import (
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"tinycdn/geoip/geoiptest"
)

// entry is a network of a test database and what the database says of it. Later entries replace earlier ones.
type entry struct {
	prefix string
	record mmdbtype.DataType
}

// object abbreviates the records of test databases.
type object = mmdbtype.Map

func flatRecord(country string, lat, lon float64) object {
	return object{
		"country_code": mmdbtype.String(country),
		"latitude":     mmdbtype.Float32(lat),
		"longitude":    mmdbtype.Float32(lon),
	}
}

func nestedRecord(country, continent string, lat, lon float64) object {
	return object{
		"country":   object{"iso_code": mmdbtype.String(country)},
		"continent": object{"code": mmdbtype.String(continent)},
		"location":  object{"latitude": mmdbtype.Float64(lat), "longitude": mmdbtype.Float64(lon)},
	}
}

// writeMMDB writes a real database file and gives its path.
func writeMMDB(t testing.TB, options mmdbwriter.Options, entries ...entry) string {
	t.Helper()
	return geoiptest.Write(t, options, func(insert func(string, mmdbtype.DataType)) {
		for _, e := range entries {
			insert(e.prefix, e.record)
		}
	})
}

// open opens databases for the length of a test.
func open(t testing.TB, paths ...string) *Databases {
	t.Helper()
	d, err := Open(paths)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// build makes the table of one spec.
func build(t testing.TB, d *Databases, spec Spec) *Table {
	t.Helper()
	return pack(t, d, spec).Table()
}

// pack makes the packed table of one spec.
func pack(t testing.TB, d *Databases, spec Spec) *Packed {
	t.Helper()
	tables, err := Build(d, []Spec{spec})
	if err != nil {
		t.Fatal(err)
	}
	return tables[0]
}
