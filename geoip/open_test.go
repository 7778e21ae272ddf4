package geoip

import (
	"errors"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

func TestLayouts(t *testing.T) {
	t.Parallel()
	text := func(s string) mmdbtype.String { return mmdbtype.String(s) }
	paris := Point{48.85, 2.35}
	france := countries()["FR"]
	for name, c := range map[string]struct {
		record object
		want   Location
	}{
		"nested": {
			object{
				"city":         object{"names": object{"de": text("Paris an der Seine"), "en": text("Paris")}},
				"continent":    object{"code": text("EU"), "names": object{"en": text("Europe")}},
				"country":      object{"iso_code": text("FR"), "is_in_european_union": mmdbtype.Bool(true)},
				"location":     object{"latitude": mmdbtype.Float64(48.85), "longitude": mmdbtype.Float64(2.35), "accuracy_radius": mmdbtype.Uint16(20)},
				"subdivisions": mmdbtype.Slice{object{"iso_code": text("IDF")}, object{"iso_code": text("75")}},
				"traits":       object{"autonomous_system_number": mmdbtype.Uint32(3215)},
			},
			Location{Point: paris, Located: true, Country: "FR", Continent: "EU", Region: "FR-IDF", City: "Paris", ASN: 3215},
		},
		"nested, registered country alone": {
			object{"registered_country": object{"iso_code": text("FR")}},
			Location{Point: france.point, Located: true, Country: "FR", Continent: "EU"},
		},
		"nested, another registered country": {
			object{"country": object{"iso_code": text("FR")}, "registered_country": object{"iso_code": text("US")}},
			Location{Point: france.point, Located: true, Country: "FR", Continent: "EU"},
		},
		"DB-IP flat": {
			object{"country_code": text("FR"), "city": text("Paris"), "state1": text("Ile-de-France"), "latitude": mmdbtype.Float32(48.5), "longitude": mmdbtype.Float32(2.25)},
			Location{Point: Point{48.5, 2.25}, Located: true, Country: "FR", Continent: "EU", City: "Paris"},
		},
		"IPinfo flat": {
			object{"country": text("FR"), "region_code": text("IDF"), "city": text("Paris"), "lat": text("48.85"), "lng": text("2.35"), "asn": text("AS3215")},
			Location{Point: paris, Located: true, Country: "FR", Continent: "EU", Region: "FR-IDF", City: "Paris", ASN: 3215},
		},
		"a country's name is not its code": {
			object{"country": text("France"), "country_code": text("FR")},
			Location{Point: france.point, Located: true, Country: "FR", Continent: "EU"},
		},
		"IPinfo Lite": {
			object{"country": text("France"), "country_code": text("FR"), "continent": text("Europe"), "continent_code": text("EU"), "asn": text("AS3215")},
			Location{Point: france.point, Located: true, Country: "FR", Continent: "EU", ASN: 3215},
		},
		"ASN": {
			object{"autonomous_system_number": mmdbtype.Uint32(3215), "autonomous_system_organization": text("Orange")},
			Location{ASN: 3215},
		},
		"ASN as plain text": {
			object{"asn": text("3215"), "continent": text("EU")},
			Location{ASN: 3215, Continent: "EU"},
		},
		"NaN is unknown": {
			object{"country_code": text("FR"), "latitude": mmdbtype.Float64(math.NaN()), "longitude": mmdbtype.Float64(2)},
			Location{Point: france.point, Located: true, Country: "FR", Continent: "EU"},
		},
		"out of range is unknown": {
			object{"country_code": text("FR"), "latitude": text("91"), "longitude": text("2")},
			Location{Point: france.point, Located: true, Country: "FR", Continent: "EU"},
		},
		"half a place is unknown": {
			object{"country_code": text("FR"), "latitude": text("48.85"), "longitude": text("")},
			Location{Point: france.point, Located: true, Country: "FR", Continent: "EU"},
		},
		"0,0 is unknown": {
			object{"country_code": text("FR"), "latitude": mmdbtype.Float32(0), "longitude": mmdbtype.Float32(0)},
			Location{Point: france.point, Located: true, Country: "FR", Continent: "EU"},
		},
		"fields of other kinds are passed over": {
			object{
				"asn": mmdbtype.Uint32(7), "country": mmdbtype.Slice{text("FR")}, "continent": mmdbtype.Uint32(1), "location": text("Paris"),
				"subdivisions": object{"iso_code": text("IDF")}, "city": mmdbtype.Bool(true), "traits": mmdbtype.Slice{}, "latitude": object{},
				"longitude": mmdbtype.Bool(true), "autonomous_system_number": mmdbtype.Float64(3215), "country_code": mmdbtype.Bytes("FR"),
			},
			Location{ASN: 7},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t, writeMMDB(t, mmdbwriter.Options{}, entry{"192.0.2.0/24", c.record}, entry{"2001:db8::/32", c.record}))
			for _, a := range []string{"192.0.2.77", "2001:db8::1", "::ffff:192.0.2.77", "2002:c000:24d::1"} {
				got, _, err := d.Lookup(netip.MustParseAddr(a))
				if err != nil || got != c.want {
					t.Errorf("%s: got %+v, %v, want %+v", a, got, err, c.want)
				}
			}
		})
	}
}

