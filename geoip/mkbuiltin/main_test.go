package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"tinycdn/geoip/cells"
)

func TestPackKeepsTheCellWithTheMostOfEachUnit(t *testing.T) {
	t.Parallel()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "city", BuildEpoch: 1_780_666_922})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []struct {
		network, country string
		lat, lon         float32
	}{
		{"1.0.0.0/24", "FR", 48.9, 2.9},
		{"1.0.1.0/25", "FR", 48.1, 2.1},
		{"1.0.1.128/26", "DE", 52.5, 13.5},
		{"1.0.2.0/24", "NZ", -90, 180},
		{"10.0.0.0/8", "FR", 48.1, 2.1},
		{"2400:4::/31", "DE", 52.1, 13.1},
		{"2400:6:8000::/33", "DE", 52.1, 13.1},
		{"2400:6:4000::/34", "FR", 48.1, 2.1},
		{"3fff:ffff::/32", "DE", 52.1, 13.1},
	} {
		_, network, err := net.ParseCIDR(n.network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(network, mmdbtype.Map{"country_code": mmdbtype.String(n.country), "latitude": mmdbtype.Float32(n.lat), "longitude": mmdbtype.Float32(n.lon)}); err != nil &&
			n.network != "10.0.0.0/8" { // which the writer refuses, as it should
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "city.mmdb")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := tree.WriteTo(file); err != nil {
		t.Fatal(err)
	}

	packed, err := pack([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	table, err := cells.Decode(packed)
	if err != nil {
		t.Fatal(err)
	}
	paris, berlin, pole := cells.Cell{Lat: 48, Lon: 2, Country: [2]byte{'F', 'R'}}, cells.Cell{Lat: 52, Lon: 13, Country: [2]byte{'D', 'E'}}, cells.Cell{Lat: -90, Lon: 179, Country: [2]byte{'N', 'Z'}}
	type run struct {
		units uint32
		cell  cells.Cell
	}
	var nothing cells.Cell
	for v4, want := range map[bool][]run{
		true:  {{1 << 16, nothing}, {2, paris}, {1, pole}, {1<<24 - 1<<16 - 3, nothing}},
		false: {{1<<26 + 4, nothing}, {3, berlin}, {1<<29 - 1<<26 - 8, nothing}, {1, berlin}},
	} {
		var got []run
		for r, err := range table.Runs(v4) {
			if err != nil {
				t.Fatal(err)
			}
			c := nothing
			if r.Cell != 0 {
				c = table.Cells[r.Cell-1]
			}
			got = append(got, run{r.Units, c})
		}
		if !slices.Equal(got, want) {
			t.Errorf("IPv4 %v: got %v, want %v", v4, got, want)
		}
	}
	if date := table.Date.Format("2006-01-02"); date != "2026-06-05" {
		t.Errorf("got the date %s, want 2026-06-05", date)
	}
}
