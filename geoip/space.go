package geoip

import (
	"cmp"
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

// What space is beside the databases. Databases have no say in any of it.
type kind uint8

const (
	ordinary kind = iota
	reserved
	embedding // holds IPv4 addresses
	nowhere   // holds no data: a tunnel's end is not its user, and ::/96 is the databases' name for IPv4
)

type special struct {
	prefix netip.Prefix
	kind   kind
}

var specials4 = []special{
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

var specials6 = []special{
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

// IPv4Inside reports whether p lies in space whose addresses are decided as the IPv4 addresses they hold.
func IPv4Inside(p netip.Prefix) bool {
	return slices.ContainsFunc(specials6, func(s special) bool {
		return s.kind == embedding && p.Bits() >= s.prefix.Bits() && s.prefix.Contains(p.Addr().WithZone(""))
	})
}

// A layer is a set of disjoint ranges that is read once, in address order.
type layer struct {
	ranges []layerRange
	at     int // the first range that does not end before the address last asked for
}

type layerRange struct {
	first, last addr
	index       int // into the prefixes the layer was made of
}

// find gives the range that holds a and where it ends, or -1 and where the gap around a ends.
func (l *layer) find(a addr) (index int, last addr) {
	for l.at < len(l.ranges) && l.ranges[l.at].last.less(a) {
		l.at++
	}
	if l.at == len(l.ranges) {
		return -1, lastAddr
	}
	r := l.ranges[l.at]
	if a.less(r.first) {
		return -1, r.first.prev()
	}
	return r.index, r.last
}

// newLayer flattens prefixes of one family, which may lie in one another: the longest one wins, and of equal ones the first.
func newLayer(prefixes []netip.Prefix) *layer {
	order := make([]int, len(prefixes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Or(prefixes[i].Masked().Addr().Compare(prefixes[j].Masked().Addr()), prefixes[i].Bits()-prefixes[j].Bits())
	})

	l := &layer{}
	var open []layerRange // the prefixes around the present place, the narrowest last
	var place addr        // all before it is done
	done := false         // place has passed the last address
	emitTo := func(last addr) {
		if done || last.less(place) {
			return
		}
		l.ranges = append(l.ranges, layerRange{place, last, open[len(open)-1].index})
		done = last == lastAddr
		place = last.next()
	}
	for _, i := range order {
		first := addrOf(prefixes[i].Addr()).first(prefixes[i].Bits())
		for len(open) > 0 && open[len(open)-1].last.less(first) {
			emitTo(open[len(open)-1].last)
			open = open[:len(open)-1]
		}
		if len(open) > 0 {
			if open[len(open)-1].first == first && open[len(open)-1].last == first.last(prefixes[i].Bits()) {
				continue
			}
			if place.less(first) {
				emitTo(first.prev())
			}
		}
		if place.less(first) {
			place = first
		}
		open = append(open, layerRange{first, first.last(prefixes[i].Bits()), i})
	}
	for len(open) > 0 {
		emitTo(open[len(open)-1].last)
		open = open[:len(open)-1]
	}
	return l
}
