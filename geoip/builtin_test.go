package geoip

import (
	"net/netip"
	"strings"
	"testing"
)

func TestBuiltIn(t *testing.T) {
	t.Parallel()
	d, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	info := d.Info()[0]
	if info.Path != "built-in" || info.Built.Year() < 2026 || !strings.Contains(info.Attribution, "DB-IP") {
		t.Errorf("got %+v", info)
	}
	// These have been where they are for decades.
	for a, want := range map[string]string{
		"128.112.1.1":        "US", // Princeton
		"129.132.1.1":        "CH", // ETH Zürich
		"130.216.1.1":        "NZ", // Auckland
		"133.11.1.1":         "JP", // Tokyo
		"2001:620::1":        "CH", // SWITCH
		"2001:200::1":        "JP", // WIDE
		"2002:8181:101::1":   "CH", // 129.129.1.1, Paul Scherrer Institute
		"::ffff:130.216.1.1": "NZ",
	} {
		loc, prefix, err := d.Lookup(netip.MustParseAddr(a))
		if err != nil || loc.Country != want || !loc.Located || loc.Continent != Continent(want) || !prefix.Contains(Inner(netip.MustParseAddr(a))) {
			t.Errorf("%s: got %+v in %s, %v, want %s", a, loc, prefix, err, want)
		}
	}

	// What Lookup says of an address, the table says.
	table := build(t, d, Spec{Unlocated: 1, Decide: func(loc *Location) uint16 { return uint16(loc.Point.Lat + 100) }})
	for _, a := range []string{"128.112.1.1", "129.132.1.1", "2001:620::1", "64:ff9b::82d8:101"} {
		loc, _, _ := d.Lookup(netip.MustParseAddr(a))
		if got, _ := table.Find(BlockOfAddr(netip.MustParseAddr(a))); got != uint16(loc.Point.Lat+100) {
			t.Errorf("%s: got %d, want %d", a, got, uint16(loc.Point.Lat+100))
		}
	}
	if v4, v6 := table.Runs(); v4 < 100_000 || v6 < 20_000 {
		t.Errorf("got %d and %d runs, want a whole world", v4, v6)
	}
}
