package golden

import (
	"fmt"
	"net/netip"
	"slices"

	"tinycdn/geoip"
	"tinycdn/zones"

	"github.com/miekg/dns"
)

const (
	// perPOP is how many networks are recorded that a name sends to each POP, of each family.
	perPOP = 3
	// looks is how many borders of a table are looked at for them: enough to find POPs that get a thousandth of it.
	looks = 20_000
)

// usual is how long a network is of which resolvers tell (RFC 7871, 11.1), by family.
func usual(v4 bool) int {
	if v4 {
		return 24
	}
	return 48 // of IPv6 it is 56, but 48 is what a place has
}

// samplesOf are questions for every geo name: of networks that are sent to each POP of its map, some of each family, spread over the
// address space.
func samplesOf(s *zones.Snapshot) (tests []*Test, err error) {
	made := map[string][]netip.Prefix{} // by map and type
	for _, name := range s.GeoNames() {
		for _, typ := range []uint16{dns.TypeA, dns.TypeAAAA} {
			key := fmt.Sprint(name.Map, typ)
			table := s.Table(name.Map, typ)
			if table == nil {
				continue
			}
			if _, ok := made[key]; !ok {
				if made[key], err = sampleNetworks(s, name.Map, typ, table); err != nil {
					return nil, err
				}
			}
			for _, from := range made[key] {
				if canonical, ok := asTold(name.Name); ok {
					tests = append(tests, &Test{Question: Question{Name: canonical, Type: typ, Class: dns.ClassINET, From: from}, note: " (map " + name.Map + ")"})
				}
			}
		}
	}
	return tests, nil
}

// sampleNetworks are those of the usual length in which everybody gets one answer, for each POP that is first in some.
func sampleNetworks(s *zones.Snapshot, of string, typ uint16, table *geoip.Table) (list []netip.Prefix, err error) {
	runs4, runs6 := table.Runs()
	for _, v4 := range []bool{true, false} {
		borders := runs6 - 1
		if v4 {
			borders = runs4 - 1
		}
		found, pops := map[string][]netip.Prefix{}, []string{}
		count := min(borders, looks)
		for i := range count {
			at := table.Border(v4, i*borders/count)
			network, _ := at.Prefix(usual(v4))
			e := &zones.Explanation{Map: of}
			if err := s.Explain(e, network, geoip.Location{}); err != nil {
				return nil, err
			}
			given := e.A
			if typ == dns.TypeAAAA {
				given = e.AAAA
			}
			if e.ByResolver || given.Spans || len(given.From) == 0 || geoip.IPv4Inside(network) {
				continue
			}
			if found[given.From[0]] == nil {
				pops = append(pops, given.From[0])
			}
			found[given.From[0]] = append(found[given.From[0]], network)
		}
		slices.Sort(pops)
		for _, pop := range pops {
			all := slices.Compact(found[pop])
			for i := range min(perPOP, len(all)) {
				list = append(list, all[i*len(all)/min(perPOP, len(all))])
			}
		}
	}
	return list, nil
}
