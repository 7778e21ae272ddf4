// Package health says to which POPs visitors can be sent: each POP checks the others as a visitor would, and all of them go by what
// most of them see.
package health

import (
	"fmt"
	"net/netip"
	"slices"
)

// A Check is what is checked of a POP: a service, over one family of addresses.
type Check uint8

// The checks. A family that is down takes only its own addresses with it.
const (
	Pages4 Check = iota
	Pages6
	DNS4
	DNS6
	checks // how many there are
)

var checkNames = [checks]string{"pages4", "pages6", "dns4", "dns6"}

// PagesOver and DNSOver are the checks of a service over the family of an address.
func PagesOver(a netip.Addr) Check { return pick(a, Pages4, Pages6) }
func DNSOver(a netip.Addr) Check   { return pick(a, DNS4, DNS6) }

func pick(a netip.Addr, over4, over6 Check) Check {
	if a.Unmap().Is4() {
		return over4
	}
	return over6
}

// String says it for people.
func (c Check) String() string {
	service, family := "DNS", "IPv4"
	if c == Pages4 || c == Pages6 {
		service = "pages"
	}
	if c == Pages6 || c == DNS6 {
		family = "IPv6"
	}
	return service + " over " + family
}

// MarshalText says it for other POPs.
func (c Check) MarshalText() ([]byte, error) { return []byte(checkNames[c]), nil }

// UnmarshalText knows the checks of this version alone: a later one may have more.
func (c *Check) UnmarshalText(text []byte) error {
	i := slices.Index(checkNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is no check", text)
	}
	*c = Check(i)
	return nil
}

// Checks is a set of them.
type Checks [checks]bool

// Of is the set of these.
func Of(list ...Check) (set Checks) {
	for _, c := range list {
		set[c] = true
	}
	return set
}
