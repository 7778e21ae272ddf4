package told

import (
	"fmt"
	"net/netip"
)

// Subnet takes an address, or a subnet such as a resolver sends.
func Subnet(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("%q is neither an address nor a subnet (try 81.2.69.142 or 81.2.69.0/24)", s)
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}
