package compare

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"tinycdn/geoip/geoiptest"
)

// database writes one: each line is a network and what is known of it, a country or an AS number.
func database(t *testing.T, lines ...string) string {
	t.Helper()
	return geoiptest.Write(t, mmdbwriter.Options{}, func(insert func(string, mmdbtype.DataType)) {
		for _, line := range lines {
			network, known, _ := strings.Cut(line, " ")
			record := mmdbtype.Map{"country_code": mmdbtype.String(known)}
			if strings.HasPrefix(known, "AS") {
				record = mmdbtype.Map{"asn": mmdbtype.String(known)}
			}
			insert(network, record)
		}
	})
}

const twoPOPs = "[pops.nyc]\naddresses = '192.0.2.1'\nlocation = [40.71, -74.01]\n[pops.fra]\naddresses = '192.0.2.2'\nlocation = [50.11, 8.68]\n" +
	"[maps.site]\ndefault = 'nyc'\n"

// nobodyKnown is where nothing is counted.
func nobodyKnown() (Audience, error) { return Audience{}, errors.New("nobody counts") }

func TestSteeringsAreComparedMapByMap(t *testing.T) {
	t.Parallel()
	was := lay(t, map[string]string{"tinycdn.toml": twoPOPs + "[maps.gone]\ndefault = 'fra'\n"})
	is := lay(t, map[string]string{"tinycdn.toml": twoPOPs + "countries = { BR = 'fra' }\n[maps.come]\ndefault = 'fra'\n"})
	city := database(t, "192.0.2.0/25 FR", "192.0.2.128/25 BR", "2001:db8::/48 BR", "198.51.100.0/24 US")
	other := database(t, "192.0.2.0/24 BR", "2001:db8::/48 FR", "198.51.100.0/24 US")
	moves := func(was, is Steering) string {
		t.Helper()
		m, err := Steerings(was, is, nobodyKnown)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(m.Words(), "; ")
	}
	const renamed = "new maps: come; maps that are gone: gone; "
	before, after := Steering{was.Config, []string{city}}, Steering{is.Config, []string{city}}
	if got, want := moves(before, after), renamed+"map site: of IPv4 25 % get another POP (nyc -> fra 25 %), of IPv6 100 % get another POP (nyc -> fra 100 %)"; got != want {
		t.Errorf("by rules: got %s, want %s", got, want)
	}
	if got, want := moves(after, Steering{is.Config, []string{other}}), "map come: of IPv4 25 % get another POP (fra -> nyc 25 %), of IPv6 100 % get another POP (nyc -> fra 100 %)"; got != want {
		t.Errorf("by databases: got %s, want %s", got, want)
	}
	if m, err := Steerings(before, Steering{was.Config, []string{city}}, nobodyKnown); err != nil || len(m.Maps) > 0 || len(m.Lines()) > 0 {
		t.Errorf("of the same: got %+v, %v", m, err)
	}
	if _, err := Steerings(before, Steering{was.Config, []string{filepath.Join(is.Top, "none.mmdb")}}, nobodyKnown); err == nil || !strings.HasSuffix(err.Error(), "none.mmdb: no such file or directory") {
		t.Errorf("of a database that is not there: got %v", err)
	}
	for name, d := range map[string]Drawing{"gone": {Map: "gone", Is: after}, "come": {Map: "come", Is: after, Was: before, Since: "then"}} {
		if _, err := d.Picture(); !errors.Is(err, ErrNoMap) {
			t.Errorf("of map %s, which is not there: got %v", name, err)
		}
	}
	nearly := lay(t, map[string]string{"tinycdn.toml": strings.Replace(twoPOPs, "'nyc'", "'fra'", 1)})
	m, err := Steerings(before, Steering{nearly.Config, []string{city}}, nobodyKnown)
	if err != nil || !slices.Equal(m.Much, []string{"site"}) || !strings.Contains(m.Words()[1], ": more than [cluster] brake allows without --yes") {
		t.Errorf("of another default: got %+v, %v, %v", m, m.Words(), err)
	}
}

