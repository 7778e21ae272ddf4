package compare

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/worldmap"
	"tinycdn/geoip"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// Drawing is what is to be drawn: who goes where by a map, or what moves since an older steering.
type Drawing struct {
	Map   string // its name; "": the first
	Was   Steering
	Is    Steering
	Since string // what Was is called; "": there is none
	IPv6  bool   // by the /48s of IPv6, and not the addresses of IPv4
}

// Picture draws it.
func (d *Drawing) Picture() (*worldmap.Picture, error) {
	rules := d.Is.Config.Maps
	if len(rules) == 0 {
		return nil, fmt.Errorf("%s: there is no [maps.NAME], so nobody is sent anywhere", d.Is.Config.Path())
	}
	if d.Map == "" {
		d.Map = rules[0].Name
	}
	var names []string
	for _, r := range rules {
		names = append(names, r.Name)
	}
	if !slices.Contains(names, d.Map) {
		hint := diag.DidYouMean(d.Map, names)
		if hint == "" {
			hint = fmt.Sprintf(" (there are: %s)", strings.Join(names[:min(len(names), 10)], ", "))
		}
		return nil, fmt.Errorf("map %q: %w%s", d.Map, ErrNoMap, hint)
	}
	moves := d.Since != ""
	if !moves && !d.IPv6 {
		return d.alone()
	}
	if !moves {
		d.Was = d.Is
	}
	then, now, err := compileBoth(d.Was, d.Is)
	if err != nil {
		return nil, err
	}
	before, found := then.version(d.Map)
	after, _ := now.version(d.Map)
	if !found {
		return nil, fmt.Errorf("map %q of %s: %w", d.Map, d.Since, ErrNoMap)
	}
	p := newPainter(after.Map)
	if d.IPv6 {
		p.unit = "/48s of IPv6"
	}
	if moves {
		p.Title = fmt.Sprintf("Map %s: what moves since %s", d.Map, d.Since)
	}
	p.paint(slices.Values(steer.Spots(before, after, steer.Space, !d.IPv6)), moves)
	p.credit(now.databases)
	return p.Picture, nil
}

// alone draws the map as it is.
func (d *Drawing) alone() (*worldmap.Picture, error) {
	c := d.Is.Config
	i := slices.IndexFunc(c.Maps, func(r steer.Rules) bool { return r.Name == d.Map })
	dbs, err := geoip.Config{Databases: d.Is.Databases}.Open()
	if err != nil {
		return nil, err
	}
	defer dbs.Close()
	maps, _, err := steer.CompileWith(dbs, nil, c.POPs, c.Maps[i:i+1])
	if err != nil {
		return nil, err
	}
	return Served(maps[0], dbs.Info()), nil
}

// Served draws who goes where by a map that was compiled by steer.CompileWith, of these databases.
func Served(m *steer.Map, databases []geoip.Info) *worldmap.Picture {
	p := newPainter(m)
	p.paint(m.Spots(), false)
	p.credit(databases)
	return p.Picture
}

// painter makes a picture of spots.
type painter struct {
	*worldmap.Picture
	after *steer.Map
	unit  string

	kinds  map[string]int
	sums   []float64 // by kind
	nobody float64   // what is known to a database, but not where it is
}

func newPainter(m *steer.Map) *painter {
	return &painter{Picture: &worldmap.Picture{Title: fmt.Sprintf("Map %s: who goes where", m.Name)}, after: m, unit: "addresses of IPv4"}
}

// credit says whose data it is.
func (p *painter) credit(databases []geoip.Info) {
	for _, info := range databases {
		note := fmt.Sprintf("%s of %s", info.Type, info.Built.Format(time.DateOnly))
		if info.Attribution != "" {
			note += ": " + info.Attribution
		}
		p.Notes = append(p.Notes, note)
	}
	p.Notes = append(p.Notes, "Land: Natural Earth")
}

// mostFlows is how many ways from POP to POP have a colour of their own.
const mostFlows = 7

// paint gives each spot the colour of its POP or, if only what moves is shown, of its way.
func (p *painter) paint(spots iter.Seq[steer.Spot], moves bool) {
	p.kinds = map[string]int{}
	if moves {
		p.flowKinds(spots)
	} else {
		for _, pop := range p.after.POPs {
			p.kind(pop.Name, false)
		}
	}
	all, unknown := 0.0, 0.0
	for s := range spots {
		if all += s.Weight; !s.Place.Known {
			unknown += s.Weight
			continue
		}
		kind, ok := p.kinds[p.way(s, moves)]
		if !ok {
			kind = p.kinds[otherFlows]
		}
		p.sums[kind] += s.Weight
		if !s.Place.Located {
			p.nobody += s.Weight
			continue
		}
		p.Kinds[kind].Dots = append(p.Kinds[kind].Dots, worldmap.Dot{Lat: s.Place.Middle.Lat, Lon: s.Place.Middle.Lon, Weight: s.Weight})
	}
	known := all - unknown
	for i := range p.Kinds {
		p.Kinds[i].Share = steer.Percent(ratio(p.sums[i], known))
	}
	for _, pop := range p.after.POPs {
		kind, ok := p.kinds[pop.Name]
		if !ok {
			kind = -1
		}
		p.POPs = append(p.POPs, worldmap.POP{Name: pop.Name, Lat: pop.Point.Lat, Lon: pop.Point.Lon, Kind: kind})
	}
	p.Notes = append(p.Notes, p.note(all, unknown, moves))
}

// note says what the picture counts, and what is not on it.
func (p *painter) note(all, unknown float64, moves bool) string {
	note := fmt.Sprintf("By the %s that a database knows.", p.unit)
	if p.nobody > 0 {
		note += fmt.Sprintf(" Of these %s have no place, and are not on the map.", steer.Percent(ratio(p.nobody, all-unknown)))
	}
	if !moves {
		note += fmt.Sprintf(" What no database knows (%s of the space) goes to %s.", steer.Percent(ratio(unknown, all)), p.after.POPs[p.after.Orders[p.after.Default][0]].Name)
	}
	return note
}

// What has no colour of its own, where only what moves has one.
const otherFlows, staysText = "other ways", "stays"

// flowKinds are the ways that most goes.
func (p *painter) flowKinds(spots iter.Seq[steer.Spot]) {
	sums := map[string]float64{}
	for s := range spots {
		if s.From != s.To && s.Place.Known {
			sums[p.way(s, true)] += s.Weight
		}
	}
	var ways []string
	for way := range sums {
		ways = append(ways, way)
	}
	slices.SortFunc(ways, func(a, b string) int { return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b)) })
	for _, way := range ways[:min(len(ways), mostFlows)] {
		p.kind(way, false)
	}
	if len(ways) > mostFlows {
		p.kind(otherFlows, false)
	}
	p.kind(staysText, true)
}

func (p *painter) way(s steer.Spot, moves bool) string {
	switch {
	case !moves:
		return s.To
	case s.From == s.To:
		return staysText
	}
	return s.From + " -> " + s.To
}

// kind makes one, unless there is one of that name.
func (p *painter) kind(name string, quiet bool) int {
	i, ok := p.kinds[name]
	if !ok {
		i = len(p.Kinds)
		p.kinds[name] = i
		p.Kinds, p.sums = append(p.Kinds, worldmap.Kind{Name: name, Quiet: quiet}), append(p.sums, 0)
	}
	return i
}

// ratio is a part of a whole; of nothing it is nothing.
func ratio(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}
