package live

import (
	"cmp"
	"net"
	"net/netip"
	"strconv"

	"tinycdn/cmd/tinycdn/config"
)

// Places are the addresses of all POPs. A port of 0 is the one at which each answers DNS: 53, unless it listens at none but others.
func Places(c *config.Config, port uint16) (list []Place) {
	for _, p := range c.POPs {
		at := cmp.Or(port, dnsPort(c.ListenAt(p.Name).DNS))
		for _, address := range p.Addresses {
			list = append(list, Place{POP: p.Name, Address: netip.AddrPortFrom(address, at)})
		}
	}
	return list
}

func dnsPort(listen []string) (port uint16) {
	for _, address := range listen {
		_, text, _ := net.SplitHostPort(address)
		if n, err := strconv.ParseUint(text, 10, 16); err == nil && (port == 0 || n == 53) {
			port = uint16(n)
		}
	}
	return cmp.Or(port, 53)
}

// Serial is the serial number that most places give for a zone, if any does.
func Serial(places []Place, zone string) (most uint32, ok bool) {
	votes := map[uint32]int{}
	for _, p := range places {
		if z, ok := p.Zones[zone]; ok && z.Answer == "" {
			if votes[z.Serial]++; votes[z.Serial] > votes[most] {
				most = z.Serial
			}
		}
	}
	return most, len(votes) > 0
}
