package config

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"tinycdn/zones/steer"
)

// rulesFile is a table of rules: what they are for, and the POPs, the best first.
type rulesFile = map[string][]string

// mapFile is [maps.NAME].
type mapFile struct {
	Default    []string           `toml:"default"`    // where the location is unknown
	POPs       []string           `toml:"pops"`       // left out: all of them
	Nearest    *bool              `toml:"nearest"`    // left out: true, by distance; false: the rules, else the default
	Answers    *int               `toml:"answers"`    // how many POPs an answer holds; left out: 1
	Bias       map[string]float64 `toml:"bias"`       // a POP's distance is multiplied by this
	Continents rulesFile          `toml:"continents"` // "AF"
	Countries  rulesFile          `toml:"countries"`  // ISO 3166-1, "NZ"
	Regions    rulesFile          `toml:"regions"`    // ISO 3166-2, "US-HI"
	ASNs       rulesFile          `toml:"asns"`       // "AS4804"
	Networks   rulesFile          `toml:"networks"`   // "203.0.113.0/24"; the longest wins
}

func (c *checker) readMaps(file map[string]mapFile) {
	for _, name := range c.config.doc.Keys("maps") {
		m := file[name]
		spelled := make(map[string]string) // how a key that means a number or network is written
		rules := steer.Rules{
			Name: name, Default: m.Default, POPs: m.POPs, Nearest: true, Answers: 1, Bias: m.Bias,
			Continents: lists(m.Continents), Countries: lists(m.Countries), Regions: lists(m.Regions),
			ASNs: c.asns(name, m.ASNs, spelled), Networks: c.networks(name, m.Networks, spelled),
		}
		if m.Nearest != nil {
			rules.Nearest = *m.Nearest
		}
		if m.Answers != nil {
			rules.Answers = *m.Answers
		}
		for _, mistake := range rules.Check(c.config.POPs) {
			c.wrong(mistakeKeys(name, mistake.Key, spelled), "%s", mistake.Text)
		}
		c.config.Maps = append(c.config.Maps, rules)
	}
}

// mistakeKeys finds the way to "networks.203.0.113.0/24": only the first dot divides.
func mistakeKeys(name, key string, spelled map[string]string) []string {
	keys := At("maps", name)
	if key == "" {
		return keys
	}
	table, rule, isRule := strings.Cut(key, ".")
	keys = append(keys, table)
	if written, ok := spelled[key]; ok {
		rule = written
	}
	if isRule {
		keys = append(keys, rule)
	}
	return keys
}

func lists(rules rulesFile) map[string][]string {
	all := make(map[string][]string, len(rules))
	for key, names := range rules {
		all[key] = names
	}
	return all
}

func (c *checker) asns(name string, rules rulesFile, spelled map[string]string) map[uint32][]string {
	all := make(map[uint32][]string, len(rules))
	for _, text := range c.config.doc.Keys("maps", name, "asns") {
		keys := At("maps", name, "asns", text)
		digits := strings.TrimPrefix(strings.ToUpper(text), "AS")
		number, err := strconv.ParseUint(digits, 10, 32)
		if err != nil {
			c.wrong(keys, "%q is not the number of a network, such as AS4804", text)
			continue
		}
		if _, twice := all[uint32(number)]; twice {
			c.wrong(keys, "the same network as %q", spelled[fmt.Sprintf("asns.AS%d", number)])
			continue
		}
		all[uint32(number)] = rules[text]
		spelled[fmt.Sprintf("asns.AS%d", number)] = text
	}
	return all
}

func (c *checker) networks(name string, rules rulesFile, spelled map[string]string) map[netip.Prefix][]string {
	all := make(map[netip.Prefix][]string, len(rules))
	for _, text := range c.config.doc.Keys("maps", name, "networks") {
		keys := At("maps", name, "networks", text)
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			hint := ""
			if addr, err := netip.ParseAddr(text); err == nil {
				hint = fmt.Sprintf(" (did you mean %q?)", netip.PrefixFrom(addr, addr.BitLen()))
			}
			c.wrong(keys, "%q is not a network, such as 203.0.113.0/24%s", text, hint)
			continue
		}
		if _, twice := all[prefix]; twice {
			c.wrong(keys, "the same network as %q", spelled["networks."+prefix.String()])
			continue
		}
		all[prefix] = rules[text]
		spelled["networks."+prefix.String()] = text
	}
	return all
}
