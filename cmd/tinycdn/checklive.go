package main

import (
	"context"
	"io"

	"tinycdn/cmd/tinycdn/live"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/zones"
)

// liveness is how the POPs are asked.
type liveness struct {
	asked bool
	port  uint16 // 0: where they listen
	json  bool
}

// checkLive asks all POPs what they serve, and says where they differ, from each other and from the folder that g was loaded from. It
// says whether all is alike.
func (l *liveness) checkLive(ctx context.Context, g *pop.Generation, w io.Writer) (alike bool, err error) {
	report := live.Report{Places: live.Places(g.Config, l.port)}
	q := live.Questions{}
	for _, apex := range g.ZoneNames() {
		q.Zones = append(q.Zones, zones.NameText([]byte(apex)))
	}
	for _, m := range g.Config.Maps {
		q.Maps = append(q.Maps, m.Name)
	}
	live.Ask(ctx, report.Places, q)
	report.Differences = live.Differ(append(report.Places[:len(report.Places):len(report.Places)], folderAs(g, report.Places)))
	if l.json {
		return report.Alike(), report.WriteJSON(w)
	}
	report.Write(w)
	return report.Alike(), nil
}

// folderAs is what the folder would have served in the places. Where another version makes other answers, records are not compared.
func folderAs(g *pop.Generation, places []live.Place) live.Place {
	serials := map[string]uint32{}
	for _, apex := range g.ZoneNames() {
		if serial, ok := live.Serial(places, zones.NameText([]byte(apex))); ok {
			serials[apex] = serial
		}
	}
	sums, is := g.SumsAt(serials)
	served := live.Served{Databases: sums.Databases, Maps: sums.Maps, Zones: map[string]live.Zone{}}
	for _, p := range places {
		if p.Error == "" && p.Version != g.Config.DNS.Version {
			served.Maps, sums.Zones = nil, nil
		}
	}
	for apex, serial := range is {
		served.Zones[zones.NameText([]byte(apex))] = live.Zone{Serial: serial, Sum: sums.Zones[apex]}
	}
	return live.Folder(served)
}
