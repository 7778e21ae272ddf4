package geoip

import (
	"maps"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// TestTheRasterIsWhatAWalkThroughTheTableAddsUp: by cells and values, with rules, reserved space and pieces of their own.
func TestTheRasterIsWhatAWalkThroughTheTableAddsUp(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 9))
	var entries []entry
	for range 400 {
		a := netip.AddrFrom4([4]byte{byte(random.IntN(120) + 1), byte(random.IntN(4)), byte(random.IntN(256)), 0})
		if a.As4()[0] == 10 {
			continue
		}
		entries = append(entries, entry{netip.PrefixFrom(a, 12+random.IntN(13)).Masked().String(), flatRecord("FR", random.Float64()*4+46, random.Float64()*3)})
	}
	entries = append(entries, entry{"198.51.100.0/24", flatRecord("FJ", 90, 180)}, entry{"203.0.113.0/24", object{"country_code": mmdbtype.String("XX")}}, entry{"2001:db8::/32", flatRecord("FR", 47, 1)})
	var r Raster
	spec := Spec{
		Decide: func(loc *Location) uint16 { return uint16(loc.Point.Lon) }, Unlocated: 7, Raster: &r,
		Networks: []Override{
			{netip.MustParsePrefix("10.1.0.0/16"), always(8)}, {netip.MustParsePrefix("198.51.100.64/26"), always(9)}, {netip.MustParsePrefix("2001:db8::/33"), always(9)},
		},
		Divide: func(value uint16, piece Block) uint16 { return value + uint16(piece.Hi>>48&1) },
	}
	tables, places, err := BuildWithPlaces(open(t, writeMMDB(t, mmdbwriter.Options{}, entries...)), []Spec{spec, {Decide: always(3), Unlocated: 4}})
	if err != nil {
		t.Fatal(err)
	}
	type key struct {
		middle         Point
		known, located bool
		value          uint16
	}
	got, want := map[key]float64{}, map[key]float64{}
	for i, tile := range r {
		k := key{known: tile.Cell.Known(), value: tile.Value}
		k.middle, k.located = tile.Cell.Middle()
		if got[k] += float64(tile.Addresses); i > 0 && (r[i-1].Cell > tile.Cell || r[i-1].Cell == tile.Cell && r[i-1].Value >= tile.Value) {
			t.Errorf("%v is behind %v", tile, r[i-1])
		}
	}
	for where, values := range Walk(true, append([]*Packed{tables[0]}, places.Tables()...)...) {
		if place, _ := places.At(values[1:]); values[0] != Reserved {
			want[key{place.Middle, place.Known, place.Located, values[0]}] += where.Addresses()
		}
	}
	if !maps.Equal(got, want) || len(want) < 20 {
		t.Errorf("got\n%v, want\n%v", got, want)
	}
}
