// Package steer decides which POP serves which address: an operator's rules and the databases, compiled into a Map.
package steer

import (
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"tinycdn/geoip"
)

// POP is a point of presence: a server, or some, in one place.
type POP struct {
	Name      string       // as the table is called
	Addresses []netip.Addr // that visitors are sent to
	Point     geoip.Point
}

// Rules are a map as its operator wrote it; the comments of what has a key are the manual. A rule names the head of an order of POPs; the rest of the POPs follow by distance.
// Of the rules that fit an address the first of these decides: networks (the longest prefix), asns, regions,
// countries, continents, nearest, default.
type Rules struct {
	Name string `toml:",key"`
	// the POP (or POPs, best first) for those whose place is unknown. Left out: required
	Default []string `toml:"default"`
	// the POPs that the map uses. Left out: all
	POPs []string `toml:"pops"`
	// `true`: by distance where no rule fits; `false`: then the default. Left out: `true`
	Nearest bool `toml:"nearest"`
	// how many POPs an answer holds; resolvers turn the order, so of 2 half of the visitors go to the second nearest. Left out: 1
	Answers int `toml:"answers"`
	// `"all"`: AAAA only where all POPs of the map have IPv6; `"any"`: AAAA of the nearest that has it. Left out: `"all"`, and `check` tells where that leaves AAAA out
	IPv6 string `toml:"ipv6"`
	// a factor on a POP's distance: `{ syd = 0.8 }` draws visitors to Sydney. Left out: 1
	Bias map[string]float64 `toml:"bias"`
	// how much of what would go to other POPs goes to this one: `{ syd = 0.2 }` gives Sydney a fifth, by the /16 of IPv4 and the /32 of IPv6, at every POP the same. What `networks` decides stays. Left out: nothing
	Share map[string]float64 `toml:"share"`
	// rules: `{ AF = "fra" }` (AF, AN, AS, EU, NA, OC, SA). Left out: none
	Continents []Rule `toml:"continents"`
	// rules by ISO 3166-1 code: `{ NZ = ["syd", "nyc"] }`. Left out: none
	Countries []Rule `toml:"countries"`
	// rules by ISO 3166-2 code: `{ US-HI = "syd" }`. Left out: none
	Regions []Rule `toml:"regions"`
	// rules by AS number: `{ AS4804 = "syd" }`. Left out: none
	ASNs []Rule `toml:"asns"`
	// rules by network: `{ "203.0.113.0/24" = "fra" }`; the longest wins. Left out: none
	Networks []Rule `toml:"networks"`
}

// SetDefaults makes r what holds where a configuration says nothing.
func (r *Rules) SetDefaults() { r.Nearest, r.Answers = true, 1 }

// Rule is the POPs for a place or network, the best first.
type Rule struct {
	For  string   `toml:",key"`
	POPs []string `toml:",value"`
}

// parseASN reads the number of a network: "AS4804", "4804".
func parseASN(text string) (uint32, error) {
	number, err := strconv.ParseUint(strings.TrimPrefix(strings.ToUpper(text), "AS"), 10, 32)
	return uint32(number), err
}

// Map is compiled rules: a table that gives every address an order of POPs. It never changes.
type Map struct {
	Name    string
	POPs    []POP // those the map uses
	Rules   *Rules
	Answers int
	NoIPv6  []string // the POPs for whose sake no name of the map has AAAA
	Table   *geoip.Packed
	Orders  [][]uint8 // what the table's values mean: indexes into POPs, the best first
	Default uint16    // the order where nothing is known, and of those whose own resolver is in reserved space
	Sent    []Sent    // from where how much of IPv4 goes to which POP, the POPs all up; nil: nobody wanted to know

	policy *policy
}

// Compile makes a Map of each of rules, which Check must have passed, in one walk through the databases.
func Compile(dbs *geoip.Databases, pops []POP, rules []Rules) ([]*Map, error) {
	maps, specs := prepare(pops, rules)
	tables, err := geoip.Build(dbs, specs)
	if err != nil {
		return nil, err
	}
	return finish(maps, tables), nil
}

// CompileWith is Compile, and finds out what is sent from where, and makes other tables, in the same walk through the databases. Of the
// maps of before, which it made of the same databases, it takes over those that would come out as they are.
func CompileWith(dbs *geoip.Databases, before []*Map, pops []POP, rules []Rules, others ...geoip.Spec) ([]*Map, []*geoip.Packed, error) {
	all, specs := prepare(pops, rules)
	var made []*Map
	var wanted []geoip.Spec
	for i, m := range all {
		if k := slices.IndexFunc(before, m.isMadeLike); k >= 0 {
			all[i] = before[k]
			continue
		}
		made, wanted = append(made, m), append(wanted, specs[i])
	}
	rasters := make([]geoip.Raster, len(made))
	for i := range made {
		wanted[i].Raster = &rasters[i]
	}
	if wanted = append(wanted, others...); len(wanted) == 0 {
		return all, nil, nil
	}
	tables, err := geoip.Build(dbs, wanted)
	if err != nil {
		return nil, nil, err
	}
	finish(made, tables)
	for i, m := range made {
		m.Sent = m.sent(rasters[i])
	}
	return all, tables[len(made):], nil
}

// isMadeLike says whether the other map was made by the same rules and POPs: of one database both are the same.
func (m *Map) isMadeLike(other *Map) bool {
	return other.Sent != nil && reflect.DeepEqual(m.Rules, other.Rules) && reflect.DeepEqual(m.POPs, other.POPs)
}

// Set is some maps to be made: POPs, and rules that say who is sent to which.
type Set struct {
	POPs  []POP
	Rules []Rules
}

// CompileWithPlaces is Compile for several sets of maps, all in one walk, and also says where the addresses are that these send to POPs.
func CompileWithPlaces(dbs *geoip.Databases, sets ...Set) ([][]*Map, *geoip.Places, error) {
	all := make([][]*Map, len(sets))
	var specs []geoip.Spec
	for i, set := range sets {
		maps, more := prepare(set.POPs, set.Rules)
		all[i], specs = maps, append(specs, more...)
	}
	tables, places, err := geoip.BuildWithPlaces(dbs, specs)
	if err != nil {
		return nil, nil, err
	}
	for _, maps := range all {
		finish(maps, tables)
		tables = tables[len(maps):]
	}
	return all, places, nil
}

// prepare makes maps without tables, and says what goes into these.
func prepare(pops []POP, rules []Rules) ([]*Map, []geoip.Spec) {
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
			NoIPv6:  p.noIPv6(&rules[i]),
			Default: unlocated,
			policy:  p,
		}
		specs[i] = geoip.Spec{Decide: p.decide, Unlocated: unlocated, Networks: p.networks(), Regionless: len(p.regions) == 0}
		if len(p.shares) > 0 {
			specs[i].Divide = p.divide
		}
	}
	return maps, specs
}

func finish(maps []*Map, tables []*geoip.Packed) []*Map {
	for i, m := range maps {
		m.Table, m.Orders = tables[i], m.policy.orders.list
		m.policy.orders, m.policy.shared = nil, nil
	}
	return maps
}
