package pop

import (
	"bytes"
	"errors"
	"runtime/debug"
	"strconv"
	"strings"

	"tinycdn/cmd/tinycdn/compare"
	"tinycdn/cmd/tinycdn/dashboard"
	"tinycdn/cmd/tinycdn/explain/told"
	"tinycdn/cmd/tinycdn/worldmap"
	"tinycdn/zones"
)

var errNoMaps = errors.New("there is no [maps.NAME], so nobody is sent anywhere")

// explain says which POP an address or a subnet gets here and now: by the map that a name leads to, or without one by all.
func (p *POP) explain(address, name string) (*dashboard.Explanation, error) {
	subnet, err := told.Subnet(address)
	if err != nil {
		return nil, err
	}
	g, snapshot := p.served.Load(), p.store.Current()
	list := []zones.Explanation{}
	if name != "" {
		e, err := snapshot.GeoMap(name)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	} else {
		for _, rules := range g.Config.Maps {
			list = append(list, zones.Explanation{Map: rules.Name})
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
	out := &dashboard.Explanation{Text: text.String(), POP: list[0].POP}
	if at := list[0].Location; at != nil && at.Latitude != nil {
		x, y := worldmap.Place(*at.Latitude, *at.Longitude)
		out.X, out.Y = &x, &y
	}
	return out, nil
}

// mapShown changes when the tables of addresses do.
func (p *POP) mapShown() string {
	g := p.served.Load()
	if len(g.Config.Maps) == 0 {
		return ""
	}
	return strconv.FormatInt(g.maps.since.UnixNano(), 36)
}

// drawMap draws who goes where by the first map, while all POPs are up.
func (p *POP) drawMap() ([]byte, error) {
	defer debug.FreeOSMemory()
	c := p.served.Load().Config
	d := compare.Drawing{Is: compare.Steering{Config: c, Databases: c.GeoIP.Databases}}
	picture, err := d.Picture()
	if err != nil {
		return nil, err
	}
	var svg bytes.Buffer
	err = picture.WriteSVG(&svg)
	return svg.Bytes(), err
}
