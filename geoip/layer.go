package geoip

import (
	"cmp"
	"net/netip"
	"slices"
)

// A layer is a set of disjoint ranges that is read once, in address order.
type layer struct {
	ranges []layerRange
	at     int // the first range that does not end before the address last asked for

	index int  // the last answer,
	until addr // and where it ends
}

type layerRange struct {
	first, last addr
	index       int // into the prefixes the layer was made of
}

// find gives the range that holds a and where it ends, or -1 and where the gap around a ends.
func (l *layer) find(a addr) (index int, last addr) {
	if l.until.less(a) {
		l.index, l.until = l.seek(a)
	}
	return l.index, l.until
}

func (l *layer) seek(a addr) (index int, last addr) {
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
	l.index, l.until = l.seek(addr{})
	return l
}
