package config

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"tinycdn/zones/steer"
)

// rulesTable is a table of rules: what they are for, and the POPs, the best first.
type rulesTable = map[string][]string

// mapTable is [maps.NAME].
type mapTable struct {
	// the POP (or POPs, best first) for those whose place is unknown. Left out: required
	Default []string `toml:"default"`
	// the POPs that the map uses. Left out: all
	POPs []string `toml:"pops"`
	// `true`: by distance where no rule fits; `false`: then the default. Left out: `true`
	Nearest *bool `toml:"nearest"`
	// how many POPs an answer holds. Left out: 1
	Answers *int `toml:"answers"`
	// a factor on a POP's distance: `{ syd = 0.8 }` draws visitors to Sydney. Left out: 1
	Bias map[string]float64 `toml:"bias"`
	// rules: `{ AF = "fra" }` (AF, AN, AS, EU, NA, OC, SA). Left out: none
	Continents rulesTable `toml:"continents"`
	// rules by ISO 3166-1 code: `{ NZ = ["syd", "nyc"] }`. Left out: none
	Countries rulesTable `toml:"countries"`
	// rules by ISO 3166-2 code: `{ US-HI = "syd" }`. Left out: none
	Regions rulesTable `toml:"regions"`
	// rules by AS number: `{ AS4804 = "syd" }`. Left out: none
	ASNs rulesTable `toml:"asns"`
	// rules by network: `{ "203.0.113.0/24" = "fra" }`; the longest wins. Left out: none
	Networks rulesTable `toml:"networks"`
}

func (c *checker) readMaps(file map[string]mapTable) {
	for _, name := range c.config.doc.Keys("maps") {
		m := file[name]
		spelled := make(map[string]string) // how a key that means a number or network is written
		rules := steer.Rules{
			Name: name, Default: m.Default, POPs: m.POPs, Nearest: true, Answers: 1, Bias: m.Bias,
			Continents: m.Continents, Countries: m.Countries, Regions: m.Regions,
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

func (c *checker) asns(name string, rules rulesTable, spelled map[string]string) map[uint32][]string {
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

func (c *checker) networks(name string, rules rulesTable, spelled map[string]string) map[netip.Prefix][]string {
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
