// Package steer decides which POP serves which address: an operator's rules and the databases, compiled into a Map.
package steer

import (
	"net/netip"

	"tinycdn/geoip"
)

// POP is a point of presence: a server, or some, in one place.
type POP struct {
	Name      string
	Addresses []netip.Addr
	Point     geoip.Point
}

// Rules are a map as its operator wrote it. A rule names the head of an order of POPs; the rest of the POPs follow by distance.
// Of the rules that fit an address the first of these decides: networks (the longest prefix), asns, regions,
// countries, continents, nearest, default.
type Rules struct {
	Name       string
	Default    []string // where the location is unknown
	POPs       []string // those the map uses; all of them where empty
	Nearest    bool     // by distance where no rule fits; else Default
	Answers    int      // how many POPs an answer holds
	Bias       map[string]float64
	Networks   map[netip.Prefix][]string
	ASNs       map[uint32][]string
	Regions    map[string][]string // ISO 3166-2, "US-HI"
	Countries  map[string][]string
	Continents map[string][]string
}

// Map is compiled rules: a table that gives every address an order of POPs. It never changes.
type Map struct {
	Name    string
	POPs    []POP // those the map uses
	Rules   *Rules
	Answers int
	Table   *geoip.Table
	Orders  [][]uint8 // what the table's values mean: indexes into POPs, the best first
	Default uint16    // the order where nothing is known, and of those whose own resolver is in reserved space

	policy *policy
}

// Compile makes a Map of each of rules, which Check must have passed, in one walk through the databases.
func Compile(dbs *geoip.Databases, pops []POP, rules []Rules) ([]*Map, error) {
	maps := make([]*Map, len(rules))
	specs := make([]geoip.Spec, len(rules))
	for i := range rules {
		p := newPolicy(&rules[i], pops)
		unlocated := p.orders.id(p.order(p.fallback, nil))
		maps[i] = &Map{
			Name:    rules[i].Name,
			POPs:    p.pops,
			Rules:   &rules[i],
			Answers: rules[i].Answers,
			Default: unlocated,
			policy:  p,
		}
		specs[i] = geoip.Spec{Decide: p.decide, Unlocated: unlocated, Networks: p.networks()}
	}
	tables, err := geoip.Build(dbs, specs)
	if err != nil {
		return nil, err
	}
	for i, m := range maps {
		m.Table, m.Orders = tables[i], m.policy.orders.list
		m.policy.orders = nil
	}
	return maps, nil
}