func TestFilesAddUp(t *testing.T) {
	t.Parallel()
	asn := func(n uint32) object { return object{"autonomous_system_number": mmdbtype.Uint32(n)} }
	d := open(t,
		writeMMDB(t, mmdbwriter.Options{IPVersion: 4, DatabaseType: "city ipv4"}, entry{"192.0.2.0/24", flatRecord("FR", 48.5, 2.25)}),
		writeMMDB(t, mmdbwriter.Options{DatabaseType: "city ipv6", DisableIPv4Aliasing: true}, entry{"2001:db8::/32", flatRecord("DE", 52.5, 13.5)}),
		writeMMDB(t, mmdbwriter.Options{DatabaseType: "ASN"}, entry{"192.0.2.128/25", asn(1)}, entry{"192.0.3.0/24", asn(2)}, entry{"2001:db8:8000::/33", asn(3)}),
		writeMMDB(t, mmdbwriter.Options{DatabaseType: "country"}, entry{"192.0.2.0/23", flatRecord("US", 38.5, -97.5)}),
	)
	paris, berlin, kansas := Point{48.5, 2.25}, Point{52.5, 13.5}, Point{38.5, -97.5}
	for a, want := range map[string]struct {
		location Location
		prefix   string
	}{
		"192.0.2.1":         {Location{Point: paris, Located: true, Country: "FR", Continent: "EU"}, "192.0.2.0/25"},
		"192.0.2.129":       {Location{Point: paris, Located: true, Country: "FR", Continent: "EU", ASN: 1}, "192.0.2.128/25"},
		"192.0.3.1":         {Location{Point: kansas, Located: true, Country: "US", Continent: "NA", ASN: 2}, "192.0.3.0/24"},
		"2001:db8::1":       {Location{Point: berlin, Located: true, Country: "DE", Continent: "EU"}, "2001:db8::/33"},
		"2001:db8:8000::1":  {Location{Point: berlin, Located: true, Country: "DE", Continent: "EU", ASN: 3}, "2001:db8:8000::/33"},
		"2002:c000:0381::1": {Location{Point: kansas, Located: true, Country: "US", Continent: "NA", ASN: 2}, "192.0.3.0/24"},
		"10.1.2.3":          {Location{}, "10.0.0.0/8"},
		"2001:0:4136::1":    {Location{}, "2001::/32"},
	} {
		location, prefix, err := d.Lookup(netip.MustParseAddr(a))
		if err != nil || location != want.location || prefix.String() != want.prefix {
			t.Errorf("%s: got %+v, %s, %v, want %+v, %s", a, location, prefix, err, want.location, want.prefix)
		}
	}

	// The table knows what Lookup knows, and each file narrows the scopes.
	table := build(t, d, Spec{Unlocated: 9, Decide: func(loc *Location) uint16 { return uint16(len(loc.Country)) + 10*uint16(loc.ASN) }})
	for block, want := range map[string][2]int{
		"192.0.2.0/24":        {2, 25}, // half of it each, so the lower one
		"192.0.2.200/32":      {12, 25},
		"192.0.3.7/32":        {22, 24},
		"192.0.4.7/32":        {9, 22},
		"2001:db8:7fff::/48":  {2, 33},
		"2001:db8:ffff::/48":  {32, 33},
		"2002:c000:381::/128": {22, 40},
	} {
		value, scope := table.Find(BlockOf(netip.MustParsePrefix(block)))
		if int(value) != want[0] || int(scope) != want[1] {
			t.Errorf("%s: got %d /%d, want %d /%d", block, value, scope, want[0], want[1])
		}
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	nested := writeMMDB(t, mmdbwriter.Options{DatabaseType: "GeoLite2-City", BuildEpoch: 1_789_706_978}, entry{"192.0.2.0/24", nestedRecord("FR", "EU", 48.85, 2.35)})
	flat := writeMMDB(t, mmdbwriter.Options{IPVersion: 4, DatabaseType: "city ipv4", BuildEpoch: 1}, entry{"192.0.2.0/24", flatRecord("FR", 48.5, 2.25)})
	got := open(t, nested, flat).Info()
	want := []Info{
		{Path: nested, Type: "GeoLite2-City", Layout: "nested", Built: got[0].Built, IPv4: true, Has: Fields{Country: true, Coordinates: true},
			Attribution: "This product includes GeoLite2 Data created by MaxMind, available from https://www.maxmind.com/"},
		{Path: flat, Type: "city ipv4", Layout: "flat", Built: got[1].Built, IPv4: true, Has: Fields{Country: true, Coordinates: true}},
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
	if date := got[0].Built.Format("2006-01-02"); date != "2026-09-18" {
		t.Errorf("built: got %s, want 2026-09-18", date)
	}
}

func TestBadFilesAreRefusedWithAReason(t *testing.T) {
	t.Parallel()
	sound := writeMMDB(t, mmdbwriter.Options{}, entry{"192.0.2.0/24", flatRecord("FR", 48.5, 2.25)}, entry{"2001:db8::/32", flatRecord("DE", 52.5, 13.5)})
	content, err := os.ReadFile(sound)
	if err != nil {
		t.Fatal(err)
	}
	marker := strings.Index(string(content), "\xab\xcd\xefMaxMind.com")
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	without := func(from, to int) []byte { return append(append([]byte(nil), content[:from]...), content[to:]...) }
	for want, path := range map[string]string{
		"no such file or directory": filepath.Join(dir, "missing"),
		"is a folder, not a file":   dir,
		"the file is empty":         file("empty", nil),
		"not a MaxMind DB file, or cut short (invalid MaxMind DB file)":                 file("text", []byte("a database\n")),
		"not a MaxMind DB file, or cut short (":                                         file("cut", content[:len(content)/2]),
		"not a MaxMind DB file, or cut short (the MaxMind DB":                           file("hollow", without(0, marker)),
		"not a MaxMind DB file, or cut short (at offset 0: unexpected end of database)": file("metadata", content[:marker+len("\xab\xcd\xefMaxMind.com")+1]),
		"damaged: ":          file("data", without(marker-40, marker-4)),
		"it has no networks": writeMMDB(t, mmdbwriter.Options{}),
		`only 0 of 1 records tried have a country, coordinates or an AS number (it calls itself "GeoIP2-Anonymous-IP": is it another kind of database?)`: writeMMDB(t,
			mmdbwriter.Options{DatabaseType: "GeoIP2-Anonymous-IP"}, entry{"192.0.2.0/24", object{"is_anonymous": mmdbtype.Bool(true)}}),
		"only 0 of 2 records tried": writeMMDB(t, mmdbwriter.Options{},
			entry{"192.0.2.0/24", mmdbtype.String("Paris")}, entry{"192.0.3.0/24", object{"latitude": mmdbtype.Float64(math.NaN()), "longitude": mmdbtype.Float64(200)}}),
	} {
		d, err := Open([]string{path})
		if err == nil {
			d.Close()
			t.Errorf("%s: opened, want an error: %s", filepath.Base(path), want)
			continue
		}
		if got := err.Error(); !strings.HasPrefix(got, path+": "+want) || strings.Contains(got, "\n") || strings.Count(got, dir) > 1 {
			t.Errorf("got %q, want %q", got, path+": "+want)
		}
		var of *FileError
		if !errors.As(err, &of) || of.Path != path {
			t.Errorf("%v does not say which file it is of", err)
		}
	}

	_, err = Open([]string{file("a", nil), sound, file("b", nil)})
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("two bad files: got %v, want a line for each", err)
	}
}

// Trees that run in circles have no end; a database must not be able to keep the program busy for ever.
func TestTreeInCirclesIsRefused(t *testing.T) {
	t.Parallel()
	path := writeMMDB(t, mmdbwriter.Options{RecordSize: 32, DisableIPv4Aliasing: true}, entry{"8000::/1", flatRecord("FR", 48.5, 2.25)}, entry{"4000::/2", flatRecord("DE", 48.5, 2.25)})
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Node 1 is that of ::/1. Its left branch now leads back to it.
	copy(content[8:12], []byte{0, 0, 0, 1})
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := Open([]string{path})
	if err == nil {
		defer d.Close()
		_, err = Build(d, []Spec{{Decide: func(*Location) uint16 { return 1 }}})
	}
	if err == nil || !strings.Contains(err.Error(), path+": damaged: ") {
		t.Errorf("got %v, want the file to be called damaged", err)
	}
}
