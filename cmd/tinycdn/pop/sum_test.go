package pop

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tinycdn/geoip"
	"tinycdn/zones/steer"
)

// differing are the names of what is told otherwise of two generations.
func differing(a, b *Generation) (list []string) {
	one, other := a.Sums().told(), b.Sums().told()
	for _, name := range slices.Sorted(maps.Keys(one)) {
		if one[name] != other[name] && name != labelGeneration {
			list = append(list, name)
		}
	}
	return list
}

func TestSumsNameThePartThatDiffers(t *testing.T) {
	h := newFixture(t)
	first := h.load()
	toml := h.text("tinycdn.toml")
	for _, c := range []struct{ file, old, with, want string }{
		{"a.example.zone", "1 2 3", "2 2 3", "\x01a\x07example\x05zones"},
		{"b.example.zone", "192.0.2.1", "192.0.2.9", "\x01b\x07example\x05zones"},
		{"tinycdn.toml", `default = "nyc"`, `default = "fra"`, "\x04site\x04maps"},
		{"tinycdn.toml", "192.0.2.2", "192.0.2.3", "\x04site\x04maps"},
		{"tinycdn.toml", "8.68", "8.7", "\x04site\x04maps"},
	} {
		was := h.text(c.file)
		h.write(c.file, strings.Replace(was, c.old, c.with, 1))
		if got, want := differing(first, h.load()), []string{"\x06served", c.want}; !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%s -> %s: got %q, want %q", c.old, c.with, got, want)
		}
		h.write(c.file, was)
		if got := differing(first, h.load()); len(got) > 0 {
			t.Errorf("back from %s: %q differ", c.with, got)
		}
	}
	// Other data may lie behind the same date.
	dbs, err := geoip.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	defer dbs.Close()
	near, err := steer.Compile(dbs, first.Config.POPs, []steer.Rules{{Name: "site", Default: []string{"nyc"}, Nearest: true, Answers: 1}})
	if err != nil {
		t.Fatal(err)
	}
	other, m := *first, *first.maps.Value.maps[0]
	m.Table = near[0].Table
	part := *first.maps.part
	part.Value = &mapSet{maps: []*steer.Map{&m}, databases: part.Value.databases, countries: part.Value.countries}
	other.maps = &mapsPart{part: &part}
	if got := differing(first, &other); !slices.Equal(got, []string{"\x04site\x04maps", "\x06served"}) {
		t.Errorf("of another table %q differ", got)
	}
	// What cannot be taken is not served, and not told: neither databases that are not there, nor a zone with a mistake.
	h.write("tinycdn.toml", "[geoip]\ndatabases = \"none.mmdb\"\n[maps.site]\ndefault = \"fra\"\n"+strings.Replace(toml, "[maps.site]\ndefault = \"nyc\"\nnearest = false\n", "", 1))
	h.write("b.example.zone", "nonsense")
	if got := differing(first, h.load()); len(got) > 0 {
		t.Errorf("what is kept is told otherwise: %q", got)
	}
}

func TestSumsOfAServedFolderAreThoseOfItsSerials(t *testing.T) {
	h := newFixture(t)
	h.write("tinycdn.toml", strings.Replace(h.text("tinycdn.toml"), "*.zone", "*.toml.zone\", \"z/*.toml", 1))
	h.write("z/c.example.toml", "soa = { mname = 'ns.b.example.', rname = 'h' }\nrecords.'@'.NS = 'ns.b.example.'\n")
	first := h.load()
	_, serials := first.SumsAt(nil)
	served := map[string]uint32{"\x01c\x07example\x00": serials["\x01c\x07example\x00"] + 100}
	sums, is := first.SumsAt(served)
	if !reflect.DeepEqual(is, served) || sums.Zones["\x01c\x07example\x00"] == first.Sums().Zones["\x01c\x07example\x00"] {
		t.Errorf("got %v, want %v", is, served)
	}
	again, _ := first.SumsAt(served)
	if !reflect.DeepEqual(again, sums) {
		t.Errorf("got %v and %v", again, sums)
	}
}
