// Package inet says what an address is to us, whoever brought it: without what only a socket says of it, and as a client.
package inet

import (
	"net"
	"net/netip"
	"slices"
)

// subscriberBits is the prefix of one network: an interface identifier has the other 64 bits (RFC 4291, 2.5.1), and who is
// given a network may use all of them.
const subscriberBits = 64

// Subscriber gives what counts as one client: the IPv4 address, or the first address of the /64 that an IPv6 network has
// at least. Limits for each client would mean nothing if a client could take another address of its own.
func Subscriber(a netip.Addr) netip.Addr {
	if a = Plain(a); a.Is4() {
		return a
	}
	return netip.PrefixFrom(a, subscriberBits).Masked().Addr()
}

// Of gives the address of one end of a connection over TCP or QUIC, plain; invalid: it has none.
func Of(end net.Addr) netip.Addr {
	switch end := end.(type) {
	case *net.TCPAddr:
		return Plain(end.AddrPort().Addr())
	case *net.UDPAddr:
		return Plain(end.AddrPort().Addr())
	}
	return netip.Addr{}
}

// Contains says whether an address is in one of the networks.
func Contains(networks []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Plain gives a without what only its socket says of it: a zone, and the mapping of IPv4 addresses where one socket
// serves both families (RFC 4291, 2.5.5.2).
func Plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
