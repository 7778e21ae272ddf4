package golden

import (
	"fmt"
	"net/netip"
	"strings"
)

// at reads where to ask in place of the addresses of the configuration: "192.0.2.1", "192.0.2.1:5300", "[2001:db8::1]:5300".
func (p POPs) at(text string) (Place, error) {
	at, err := netip.ParseAddrPort(text)
	if err != nil {
		address, wrong := netip.ParseAddr(strings.Trim(text, "[]"))
		if wrong != nil {
			return Place{}, fmt.Errorf("%q is not an address, such as 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53", text)
		}
		at = netip.AddrPortFrom(address, 53)
	}
	place := Place{Address: at}
	if names := p.of(at.Addr()); len(names) > 0 {
		place.POP = names[0]
	}
	return place, nil
}
