package steer

import (
	"fmt"
	"net/netip"

	"tinycdn/geoip"
)

// Why says how a map came to its order for an address.
type Why struct {
	Rule string   // "network", "asn", "region", "country", "continent", "nearest", "default" or "reserved"
	Key  string   // where the rule stands in the map: "countries.NZ"
	POPs []Choice // in order

	Share float64 // of what would go to other POPs goes to the first one, and this is in it; 0: the rule alone decides
	Else  string  // the POP that would be first by the rule
}

// Choice is a POP as an address sees it.
type Choice struct {
	POP      *POP
	Km       float64 // from the address to the POP; 0 where the place is not known
	BiasedKm float64
}

// Explain says why the map gives address a, which is at loc, the order it does. The zero address is one that is nowhere.
func (m *Map) Explain(loc geoip.Location, a netip.Addr) Why {
	value := geoip.Reserved
	var why Why
	if a.IsValid() {
		value, _ = m.Table.Find(geoip.BlockOfAddr(a.WithZone("")))
		why.Rule, why.Key = m.policy.rule(&loc, geoip.Inner(a))
	}
	if value == geoip.Reserved {
		why.Rule, why.Key, value = "reserved", "default", m.Default
	}
	order := m.Orders[value]
	if why.Rule != "reserved" && why.Rule != "network" {
		m.policy.explainShare(&why, order[0], &loc)
	}

	from := m.policy.places[order[0]]
	if loc.Located {
		from = loc.Point.Vector()
	}
	for _, pop := range m.policy.byDistance(order, from, len(m.POPs)) {
		c := Choice{POP: &m.POPs[pop]}
		if loc.Located {
			c.Km = m.policy.places[pop].DistanceKm(from)
			c.BiasedKm = c.Km * m.policy.bias[pop]
		}
		why.POPs = append(why.POPs, c)
	}
	return why
}

// rule names the rule that decides, as head and the table's overrides do.
func (p *policy) rule(loc *geoip.Location, a netip.Addr) (kind, key string) {
	for bits := a.BitLen(); bits >= 0; bits-- {
		if prefix, _ := a.Prefix(bits); p.prefixes[prefix] != nil {
			return "network", "networks." + prefix.String()
		}
	}
	switch {
	case loc.ASN != 0 && p.asns[loc.ASN] != nil:
		return "asn", fmt.Sprintf("asns.AS%d", loc.ASN)
	case p.regions[loc.Region] != nil:
		return "region", "regions." + loc.Region
	case p.countries[loc.Country] != nil:
		return "country", "countries." + loc.Country
	case p.continents[loc.Continent] != nil:
		return "continent", "continents." + loc.Continent
	case p.nearest && loc.Located:
		return "nearest", "nearest"
	}
	return "default", "default"
}
