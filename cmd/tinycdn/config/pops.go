package config

import (
	"net/netip"
	"regexp"
	"strconv"

	"tinycdn/geoip"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"
)

// popTable is [pops.NAME].
type popTable struct {
	// the addresses that visitors are sent to. Left out: required
	Addresses []string `toml:"addresses"`
	// `[latitude, longitude]` in degrees. Left out: required
	Location *[2]float64 `toml:"location"`
}

// A POP's name goes into NSID answers, logs and command lines.
var popName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

func (c *checker) readPOPs(file map[string]popTable) {
	owners := make(map[netip.Addr]string)
	for _, name := range c.config.doc.Keys("pops") {
		keys := At("pops", name)
		if !popName.MatchString(name) {
			c.wrong(keys, "a POP's name is up to 63 letters, digits, dots and hyphens")
		}
		pop := steer.POP{Name: name}
		for i, text := range file[name].Addresses {
			if addr, ok := c.popAddress(At("pops", name, "addresses", strconv.Itoa(i)), text, name, owners); ok {
				pop.Addresses = append(pop.Addresses, addr)
			}
		}
		if len(file[name].Addresses) == 0 {
			c.wrong(At("pops", name, "addresses"), "missing: what clients of this POP are answered")
		}
		pop.Point = c.popPoint(At("pops", name, "location"), file[name].Location)
		c.config.POPs = append(c.config.POPs, pop)
	}
	if pop := c.config.POP; pop != "" {
		if _, ok := file[pop]; !ok {
			c.wrong(At("pop"), "POP %q is not defined%s", pop, diag.DidYouMean(pop, c.config.popNames()))
		}
	}
}

func (c *checker) popAddress(keys []string, text, name string, owners map[netip.Addr]string) (netip.Addr, bool) {
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
		owners[addr] = name
		return addr, true
	}
	return addr, false
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
