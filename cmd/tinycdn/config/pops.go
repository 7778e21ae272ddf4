package config

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"

	"tinycdn/geoip"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// popTable is [pops.NAME] as it is written. Addresses are read here, so that each mistake on a line is told.
type popTable struct {
	Name string `toml:",key"`
	// the addresses that visitors are sent to. Left out: required
	Addresses []string `toml:"addresses"`
	// `[latitude, longitude]` in degrees. Left out: required
	Location *[2]float64 `toml:"location"`
	// where `tinycdn setup` reaches its machine, as ssh is told. Left out: root at its first address
	SSH string `toml:"ssh"`
}

// A POP's name goes into NSID answers, logs and command lines.
var popName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

func (c *checker) readPOPs(tables []popTable) {
	owners := make(map[netip.Addr]string)
	for _, table := range tables {
		pop := steer.POP{Name: table.Name}
		keys := diag.At("pops", pop.Name)
		if !popName.MatchString(pop.Name) {
			c.wrong(keys, "a POP's name is up to 63 letters, digits, dots and hyphens")
		}
		c.config.popNames = append(c.config.popNames, pop.Name)
		pop.Addresses = c.addresses(pop.Name, table.Addresses, owners)
		pop.Point = c.popPoint(append(keys, "location"), table.Location)
		c.readSSH(pop.Name, table.SSH)
		c.config.POPs = append(c.config.POPs, pop)
	}
	if c.first != nil {
		c.config.popNames = c.first.popNames // one that is cut out is a POP all the same
	}
	names := c.config.popNames
	if pop := c.config.POP; pop != "" && !slices.Contains(names, pop) {
		c.wrong(diag.At("pop"), "POP %q is not defined%s", pop, diag.DidYouMean(pop, names))
	}
}

// addresses reads those of a POP. Each belongs to one POP.
func (c *checker) addresses(pop string, texts []string, owners map[netip.Addr]string) (list []netip.Addr) {
	if len(texts) == 0 {
		c.wrong(diag.At("pops", pop, "addresses"), "missing: what clients of this POP are answered")
	}
	for i, text := range texts {
		keys := diag.At("pops", pop, "addresses", strconv.Itoa(i))
		addr, err := netip.ParseAddr(text)
		switch {
		case err != nil || addr.Zone() != "":
			c.wrong(keys, "%q is not an IP address", text)
		case addr.Is4In6():
			c.wrong(keys, "%q is an IPv4 address (did you mean %q?)", text, addr.Unmap())
		case addr.IsUnspecified() || addr.IsMulticast() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
			c.wrong(keys, "%s is no server's address", addr)
		case owners[addr] != "":
			c.wrong(keys, "%s is an address of POP %q already", addr, owners[addr])
		default:
			owners[addr] = pop
			list = append(list, addr)
		}
	}
	return list
}

func (c *checker) popPoint(keys []string, location *[2]float64) geoip.Point {
	if location == nil {
		c.wrong(keys, "missing: write location = [latitude, longitude] in degrees")
		return geoip.Point{}
	}
	point := geoip.Point{Lat: location[0], Lon: location[1]}
	swapped := geoip.Point{Lat: point.Lon, Lon: point.Lat}
	switch {
	case point.Valid():
	case swapped.Valid():
		c.wrong(keys, "latitude %v is beyond 90 degrees: it comes first (did you mean [%v, %v]?)", point.Lat, swapped.Lat, swapped.Lon)
	default:
		c.wrong(keys, "[%v, %v] is not on the Earth: want latitude -90 to 90, longitude -180 to 180", point.Lat, point.Lon)
	}
	return point
}

// readMaps reads the maps. Of POPs that were cut out they are told nothing: a map goes on with those that are left.
func (c *checker) readMaps(maps []steer.Rules) {
	for i := range maps {
		rules, keys := &maps[i], diag.At("maps", maps[i].Name)
		if c.first != nil {
			c.standIn(rules, keys)
		}
		rules.Check(c.config.POPs, c.below(keys...))
	}
	c.config.Maps = maps
}

// standIn gives a map whose default was cut out another. One whose POPs all were is not for the others.
func (c *checker) standIn(rules *steer.Rules, keys []string) {
	known := func(name string) bool {
		return slices.ContainsFunc(c.config.POPs, func(p steer.POP) bool { return p.Name == name })
	}
	pops := rules.POPs
	hadSome := func(r steer.Rules) bool { return r.Name == rules.Name && len(r.POPs) > 0 }
	if len(pops) == 0 && slices.ContainsFunc(c.first.Maps, hadSome) {
		c.wrong(keys, "none of its POPs is left")
		return
	}
	if len(pops) == 0 {
		for _, pop := range c.config.POPs {
			pops = append(pops, pop.Name)
		}
	}
	if i := slices.IndexFunc(pops, known); len(rules.Default) == 0 && i >= 0 {
		rules.Default = pops[i : i+1]
	}
}
