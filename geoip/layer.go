package geoip

import (
	"cmp"
	"net/netip"
	"slices"
)

// A layer is a set of prefixes of one family, which may lie in one another. It is read once, in address order.
type layer struct {
	ahead []layerRange // in the order of their first addresses, the wider before the narrower
	begun []layerRange // the narrowest last; some may have ended

	index int  // the last answer,
	until addr // and where it ends
}

type layerRange struct {
	first, last addr
	index       int // into the prefixes the layer was made of
}

// newLayer makes a layer of prefixes: the longest one that holds an address wins, and of equal ones the first.
func newLayer(prefixes []netip.Prefix) *layer {
	l := &layer{}
	for i, p := range prefixes {
		first := addrOf(p.Addr()).first(p.Bits())
		l.ahead = append(l.ahead, layerRange{first, first.last(p.Bits()), i})
	}
	slices.SortFunc(l.ahead, func(a, b layerRange) int {
		return cmp.Or(a.first.compare(b.first), b.last.compare(a.last), b.index-a.index) // what wins comes last
	})
	l.index, l.until = l.seek(addr{})
	return l
}

// find gives the prefix that wins at a, or -1, and the last address it does so for.
func (l *layer) find(a addr) (index int, last addr) {
	if l.until.less(a) {
		l.index, l.until = l.seek(a)
	}
	return l.index, l.until
}

func (l *layer) seek(a addr) (index int, last addr) {
	for len(l.ahead) > 0 && !a.less(l.ahead[0].first) {
		l.begun, l.ahead = append(l.begun, l.ahead[0]), l.ahead[1:]
	}
	for len(l.begun) > 0 && l.begun[len(l.begun)-1].last.less(a) {
		l.begun = l.begun[:len(l.begun)-1]
	}
	index, last = -1, lastAddr
	if n := len(l.begun); n > 0 {
		index, last = l.begun[n-1].index, l.begun[n-1].last
	}
	if len(l.ahead) > 0 && !last.less(l.ahead[0].first) {
		last = l.ahead[0].first.prev()
	}
	return index, last
}
