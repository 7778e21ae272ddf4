// Package explain says which POP an address gets, and why.
package explain

import (
	"fmt"
	"io"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/explain/told"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/zones"
)

// Question is what somebody wants to be explained.
type Question struct {
	Config    string // the file
	Published bool   // it is what was published to the POP here
	Address   string // or a subnet
	Name      string // whose map decides; "": every map is told of
	JSON      bool
}

// Write says which POP an address or a subnet gets, and why.
func Write(q *Question, w io.Writer) error {
	subnet, err := told.Subnet(q.Address)
	if err != nil {
		return err
	}
	system.TuneForLoading()
	g := pop.Load(q.Config, nil, pop.Options{})
	if err := g.Mistakes(); err != nil {
		return err
	}
	snapshot, unknown, err := q.withHealth(g)
	if err != nil {
		return err
	}
	dbs, err := g.Config.GeoIP.Open()
	if err != nil {
		return err
	}
	defer dbs.Close()
	loc, network, err := dbs.Lookup(subnet.Addr())
	if err != nil {
		return err
	}
	list, err := q.explanations(snapshot, g.Config)
	if err != nil {
		return printDeadEnd(w, list, q.JSON, err)
	}
	for i := range list {
		if err := snapshot.Explain(&list[i], subnet, loc); err != nil {
			return err
		}
	}
	if q.JSON {
		return printJSON(w, list, network, dbs.Info())
	}
	for i := range list {
		told.Print(w, &list[i], network, dbs.Info())
	}
	if unknown != nil {
		fmt.Fprintf(w, "which POPs are down or drained is not known here: %v\n", unknown)
	}
	return nil
}

// explanations are of the map that a name leads to, or all. If it leads to none, only the way there is told.
func (q *Question) explanations(s *zones.Snapshot, c *config.Config) (list []zones.Explanation, err error) {
	if q.Name != "" {
		e, err := s.GeoMap(q.Name)
		return []zones.Explanation{e}, err
	}
	for _, rules := range c.Maps {
		list = append(list, zones.Explanation{Map: rules.Name})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: there is no [maps.NAME], so nobody is sent anywhere", q.Config)
	}
	return list, nil
}
