package geoip

import (
	"net/netip"
	"testing"
)

// TestTheTableOfCountriesSaysWhatTheDatabaseDoes, at addresses all over the built-in table.
func TestTheTableOfCountriesSaysWhatTheDatabaseDoes(t *testing.T) {
	t.Parallel()
	dbs, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	defer dbs.Close()
	tables, err := Build(dbs, []Spec{Countries()})
	if err != nil {
		t.Fatal(err)
	}
	codes, small := CountryCodes(), NewCountryTable(tables[0])
	if len(codes) < 200 || len(codes) > MostCountries || codes[0] != "" {
		t.Fatalf("%d countries, %q first", len(codes), codes[0])
	}
	located := 0
	for a, want := range map[string]string{"10.1.2.3": "", "0.0.0.0": "", "255.255.255.255": "", "::": "", "fe80::1": "", "2a02:8100::1": "DE", "81.2.69.142": "GB"} {
		if got := codes[small.Find(BlockOfAddr(netip.MustParseAddr(a)))]; got != want {
			t.Errorf("%s: got %q, want %q", a, got, want)
		}
	}
	for i := range 200 {
		a := netip.AddrFrom4([4]byte{byte(1 + i), byte(i * 7), byte(i * 13), 1})
		got := codes[small.Find(BlockOfAddr(a))]
		loc, _, err := dbs.Lookup(a)
		if err != nil {
			t.Fatal(err)
		}
		if got != loc.Country && loc.Country != "" {
			t.Errorf("%s: got %q, want %q", a, got, loc.Country)
		}
		if got != "" {
			located++
		}
	}
	if located < 100 {
		t.Errorf("only %d of 200 are anywhere", located)
	}
}
