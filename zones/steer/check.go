package steer

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tinycdn/geoip"
	"tinycdn/zones/diag"
)

// The most POPs: an order holds their indexes as bytes.
const maxPOPs = 255

// Check reports what is wrong with the rules, at the keys below the map.
func (r *Rules) Check(pops []POP, report diag.Report) {
	sound := true
	c := checker{rules: r, report: func(keys []string, format string, args ...any) {
		sound = false
		report(keys, format, args...)
	}}
	for _, pop := range pops {
		c.all = append(c.all, pop.Name)
	}
	c.checkPOPs()
	c.checkDefault()
	c.checkNumbers()
	c.checkNetworks()
	c.checkASNs()
	c.checkRegions()
	c.checkCountries()
	c.checkContinents()
	if sound { // else it is not clear who is sent where
		c.checkFamilies(pops)
	}
}

type checker struct {
	rules  *Rules
	all    []string // the names of all POPs
	report diag.Report
}

func (c *checker) checkPOPs() {
	used := len(c.all)
	if len(c.rules.POPs) > 0 {
		used = len(c.rules.POPs)
	}
	switch {
	case len(c.all) == 0:
		c.report(nil, "there are no POPs to send anybody to (define them as [pops.NAME])")
	case used > maxPOPs:
		c.report(diag.At("pops"), "%d POPs are more than a map can order (at most %d)", used, maxPOPs)
	}
	for i, name := range c.rules.POPs {
		if !slices.Contains(c.all, name) {
			c.unknown(diag.At("pops", strconv.Itoa(i)), name)
		}
		if slices.Contains(c.rules.POPs[:i], name) {
			c.report(diag.At("pops", strconv.Itoa(i)), "POP %q is named twice", name)
		}
	}
}

func (c *checker) checkDefault() {
	if len(c.rules.Default) == 0 {
		c.report(diag.At("default"), "missing: name the POP for addresses whose location is unknown")
		return
	}
	c.checkNames(diag.At("default"), c.rules.Default)
}

func (c *checker) checkNumbers() {
	used := len(c.all)
	if len(c.rules.POPs) > 0 {
		used = len(c.rules.POPs)
	}
	if n := c.rules.Answers; n < 1 || n > max(used, 1) {
		c.report(diag.At("answers"), "%d is out of range (the map has %d POPs, and an answer holds at least one)", n, used)
	}
	if v := c.rules.IPv6; v != "" && v != ipv6All && v != ipv6Any {
		c.report(diag.At("ipv6"), "%q is neither \"all\" nor \"any\"", v)
	}
	for _, name := range slices.Sorted(maps.Keys(c.rules.Bias)) {
		keys := diag.At("bias", name)
		c.checkName(keys, name)
		if b := c.rules.Bias[name]; !(b > 0) || math.IsInf(b, 1) {
			c.report(keys, "%v is out of range (above 0; 1 is neutral, 0.5 makes the POP seem half as far)", b)
		}
	}
	c.checkShare()
}

func (c *checker) checkShare() {
	sum := 0.0
	for _, name := range slices.Sorted(maps.Keys(c.rules.Share)) {
		keys := diag.At("share", name)
		c.checkName(keys, name)
		s := c.rules.Share[name]
		if !(s > 0 && s < 1) {
			c.report(keys, "%v is out of range (above 0, below 1; 0.2 is a fifth of what would go to other POPs)", s)
		}
		sum += s
	}
	if sum > 1+1e-9 { // 0.7, 0.2 and 0.1 may be a little more than 1
		c.report(diag.At("share"), "together the shares are %.4g of what would go to other POPs, which is more than there is (at most 1)", sum)
	}
}

// checkNames checks the POPs of a rule.
func (c *checker) checkNames(keys []string, names []string) {
	if len(names) == 0 {
		c.report(keys, "names no POP")
	}
	for i, name := range names {
		keys := append(slices.Clip(keys), strconv.Itoa(i))
		c.checkName(keys, name)
		if slices.Contains(names[:i], name) {
			c.report(keys, "POP %q is named twice", name)
		}
	}
}

func (c *checker) checkName(keys []string, name string) {
	switch {
	case !slices.Contains(c.all, name):
		c.unknown(keys, name)
	case len(c.rules.POPs) > 0 && !slices.Contains(c.rules.POPs, name):
		c.report(keys, "POP %q is not among the map's pops (%s)", name, strings.Join(c.rules.POPs, ", "))
	}
}

func (c *checker) unknown(keys []string, name string) {
	c.report(keys, "POP %q is not defined%s", name, diag.DidYouMean(name, c.all))
}

