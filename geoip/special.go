package geoip

import (
	"net/netip"
	"slices"
)

// Reserved is the value of addresses that are nowhere: private, loopback, link-local and multicast ones and
// their like. Only an operator's network rule gives them another.
const Reserved uint16 = 0xFFFF

// MaxValue is the greatest value that Decide may give. Those above it have meanings inside a Table.
const MaxValue uint16 = 0xFFEF

const (
	embedded uint16 = 0xFFFE // the addresses hold IPv4 addresses, which decide
	fineMark uint16 = 0xFFFD // the run begins inside a /64: see half.fine
)

// What addresses of a special purpose are (RFC 6890). Databases have no say in any of it.
type kind uint8

const (
	ordinary kind = iota
	reserved
	embedding // holds IPv4 addresses
	nowhere   // holds no data: a tunnel's end is not its user, and ::/96 is the databases' name for IPv4
)

// special is a prefix of addresses with a special purpose.
type special struct {
	prefix netip.Prefix
	kind   kind
}

var special4 = []special{
	{netip.MustParsePrefix("0.0.0.0/8"), reserved},      // this network, RFC 791
	{netip.MustParsePrefix("10.0.0.0/8"), reserved},     // private, RFC 1918
	{netip.MustParsePrefix("100.64.0.0/10"), reserved},  // carriers' NAT, RFC 6598
	{netip.MustParsePrefix("127.0.0.0/8"), reserved},    // loopback, RFC 1122
	{netip.MustParsePrefix("169.254.0.0/16"), reserved}, // link-local, RFC 3927
	{netip.MustParsePrefix("172.16.0.0/12"), reserved},  // private
	{netip.MustParsePrefix("192.168.0.0/16"), reserved}, // private
	{netip.MustParsePrefix("224.0.0.0/4"), reserved},    // multicast, RFC 5771
	{netip.MustParsePrefix("240.0.0.0/4"), reserved},    // class E and broadcast, RFC 1112
}

var special6 = []special{
	{netip.MustParsePrefix("::/96"), nowhere},
	{netip.MustParsePrefix("::/127"), reserved}, // unspecified and loopback, RFC 4291
	{v4Mapped, embedding},
	{netip.MustParsePrefix("64:ff9b::/96"), embedding}, // NAT64, RFC 6052
	{netip.MustParsePrefix("2001::/32"), nowhere},      // Teredo, RFC 4380
	{netip.MustParsePrefix("2002::/16"), embedding},    // 6to4, RFC 3056
	{netip.MustParsePrefix("fc00::/7"), reserved},      // unique local, RFC 4193
	{netip.MustParsePrefix("fe80::/9"), reserved},      // link-local, RFC 4291, and site-local, RFC 3879
	{netip.MustParsePrefix("ff00::/8"), reserved},      // multicast
}

var v4Mapped = netip.MustParsePrefix("::ffff:0:0/96") // RFC 4291

// embeddingBits is how many bits stand before the IPv4 address in a, which is in an embedding.
func embeddingBits(a addr) int {
	if a.hi>>48 == 0x2002 {
		return 16
	}
	return 96
}

// embeddedAddr is the IPv4 address in a, which is in an embedding.
func embeddedAddr(a addr) addr {
	if embeddingBits(a) == 16 {
		return addr{hi: a.hi << 16 &^ (1<<32 - 1)}
	}
	return addr{hi: a.lo << 32}
}

func specialPurpose(v4 bool) []special {
	if v4 {
		return special4
	}
	return special6
}

// IPv4Inside reports whether p lies in space whose addresses are decided as the IPv4 addresses they hold.
func IPv4Inside(p netip.Prefix) bool {
	return slices.ContainsFunc(special6, func(s special) bool {
		return s.kind == embedding && p.Bits() >= s.prefix.Bits() && s.prefix.Contains(p.Addr().WithZone(""))
	})
}
