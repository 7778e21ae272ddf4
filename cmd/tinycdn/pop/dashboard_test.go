package pop

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/dashboard"
	"tinycdn/zones"
)

// watched is a POP of two, with a zone that is good and one that is not.
func watched(t *testing.T) *POP {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"tinycdn.toml": "pop = 'nyc'\nzones = '*.zone.toml'\n[dns]\nlisten = '127.0.0.1:0'\n[web]\nadmin_socket = ''\n" +
			"[pops]\nnyc = { addresses = '192.0.2.1', location = [40, -74] }\nfra = { addresses = '192.0.2.2', location = [50, 8] }\n" +
			"[maps.site]\ndefault = 'nyc'\n[maps.home]\ndefault = 'fra'\npops = ['fra']\n",
		"example.org.zone.toml": "[records]\n'@' = { NS = 'ns.example.net.' }\nwww = { geo = 'site' }\n",
		"example.net.zone.toml": "[records]\n'@' = { NX = 'ns' }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := config.Load(filepath.Join(dir, "tinycdn.toml"))
	p := New("nyc", c, slog.New(slog.DiscardHandler))
	if err := p.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if err := p.Adopt(load(c, nil, p.options())); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheDashboardShowsPOPsAsTheyAreAnswered(t *testing.T) {
	t.Parallel()
	p := watched(t)
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	is := func() (list []string) {
		for _, one := range p.shown(now).POPs {
			list = append(list, fmt.Sprintf("%s %v %s %q %q", one.Name, one.Here, one.State, one.Why, one.Drained))
		}
		return list
	}
	down := func(list ...zones.Down) {
		if err := p.store.Update(func(d *zones.Draft) error { d.SetDown(list, 20); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	wants := func(when, nyc, fra string) {
		t.Helper()
		if got, want := strings.Join(is(), "\n"), "nyc true "+nyc+"\nfra false "+fra; got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", when, got, want)
		}
	}
	wants("at first", `up "" ""`, `up "" ""`)
	down(zones.Down{POP: "fra", A: true, AAAA: true, Why: "nyc: refused"})
	wants("one is down", `up "" ""`, `down "nyc: refused" ""`)
	down(zones.Down{POP: "fra", Doubt: true, Why: "nyc: refused"})
	wants("one is in doubt", `up "" ""`, `in doubt "nyc: refused" ""`)
	down()
	if _, err := p.drain(t.Context(), cluster.DrainOrder{POP: "nyc", Drained: true}); err != nil {
		t.Fatal(err)
	}
	if got := is()[0]; !strings.HasSuffix(got, `"drained, by nyc"`) {
		t.Errorf("drained: got %s", got)
	}
	s := p.shown(now)
	if len(s.Wrong) != 1 || s.Wrong[0].What != "zones example.net" || !s.Wrong[0].Dark || !strings.Contains(s.Wrong[0].Why, `example.net.zone.toml:2: @: unknown type "NX"`) || !s.Alone || s.Generation != nil {
		t.Errorf("got %+v", s)
	}
}

func TestTheDashboardExplainsByWhatIsAnsweredNow(t *testing.T) {
	t.Parallel()
	p := watched(t)
	for _, c := range []struct{ address, name, pop, says string }{
		{"81.2.69.142", "", "fra", "81.2.69.142 gets fra from map home\n"},
		{"81.2.69.142", "www.example.org", "fra", "81.2.69.142 gets fra from www.example.org (map site, TTL 300 s)\n"},
		{"8.8.8.0/24", "www.example.org", "nyc", "8.8.8.0/24 gets nyc from "},
		{"10.0.0.1", "www.example.org", "nyc", "the resolver's own address decides"},
		{"nowhere", "", "", `"nowhere" is neither an address nor a subnet (try 81.2.69.142 or 81.2.69.0/24)`},
		{"fe80::1%eth0", "", "", `is neither an address nor a subnet`},
		{"81.2.69.142", "example.com", "", "example.com"},
		{"81.2.69.142", strings.Repeat("a", 64), "", "is not a domain name"},
	} {
		e, err := p.explain(dashboard.Question{Address: c.address, Name: c.name})
		switch {
		case c.pop == "":
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s %s: got %v", c.address, c.name, err)
			}
		case err != nil || e.POP != c.pop && c.name != "" || !strings.Contains(e.Text, c.says) || (e.At == nil) != (c.address == "10.0.0.1") || e.To == nil:
			t.Errorf("%s %s: got %+v, %v", c.address, c.name, e, err)
		}
	}
}

// TestTheDashboardDrawsAndExplainsTheMapThatIsChosen of several.
func TestTheDashboardDrawsAndExplainsTheMapThatIsChosen(t *testing.T) {
	t.Parallel()
	p := watched(t)
	if s := p.shown(time.Now()); fmt.Sprint(s.Maps) != "[site home]" || s.Drawn == "" {
		t.Errorf("the maps are %q, of %q", s.Maps, s.Drawn)
	}
	for name, want := range map[string]string{"": "Map site: ", "home": "Map home: ", "site": "Map site: "} {
		var svg strings.Builder
		draw, err := p.drawMap(name)
		if err == nil {
			err = draw(&svg)
		}
		if err != nil || !strings.Contains(svg.String(), want) || len(svg.String()) < 50_000 {
			t.Errorf("the map %q: %v, %.300s", name, err, svg.String())
		}
		if e, err := p.explain(dashboard.Question{Address: "8.8.8.8", Map: name}); err != nil || name != "" && (e.Map != name || strings.Count(e.Text, " from map ") != 1) {
			t.Errorf("by %q: %+v, %v", name, e, err)
		}
	}
	if _, err := p.drawMap("none"); !errors.Is(err, errNoMaps) {
		t.Errorf("no map: got %v", err)
	}
	if _, err := p.explain(dashboard.Question{Address: "8.8.8.8", Map: "none"}); !errors.Is(err, errNoMaps) {
		t.Errorf("by no map: got %v", err)
	}
}

// TestTheLastReloadsAreRemembered, with the beginning of what was wrong.
func TestTheLastReloadsAreRemembered(t *testing.T) {
	t.Parallel()
	var r reloaded
	begin := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for i := range 30 {
		r.note(change{files: true, sites: i%2 == 0}.String(), begin.Add(time.Duration(i)*time.Second), nil)
	}
	wrong := []error{}
	for i := range 9 {
		wrong = append(wrong, fmt.Errorf("mistake %d", i))
	}
	r.note(change{asked: true}.String(), begin, errors.Join(wrong...))
	list := r.last()
	if len(list) != mostReloads || list[0].What != "all, as asked" || fmt.Sprint(list[0].Errors) != "[mistake 0 mistake 1 mistake 2 mistake 3 mistake 4]" ||
		list[1].What != "files" || len(list[1].Errors) > 0 || list[2].What != "files and sites" || !list[1].At.Equal(begin.Add(29*time.Second)) {
		t.Errorf("got %+v", list)
	}
	if r.good.Load() != 30 || r.bad.Load() != 1 {
		t.Errorf("counted are %d and %d", r.good.Load(), r.bad.Load())
	}
}