func (c *checker) checkNetworks() {
	written := make(map[netip.Prefix]string)
	for _, rule := range c.rules.Networks {
		keys := diag.At("networks", rule.For)
		prefix, err := netip.ParsePrefix(rule.For)
		if err != nil {
			hint := ""
			if addr, err := netip.ParseAddr(rule.For); err == nil {
				hint = fmt.Sprintf(" (did you mean %q?)", netip.PrefixFrom(addr, addr.BitLen()))
			}
			c.report(keys, "%q is not a network, such as 203.0.113.0/24%s", rule.For, hint)
			continue
		}
		if first, twice := written[prefix]; twice {
			c.report(keys, "the same network as %q", first)
			continue
		}
		written[prefix] = rule.For
		plain := geoip.Unmap(prefix)
		switch {
		case plain != plain.Masked():
			c.report(keys, "has bits set behind its length (did you mean %q?)", plain.Masked())
		case plain.Addr().Is6() && geoip.IPv4Inside(plain):
			c.report(keys, "addresses in it are decided as the IPv4 addresses they hold: write the IPv4 network")
		case plain != prefix && slices.ContainsFunc(c.rules.Networks, func(r Rule) bool { return r.For == plain.String() }):
			c.report(keys, "is the same network as %q", plain)
		}
		c.checkNames(keys, rule.POPs)
	}
}

func (c *checker) checkASNs() {
	written := make(map[uint32]string)
	for _, rule := range c.rules.ASNs {
		keys := diag.At("asns", rule.For)
		asn, err := parseASN(rule.For)
		if err != nil {
			c.report(keys, "%q is not the number of a network, such as AS4804", rule.For)
			continue
		}
		if first, twice := written[asn]; twice {
			c.report(keys, "the same network as %q", first)
			continue
		}
		written[asn] = rule.For
		if asn == 0 {
			c.report(keys, "AS0 is no network's number (RFC 7607)")
		}
		c.checkNames(keys, rule.POPs)
	}
}

var regionCode = regexp.MustCompile(`^([A-Z]{2})-[A-Z0-9]{1,3}$`)

func (c *checker) checkRegions() {
	for _, rule := range c.rules.Regions {
		code, keys := rule.For, diag.At("regions", rule.For)
		parts := regionCode.FindStringSubmatch(code)
		switch {
		case parts == nil:
			c.report(keys, "%q is not an ISO 3166-2 code, such as US-HI%s", code, upper(code, regionCode.MatchString))
		case geoip.Continent(parts[1]) == "":
			c.report(keys, "%q is in no country: %q is not an ISO 3166-1 code", code, parts[1])
		}
		c.checkNames(keys, rule.POPs)
	}
}

// formerCountries are codes that other servers' configurations have and no database has any more.
var formerCountries = map[string]string{
	"AP": ": old databases of MaxMind had it for Asia and the Pacific; leave it out (the continents are AS and OC)",
	"EU": ": old databases of MaxMind had it for Europe; leave it out (the continent EU belongs under continents)",
	"A1": ": old databases of MaxMind had it for proxies; leave it out",
	"A2": ": old databases of MaxMind had it for satellites; leave it out",
	"O1": ": old databases of MaxMind had it for all others; leave it out",
	"AN": ": the Netherlands Antilles are BQ, CW and SX since 2010 (Antarctica is AQ; the continent AN belongs under continents)",
	"CS": ": Serbia and Montenegro are RS and ME since 2006",
	"YU": ": Yugoslavia is RS and ME today",
	"FX": ": metropolitan France is FR",
	"TP": ": East Timor is TL since 2002",
	"ZR": ": Zaire is CD since 1997",
	"UK": ` (did you mean "GB"?)`,
	"EL": ` (did you mean "GR"?)`,
}

func (c *checker) checkCountries() {
	for _, rule := range c.rules.Countries {
		code, keys := rule.For, diag.At("countries", rule.For)
		if geoip.Continent(code) == "" {
			hint := cmp.Or(formerCountries[strings.ToUpper(code)], upper(code, func(s string) bool { return geoip.Continent(s) != "" }))
			c.report(keys, "%q is not an ISO 3166-1 country code%s", code, hint)
		}
		c.checkNames(keys, rule.POPs)
	}
}

func (c *checker) checkContinents() {
	for _, rule := range c.rules.Continents {
		code, keys := rule.For, diag.At("continents", rule.For)
		known := func(s string) bool { return slices.Contains(geoip.Continents(), s) }
		if !known(code) {
			c.report(keys, "%q is not a continent (%s)%s", code, strings.Join(geoip.Continents(), ", "), upper(code, known))
		}
		c.checkNames(keys, rule.POPs)
	}
}

// upper hints at capitals where they are all that is missing.
func upper(code string, known func(string) bool) string {
	if up := strings.ToUpper(code); known(up) {
		return fmt.Sprintf(" (did you mean %q?)", up)
	}
	return ""
}