func TestMovesAreWeighedByWhoCame(t *testing.T) {
	t.Parallel()
	was := lay(t, map[string]string{"tinycdn.toml": twoPOPs})
	is := lay(t, map[string]string{"tinycdn.toml": twoPOPs + "countries = { BR = 'fra' }\n"})
	city := database(t, "192.0.2.0/25 FR", "192.0.2.128/25 BR", "198.51.100.0/24 US")
	before, after := Steering{was.Config, []string{city}}, Steering{is.Config, []string{city}}
	for _, c := range []struct {
		whose func() (Audience, error)
		want  string
	}{
		{nobodyKnown, "of visitors it is not known who moves: nobody counts"},
		{func() (Audience, error) {
			return Audience{What: "visitors", Days: 7, Count: 50, Placed: 40, Countries: map[string]float64{"BR": 10, "US": 30}}, nil
		}, "visitors: 50 in 7 days, by country; of 10 the country is not known"},
		{func() (Audience, error) {
			return Audience{What: "queries", Days: 1, Count: 8, Placed: 8, Countries: map[string]float64{"BR": 8}}, nil
		}, "queries: 8 in 1 day, by country"},
		{func() (Audience, error) { return Audience{What: "views", Days: 2, Count: 8}, nil }, "of visitors it is not known who moves: statistics of 2 days have none with a country"},
	} {
		m, err := Steerings(before, after, c.whose)
		if err != nil {
			t.Fatal(err)
		}
		lines := m.Lines()
		if got := lines[len(lines)-1]; got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		if a := m.Maps[0].IPv4.Audience; a != nil && a.What == "visitors" && !strings.Contains(strings.Join(lines, ""), "visitors  25 %: nyc -> fra 25 %; from BR 25 % (all of it)") {
			t.Errorf("got %+v in\n%s", a, strings.Join(lines, "\n"))
		}
	}
}

func TestADatabaseTakesThePlaceOfThoseThatKnowNoMore(t *testing.T) {
	t.Parallel()
	city, cityV6 := database(t, "192.0.2.0/24 FR"), database(t, "2001:db8::/32 FR")
	asn, another, both := database(t, "192.0.2.0/24 AS1"), database(t, "192.0.2.0/24 DE"), database(t, "192.0.2.0/24 DE", "2001:db8::/32 DE")
	for _, c := range []struct{ configured, others, want []string }{
		{nil, []string{another}, []string{another}},
		{[]string{city}, []string{another}, []string{another}},
		{[]string{city, cityV6}, []string{another}, []string{another, cityV6}},
		{[]string{city, cityV6, asn}, []string{both}, []string{both, asn}},
		{[]string{city, asn}, []string{asn}, []string{asn, city}},
	} {
		if got, err := Replacing(c.configured, c.others); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v in %v: got %v, %v, want %v", c.others, c.configured, got, err, c.want)
		}
	}
	if _, err := Replacing([]string{city}, []string{city + ".none"}); err == nil {
		t.Error("a database that is not there takes the place of one")
	}
}

func TestAPictureShowsPlacesInTheColoursOfTheirPOPs(t *testing.T) {
	t.Parallel()
	was := lay(t, map[string]string{"tinycdn.toml": twoPOPs})
	is := lay(t, map[string]string{"tinycdn.toml": twoPOPs + "countries = { BR = 'fra' }\n"})
	databases := []string{database(t, "192.0.2.0/25 FR", "192.0.2.128/25 BR", "198.51.100.0/24 US", "203.0.113.0/24 XX")}
	before, after := Steering{was.Config, databases}, Steering{is.Config, databases}
	drawn := func(d Drawing) (kinds []string, notes string) {
		t.Helper()
		p, err := d.Picture()
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range p.Kinds {
			text := k.Name + " " + k.Share
			for _, dot := range k.Dots {
				text += fmt.Sprintf(" %g at %g,%g", dot.Weight, dot.Lat, dot.Lon)
			}
			kinds = append(kinds, text)
		}
		return kinds, strings.Join(p.Notes, " ")
	}
	kinds, notes := drawn(Drawing{Is: after})
	want := []string{"nyc 67 % 256 at 38.5,-92.5", "fra 33 % 128 at -18.5,-45.5 128 at 47.5,2.5"}
	if !slices.Equal(kinds, want) || !strings.Contains(notes, "Of these 33 % have no place, and are not on the map. What no database knows (100 % of the space) goes to nyc.") {
		t.Errorf("who goes where: got %q, %s", kinds, notes)
	}
	kinds, notes = drawn(Drawing{Map: "site", Was: before, Is: after, Since: "then"})
	want = []string{"nyc -> fra 17 % 128 at -18.5,-45.5", "stays 83 % 256 at 38.5,-92.5 128 at 47.5,2.5"}
	if !slices.Equal(kinds, want) || strings.Contains(notes, "goes to") {
		t.Errorf("what moves: got %q, %s", kinds, notes)
	}
	if kinds, _ = drawn(Drawing{Is: after, IPv6: true}); !slices.Equal(kinds, []string{"nyc nothing", "fra nothing"}) {
		t.Errorf("of IPv6: got %q", kinds)
	}
}
