package steer

import (
	"fmt"
	"maps"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"tinycdn/geoip"
	"tinycdn/zones/diag"
)

// Mistake is one thing that is wrong with a map.
type Mistake struct {
	Key  string // where, below the map: "countries.NZ"
	Text string // what, and a hint
}

// The most POPs: an order holds their indexes as bytes.
const maxPOPs = 255

// Check gives all that is wrong with the rules, in the order of their keys.
func (r *Rules) Check(pops []POP) []Mistake {
	c := checker{rules: r}
	for _, pop := range pops {
		c.all = append(c.all, pop.Name)
	}
	c.checkPOPs()
	c.checkDefault()
	c.checkNumbers()
	c.checkNetworks()
	for _, asn := range slices.Sorted(maps.Keys(r.ASNs)) {
		key := fmt.Sprintf("asns.AS%d", asn)
		if asn == 0 {
			c.say(key, "AS0 is no network's number (RFC 7607)")
		}
		c.checkNames(key, r.ASNs[asn])
	}
	c.checkRegions()
	c.checkCountries()
	c.checkContinents()
	return c.mistakes
}

type checker struct {
	rules    *Rules
	all      []string // the names of all POPs
	mistakes []Mistake
}

func (c *checker) say(key, format string, args ...any) {
	c.mistakes = append(c.mistakes, Mistake{key, fmt.Sprintf(format, args...)})
}

func (c *checker) checkPOPs() {
	used := len(c.all)
	if len(c.rules.POPs) > 0 {
		used = len(c.rules.POPs)
	}
	switch {
	case len(c.all) == 0:
		c.say("", "there are no POPs to send anybody to (define them as [pops.NAME])")
	case used > maxPOPs:
		c.say("pops", "%d POPs are more than a map can order (at most %d)", used, maxPOPs)
	}
	for i, name := range c.rules.POPs {
		if !slices.Contains(c.all, name) {
			c.unknown("pops", name)
		}
		if slices.Contains(c.rules.POPs[:i], name) {
			c.say("pops", "POP %q is named twice", name)
		}
	}
}

func (c *checker) checkDefault() {
	if len(c.rules.Default) == 0 {
		c.say("default", "missing: name the POP for addresses whose location is unknown")
		return
	}
	c.checkNames("default", c.rules.Default)
}

func (c *checker) checkNumbers() {
	used := len(c.all)
	if len(c.rules.POPs) > 0 {
		used = len(c.rules.POPs)
	}
	if n := c.rules.Answers; n < 1 || n > max(used, 1) {
		c.say("answers", "%d is out of range (the map has %d POPs, and an answer holds at least one)", n, used)
	}
	for _, name := range slices.Sorted(maps.Keys(c.rules.Bias)) {
		key := "bias." + name
		c.checkName(key, name)
		if b := c.rules.Bias[name]; !(b > 0) || math.IsInf(b, 1) {
			c.say(key, "%v is out of range (above 0; 1 is neutral, 0.5 makes the POP seem half as far)", b)
		}
	}
}

// checkNames checks the POPs of a rule.
func (c *checker) checkNames(key string, names []string) {
	if len(names) == 0 {
		c.say(key, "names no POP")
	}
	for i, name := range names {
		c.checkName(key, name)
		if slices.Contains(names[:i], name) {
			c.say(key, "POP %q is named twice", name)
		}
	}
}

func (c *checker) checkName(key, name string) {
	switch {
	case !slices.Contains(c.all, name):
		c.unknown(key, name)
	case len(c.rules.POPs) > 0 && !slices.Contains(c.rules.POPs, name):
		c.say(key, "POP %q is not among the map's pops (%s)", name, strings.Join(c.rules.POPs, ", "))
	}
}

func (c *checker) unknown(key, name string) {
	c.say(key, "POP %q is not defined%s", name, diag.DidYouMean(name, c.all))
}

func (c *checker) checkNetworks() {
	prefixes := slices.SortedFunc(maps.Keys(c.rules.Networks), netip.Prefix.Compare)
	for _, prefix := range prefixes {
		key := "networks." + prefix.String()
		plain := geoip.Unmap(prefix)
		switch {
		case plain != plain.Masked():
			c.say(key, "has bits set behind its length (did you mean %q?)", plain.Masked())
		case plain.Addr().Is6() && geoip.IPv4Inside(plain):
			c.say(key, "addresses in it are decided as the IPv4 addresses they hold: write the IPv4 network")
		case plain != prefix && c.rules.Networks[plain] != nil:
			c.say(key, "is the same network as %q", plain)
		}
		c.checkNames(key, c.rules.Networks[prefix])
	}
}

var regionCode = regexp.MustCompile(`^([A-Z]{2})-[A-Z0-9]{1,3}$`)

func (c *checker) checkRegions() {
	for _, code := range slices.Sorted(maps.Keys(c.rules.Regions)) {
		key := "regions." + code
		parts := regionCode.FindStringSubmatch(code)
		switch {
		case parts == nil:
			c.say(key, "%q is not an ISO 3166-2 code, such as US-HI%s", code, upper(code, regionCode.MatchString))
		case geoip.Continent(parts[1]) == "":
			c.say(key, "%q is in no country: %q is not an ISO 3166-1 code", code, parts[1])
		}
		c.checkNames(key, c.rules.Regions[code])
	}
}

func (c *checker) checkCountries() {
	for _, code := range slices.Sorted(maps.Keys(c.rules.Countries)) {
		key := "countries." + code
		if geoip.Continent(code) == "" {
			hint := upper(code, func(s string) bool { return geoip.Continent(s) != "" })
			if code == "UK" {
				hint = ` (did you mean "GB"?)`
			}
			c.say(key, "%q is not an ISO 3166-1 country code%s", code, hint)
		}
		c.checkNames(key, c.rules.Countries[code])
	}
}

func (c *checker) checkContinents() {
	for _, code := range slices.Sorted(maps.Keys(c.rules.Continents)) {
		key := "continents." + code
		known := func(s string) bool { return slices.Contains(geoip.Continents(), s) }
		if !known(code) {
			c.say(key, "%q is not a continent (%s)%s", code, strings.Join(geoip.Continents(), ", "), upper(code, known))
		}
		c.checkNames(key, c.rules.Continents[code])
	}
}

// upper hints at capitals where they are all that is missing.
func upper(code string, known func(string) bool) string {
	if up := strings.ToUpper(code); known(up) {
		return fmt.Sprintf(" (did you mean %q?)", up)
	}
	return ""
}
