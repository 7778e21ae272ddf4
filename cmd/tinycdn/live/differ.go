package live

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Difference is something that is not the same everywhere.
type Difference struct {
	What   string  `json:"what"`   // "zone example.org: serial"
	Values []Value `json:"values"` // the one of most places first
}

// Value is what some places say.
type Value struct {
	Value string   `json:"value"`
	At    []string `json:"at"` // names of POPs, if all addresses say the same; else addresses with the POP's name
}

// differ finds the differences between places that answer.
type differ struct {
	places []Place
	found  []Difference
}

// Differ says in what the places that answer differ. Hashes are only compared if all run the same version.
func Differ(places []Place) []Difference {
	d := &differ{found: []Difference{}}
	for _, p := range places {
		if p.Error == "" {
			d.places = append(d.places, p)
		}
	}
	same := d.compare("version", func(s *Served) string { return s.Version })
	d.compare("generation", func(s *Served) string { return s.number() })
	d.compare("databases", func(s *Served) string { return s.Databases })
	d.zones(same)
	if same {
		d.maps()
	}
	if same && len(d.found) == 0 {
		d.compare("zones or maps that this folder does not have", func(s *Served) string { return s.All })
	}
	return d.found
}

// number is that of a cluster's generation, with its hash; "": it is no cluster's.
func (s *Served) number() string {
	if s.Generation == s.All {
		return ""
	}
	return s.Generation
}

func (d *differ) zones(sums bool) {
	names := map[string]bool{}
	for _, p := range d.places {
		for name := range p.Zones {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		alike := d.compare("zone "+name+": serial", func(s *Served) string {
			z, asked := s.Zones[name]
			if !asked || z.Answer != "" {
				return z.Answer
			}
			return fmt.Sprint(z.Serial)
		})
		if alike && sums {
			d.compare("zone "+name+": records, with the same serial", func(s *Served) string { return s.Zones[name].Sum })
		}
	}
}

func (d *differ) maps() {
	names := map[string]bool{}
	for _, p := range d.places {
		for name := range p.Maps {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		d.compare("map "+name+": rules, POPs or data", func(s *Served) string { return s.Maps[name] })
	}
}

// compare takes down a difference, and says if there is none.
func (d *differ) compare(what string, of func(*Served) string) bool {
	at := map[string][]Place{}
	for _, p := range d.places {
		if of(&p.Served) == "" && p.folder {
			continue // of that nothing is known here
		}
		value := cmp.Or(of(&p.Served), "not told")
		at[value] = append(at[value], p)
	}
	if len(at) < 2 {
		return true
	}
	var values []Value
	for value, places := range at {
		values = append(values, Value{value, d.names(places, value, of)})
	}
	slices.SortFunc(values, func(a, b Value) int {
		return cmp.Or(len(at[b.Value])-len(at[a.Value]), cmp.Compare(a.At[0], b.At[0]))
	})
	d.found = append(d.found, Difference{what, values})
	return false
}

// names are those of POPs that are meant with all their addresses, and addresses of others.
func (d *differ) names(places []Place, value string, of func(*Served) string) (list []string) {
	for _, p := range places {
		name := p.POP
		for _, other := range d.places {
			if other.POP == p.POP && cmp.Or(of(&other.Served), "not told") != value {
				name = fmt.Sprintf("%s at %s", p.POP, p.Address.Addr())
			}
		}
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}
