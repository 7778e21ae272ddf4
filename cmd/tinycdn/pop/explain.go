package pop

import (
	"errors"
	"io"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"tinycdn/cmd/tinycdn/compare"
	"tinycdn/cmd/tinycdn/dashboard"
	"tinycdn/cmd/tinycdn/explain/told"
	"tinycdn/cmd/tinycdn/worldmap"
	"tinycdn/zones"
	"tinycdn/zones/steer"
)

var errNoMaps = errors.New("there is no such map: nobody is sent anywhere by it")

// explain says which POP an address or a subnet gets here and now: by the map that a name leads to, or by one that is named, or by all.
func (p *POP) explain(q dashboard.Question) (*dashboard.Explanation, error) {
	subnet, err := told.Subnet(q.Address)
	if err != nil {
		return nil, err
	}
	g, snapshot := p.served.Load(), p.store.Current()
	list := []zones.Explanation{}
	if q.Name != "" {
		e, err := snapshot.GeoMap(q.Name)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	for _, name := range g.mapNames() {
		if q.Name == "" && (q.Map == "" || q.Map == name) {
			list = append(list, zones.Explanation{Map: name})
		}
	}
	if len(list) == 0 {
		return nil, errNoMaps
	}
	dbs, err := g.Config.GeoIP.Open()
	if err != nil {
		return nil, err
	}
	defer dbs.Close()
	loc, network, err := dbs.Lookup(subnet.Addr())
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	for i := range list {
		if err := snapshot.Explain(&list[i], subnet, loc); err != nil {
			return nil, err
		}
		told.Print(&text, &list[i], network, dbs.Info())
	}
	out := &dashboard.Explanation{Text: text.String(), Map: list[0].Map, POP: list[0].POP}
	if at := list[0].Location; at != nil && at.Latitude != nil {
		out.At = placeOf(*at.Latitude, *at.Longitude)
	}
	if i := slices.IndexFunc(g.Config.POPs, func(one steer.POP) bool { return one.Name == out.POP }); i >= 0 {
		out.To = placeOf(g.Config.POPs[i].Point.Lat, g.Config.POPs[i].Point.Lon)
	}
	return out, nil
}

func placeOf(lat, lon float64) *dashboard.Place {
	x, y := worldmap.Place(lat, lon)
	return &dashboard.Place{X: x, Y: y}
}

// mapsDrawn changes when the tables of addresses do.
func (g *Generation) mapsDrawn() string { return strconv.FormatInt(g.maps.since.UnixNano(), 36) }

// drawMap draws who goes where by a map, or the first, while all POPs are up: from what was added up when its table was made.
func (p *POP) drawMap(name string) (func(io.Writer) error, error) {
	g := p.served.Load()
	if g.maps.Value == nil {
		return nil, errNoMaps
	}
	i := slices.IndexFunc(g.maps.Value.maps, func(m *steer.Map) bool { return name == "" || m.Name == name })
	if i < 0 {
		return nil, errNoMaps
	}
	return func(to io.Writer) error {
		defer debug.FreeOSMemory() // a few MB, and few ask for it
		return compare.Served(g.maps.Value.maps[i], g.maps.Value.databases).WriteSVG(to)
	}, nil
}
