package pop

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMoreVisitorsThanTheBrakeAllowsAreALoss: half of the world and a little more goes elsewhere, then a quarter.
func TestMoreVisitorsThanTheBrakeAllowsAreALoss(t *testing.T) {
	h := newFixture(t)
	was, text := h.load(), h.text("tinycdn.toml")
	for network, want := range map[string][]string{
		`{ "0.0.0.0/2" = "fra" }`:                        nil,
		`{ "0.0.0.0/1" = "fra", "128.0.0.0/3" = "fra" }`: {"map site would send 71 % of IPv4 to other POPs"},
		`{ "0.0.0.0/1" = "nyc", "10.0.0.0/8" = "fra" }`:  nil, // nobody visits from there
	} {
		h.write("tinycdn.toml", text+"networks = "+network+"\n")
		is := Load(filepath.Join(h.dir, "tinycdn.toml"), was, h.pop.options())
		if err := is.Err(); err != nil {
			t.Fatal(err)
		}
		if got := is.losses(was); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", network, got, want)
		}
	}
	h.write("tinycdn.toml", strings.Replace(text, `default = "nyc"`, `default = "fra"`, 1)+"[cluster]\nbrake = 1.0\n")
	is := Load(filepath.Join(h.dir, "tinycdn.toml"), was, h.pop.options())
	if got := is.losses(was); got != nil || is.Err() != nil {
		t.Errorf("a brake of all there is: got %v, %v", got, is.Err())
	}
}
