package zones_test

import (
	"fmt"
	"slices"
	"testing"

	"tinycdn/zones"
)

// TestZonesKeepTheirNumbers: counters never go back, so a number is never another zone's; and there are no more than so many.
func TestZonesKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	s := zones.NewStore()
	set := func(names ...string) {
		t.Helper()
		err := s.Update(func(d *zones.Draft) error {
			d.Keep(func([]byte) bool { return false })
			for _, name := range names {
				d.Fail([]byte(fmt.Sprintf("%c%s\x00", len(name), name))) // one that answers nothing but SERVFAIL
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	numberOf := func(name string) uint8 {
		q := zones.Question{Name: new([264]byte), Type: 1, Limit: 512}
		q.NameLen = copy(q.Name[:], fmt.Sprintf("%c%s\x00", len(name), name))
		_, out := s.Current().Answer(make([]byte, 12), &q)
		return out.Zone
	}
	want := func(list ...string) {
		t.Helper()
		if got := s.Counted(); !slices.Equal(got, list) {
			t.Errorf("got %q, want %q", got, list)
		}
	}
	want("none", "other")
	set("b", "a")
	want("none", "other", "a", "b")
	if a, b, c := numberOf("a"), numberOf("b"), numberOf("c"); a != 2 || b != 3 || c != zones.NoZone {
		t.Errorf("got %d, %d, %d", a, b, c)
	}
	set("c", "b")
	want("none", "other", "a", "b", "c")
	set("a")
	if a, c := numberOf("a"), numberOf("c"); a != 2 || c != zones.NoZone {
		t.Errorf("after it was away: got %d, %d", a, c)
	}
	var many []string
	for i := range 2 * zones.MostZones {
		many = append(many, fmt.Sprintf("z%03d", i))
	}
	set(many...)
	if all := s.Counted(); len(all) != zones.Numbered || all[4] != "c" || all[5] != "z000" {
		t.Errorf("got %q", all)
	}
	if first, last := numberOf("z000"), numberOf(many[len(many)-1]); first != 5 || last != zones.OtherZones {
		t.Errorf("got %d, %d", first, last)
	}
}
