package zones_test

import (
	"slices"
	"strings"
	"testing"

	"tinycdn/zones"
	"tinycdn/zones/zonestest"
)

// Those are geo names that lead to a map without a step, and no others.
func TestAllGeoNamesAreListed(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	s := f.Store.Current()
	got := s.GeoNames()
	var want []zones.GeoName
	for _, name := range f.Names() {
		if e, err := s.GeoMap(name); err == nil && len(e.Steps) == 0 {
			want = append(want, zones.GeoName{Name: e.Name, Map: e.Map, TTL: e.TTL})
		}
	}
	slices.SortFunc(want, func(a, b zones.GeoName) int { return strings.Compare(a.Name, b.Name) })
	if want = slices.Compact(want); len(want) < 3 || !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for _, n := range got {
		if s.Table(n.Map, 1) == nil || s.Table(n.Map, 15) != nil || s.Table("none", 1) != nil {
			t.Errorf("%v: a map has a table of A alone, or of AAAA too", n)
		}
	}
}
