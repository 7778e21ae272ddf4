package steer

import (
	"fmt"
	"strings"

	"tinycdn/geoip"
	"tinycdn/zones/diag"
)

// Notes tells what is odd about rules that Check has passed, at the keys below the map: whom the POPs' addresses or what
// the databases know keep from the nearest POP.
func (r *Rules) Notes(pops []POP, databases []geoip.Info, note diag.Report) {
	r.familyNotes(pops, note)
	r.databaseNotes(databases, note)
}

// need is what a map goes by.
type need struct {
	key, what, effect string
	in                func(geoip.Fields) bool
}

func (r *Rules) needs() (all []need) {
	add := func(wanted bool, n need) {
		if wanted {
			all = append(all, n)
		}
	}
	const fit = "these rules fit "
	add(len(r.ASNs) > 0, need{"asns", "AS numbers", fit, func(f geoip.Fields) bool { return f.ASN }})
	add(len(r.Regions) > 0, need{"regions", "regions", fit, func(f geoip.Fields) bool { return f.Region }})
	country := func(f geoip.Fields) bool { return f.Country }
	add(len(r.Countries) > 0, need{"countries", "countries", fit, country})
	add(len(r.Continents) > 0, need{"continents", "countries", fit, country})
	// A country counts as the place of its people.
	add(r.Nearest, need{"nearest", "places", "distance decides for ", func(f geoip.Fields) bool { return f.Country || f.Coordinates }})
	return all
}

// databaseNotes tells for whom the databases have nothing that the map goes by.
func (r *Rules) databaseNotes(databases []geoip.Info, note diag.Report) {
	needs := r.needs()
	if len(needs) == 0 {
		return // networks and the default need no database
	}
	known := func(n need, v4 bool) bool {
		for _, d := range databases {
			if (v4 && d.IPv4 || !v4 && d.IPv6) && n.in(d.Has) {
				return true
			}
		}
		return false
	}
	lost := func(v4 bool) bool {
		for _, n := range needs {
			if known(n, v4) {
				return false
			}
		}
		return true
	}
	lost4, lost6 := lost(true), lost(false)
	if lost4 || lost6 {
		var whats []string
		for _, n := range needs {
			if !strings.Contains(strings.Join(whats, " "), n.what) {
				whats = append(whats, n.what)
			}
		}
		but := ""
		if len(r.Networks) > 0 {
			but = " where no network rule fits"
		}
		note(nil, "no database has %s%s: %s the default of map %s%s", strings.Join(whats, " or "), families(lost4, lost6, "", " for %s"),
			families(lost4, lost6, "everybody gets", "all %s visitors get"), r.Name, but)
	}
	for _, n := range needs {
		if no4, no6 := !known(n, true) && !lost4, !known(n, false) && !lost6; no4 || no6 {
			note(diag.At(n.key), "no database has %s%s: %snobody%s", n.what, families(no4, no6, "", " for %s"), n.effect,
				families(no4, no6, "", " with %s"))
		}
	}
	r.noteCoarse(databases, note)
}

// noteCoarse tells where distance has nothing but countries to go by.
func (r *Rules) noteCoarse(databases []geoip.Info, note diag.Report) {
	country := false
	for _, d := range databases {
		if d.Has.Coordinates {
			return
		}
		country = country || d.Has.Country
	}
	if r.Nearest && country {
		note(nil, "no database has coordinates: visitors count as being where their country's people are, so all of a country goes to one POP")
	}
}

// families is a phrase about both families, or one about the one of them that is meant, with its name in it.
func families(v4, v6 bool, both, one string) string {
	switch {
	case v4 && v6:
		return both
	case v4:
		return fmt.Sprintf(one, "IPv4")
	}
	return fmt.Sprintf(one, "IPv6")
}
