package steer

import (
	"slices"
	"strings"
	"testing"
)

func TestADifferenceInWords(t *testing.T) {
	t.Parallel()
	d := testDatabases(t)
	maps, places, err := CompileWithPlaces(d, Set{world, []Rules{{Name: "site", Default: head("nyc"), Nearest: true, Answers: 1}}},
		Set{world, []Rules{{Name: "site", Default: head("nyc"), Nearest: true, Answers: 1, Countries: []Rule{{"FR", head("nyc")}}}}})
	if err != nil {
		t.Fatal(err)
	}
	before, after := Version{maps[0][0], places}, Version{maps[1][0], places}
	difference := Diff(before, after, Space, Audience{})
	want := []string{
		"map site: 8.3 % of IPv4 and 50 % of IPv6 get another POP",
		"  IPv4  from, to  fra -> nyc 8.3 %",
		"        countries FR 8.3 % (all of it)",
		"        networks  AS2 8.3 % (all of it)",
		"        prefixes  192.0.2.128/26 fra -> nyc",
		"  IPv6  from, to  fra -> nyc 50 %",
		"        countries FR 50 % (all of it)",
		"        networks  AS2 50 % (all of it)",
		"        prefixes  2001:db8::/48 fra -> nyc",
	}
	if got := difference.Lines(); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	const line = "map site: of IPv4 8.3 % get another POP (fra -> nyc 8.3 %), of IPv6 50 % get another POP (fra -> nyc 50 %)"
	if got := difference.String(); got != line {
		t.Errorf("got %s", got)
	}
	weighed := Diff(before, after, Space, Audience{"visitors", map[string]float64{"FR": 30, "US": 10}})
	if got, want := weighed.Lines()[4], "        visitors  75 %: fra -> nyc 75 %; from FR 75 % (all of it)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	const both = "map site: of IPv4 8.3 % get another POP (fra -> nyc 8.3 %) and 75 % of the visitors, of IPv6 50 % get another POP (fra -> nyc 50 %) and 100 % of the visitors"
	if got, want := weighed.String(), both; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	weighed = Diff(before, after, Space, Audience{"views", map[string]float64{"US": 10}})
	if got, want := weighed.Lines()[4], "        views     none"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	nothing := Diff(before, before, Space, Audience{})
	if got := nothing.Lines(); len(got) != 1 || got[0] != "map site: nobody gets another POP" || nothing.Moves() {
		t.Errorf("got %v", got)
	}
	for share, want := range map[float64]string{0: "nothing", 0.00000001: "less than 0.001 %", 0.000123: "0.012 %", 0.02: "2 %", 0.0255: "2.5 %", 0.09999: "10 %", 0.994: "99 %", 1: "100 %"} {
		if got := Percent(share); got != want {
			t.Errorf("%g: got %s, want %s", share, got, want)
		}
	}
}
