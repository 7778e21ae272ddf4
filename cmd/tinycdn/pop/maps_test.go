package pop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/config"
)

// TestAnEditTakesOverTheMapsThatStay edits one thing at a time, and wants what a start would make.
func TestAnEditTakesOverTheMapsThatStay(t *testing.T) {
	t.Parallel()
	for _, edit := range []struct {
		what, from, to string
		stay           [2]bool
	}{
		{"nothing", "", "", [2]bool{true, true}},
		{"a rule of one", `NZ = "nyc"`, `NZ = "syd"`, [2]bool{true, false}},
		{"the name of one", "[maps.other]", "[maps.else]", [2]bool{true, false}},
		{"the POPs of one", "[maps.site]", "[maps.site]\npops = [\"nyc\", \"syd\"]", [2]bool{false, true}},
		{"a POP's place", "50.11", "51.11", [2]bool{}},
		{"a POP's address", "192.0.2.2", "192.0.2.9", [2]bool{}},
		{"a POP more", "[pops.fra]", "[pops.lhr]\naddresses = [\"192.0.2.4\"]\nlocation = [51.51, -0.13]\n[pops.fra]", [2]bool{}},
	} {
		t.Run(edit.what, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			tablesIn(t, dir)
			file := filepath.Join(dir, "tinycdn.toml")
			first := Load(file, nil, Options{})
			text, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(file, []byte(strings.Replace(string(text), edit.from, edit.to, 1)), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			got, want := Load(file, first, Options{Again: true}), Load(file, nil, Options{})
			if !same(got.maps.Value, want.maps.Value) {
				t.Error("the maps are not those that a start makes")
			}
			for i, stays := range edit.stay {
				if is := got.maps.Value.maps[i] == first.maps.Value.maps[i]; is != stays {
					t.Errorf("map %d: is the one from before: %v, want %v", i, is, stays)
				}
			}
		})
	}
}

// TestMapsOfAnotherDatabaseAreMadeAnew has a database take the place of another under the same name.
func TestMapsOfAnotherDatabaseAreMadeAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, _ := tablesIn(t, dir)
	file := filepath.Join(dir, "tinycdn.toml")
	first := Load(file, nil, Options{})
	other, _ := tablesIn(t, t.TempDir())
	if err := os.Rename(other.GeoIP.Databases[0], c.GeoIP.Databases[0]); err != nil {
		t.Fatal(err)
	}
	second := Load(file, first, Options{})
	for i, m := range second.maps.Value.maps {
		if m == first.maps.Value.maps[i] {
			t.Errorf("map %s is the one of before", m.Name)
		}
	}
	if second.maps.Value.countries == first.maps.Value.countries {
		t.Error("the countries are those of before")
	}
}

// TestAllMapsStayWhereOneGoes takes a map away: nothing is made.
func TestAllMapsStayWhereOneGoes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, path := tablesIn(t, dir)
	first, _, _ := made(t, c, path)
	fewer := config.Load(c.Path())
	fewer.Maps = fewer.Maps[1:]
	set, err := compile(fewer, first)
	if err != nil || len(set.maps) != 1 || set.maps[0] != first.maps[1] || set.countries != first.countries || set.packed == nil {
		t.Errorf("got %v, %v", set, err)
	}
}
