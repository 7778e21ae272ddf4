package live

import (
	"context"
	"io"

	"tinycdn/cmd/tinycdn/delegation"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/zones"
)

// Check asks all POPs what they serve, and says where they differ, from each other and from the folder that g was loaded from. It
// says whether all is alike, and certificates can come. A port of 0 is where they listen.
func Check(ctx context.Context, g *pop.Generation, port uint16, world *delegation.World, asJSON bool, w io.Writer) (alike bool, err error) {
	report := Report{Places: Places(g.Config, port)}
	q := Questions{}
	for _, apex := range g.ZoneNames() {
		q.Zones = append(q.Zones, zones.NameText([]byte(apex)))
	}
	for _, m := range g.Config.Maps {
		q.Maps = append(q.Maps, m.Name)
	}
	Ask(ctx, report.Places, q)
	report.Differences = Differ(append(report.Places[:len(report.Places):len(report.Places)], folderAs(g, report.Places)))
	report.certificates(ctx, g, world)
	if asJSON {
		return report.Alike(), report.WriteJSON(w)
	}
	report.Write(w)
	return report.Alike(), nil
}

// folderAs is what the folder would have served in the places. Where another version makes other answers, records are not compared.
func folderAs(g *pop.Generation, places []Place) Place {
	serials := map[string]uint32{}
	for _, apex := range g.ZoneNames() {
		if serial, ok := Serial(places, zones.NameText([]byte(apex))); ok {
			serials[apex] = serial
		}
	}
	sums, is := g.SumsAt(serials)
	served := Served{Databases: sums.Databases, Maps: sums.Maps, Zones: map[string]Zone{}}
	for _, p := range places {
		if p.Error == "" && p.Version != g.Config.DNS.Version {
			served.Maps, sums.Zones = nil, nil
		}
	}
	for apex, serial := range is {
		served.Zones[zones.NameText([]byte(apex))] = Zone{Serial: serial, Sum: sums.Zones[apex]}
	}
	return Folder(served)
}
