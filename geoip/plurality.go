package geoip

import (
	"cmp"
	"math/bits"
	"slices"
)

// A prefix that holds several runs has the value of the plurality of its addresses. Up to maxRuns of them are added up when they are
// asked for; anybody may send such queries, so for prefixes with more the answers are made ahead.
const (
	maxRuns = 64
	fewRuns = 8 // most prefixes have no more
)

// share is what one value holds of a prefix.
type share struct {
	size  addr // number of addresses; IPv4 ones count as the 2^96 they stand for
	first addr
	value uint16
	scope uint8 // the shortest scope there is in the share
}

type wideAnswer struct {
	first  addr
	length uint8
	value  uint16
	scope  uint8
}

// findPlurality is find for a prefix that begins in run i and ends in a later one.
func (h *half) findPlurality(i int, first addr, length int) (value uint16, scope uint8) {
	last := first.last(length)
	end := min(i+fewRuns, len(h.starts))
	if few := end == len(h.starts) || last.hi < h.starts[end]; few && !h.embeds(i, end) {
		var room [fewRuns]share // small: room has to be cleared
		best := plurality(h.shares(room[:0], i, first, last))
		return best.value, best.scope
	}
	k, found := slices.BinarySearchFunc(h.wide, wideAnswer{first: first, length: uint8(length)}, compareWide)
	if found {
		return h.wide[k].value, h.wide[k].scope
	}
	var room [maxRuns]share
	best := plurality(h.shares(room[:0], i, first, last))
	return best.value, best.scope
}

// embeds reports whether one of the runs from i to before end holds IPv4 addresses: then it takes those to add up.
func (h *half) embeds(i, end int) bool {
	for ; i < end; i++ {
		if h.value(i) == embedded {
			return true
		}
	}
	return false
}

func compareWide(a, b wideAnswer) int {
	return cmp.Or(a.first.compare(b.first), cmp.Compare(a.length, b.length))
}

// shares adds up the runs from run i on between two addresses.
func (h *half) shares(all []share, i int, first, last addr) []share {
	for ; i < len(h.starts); i++ {
		from, to := h.start(i), h.end(i)
		if last.less(from) {
			break
		}
		if from.less(first) {
			from = first
		}
		if last.less(to) {
			to = last
		}
		s := share{size: size(from, to), first: from, value: h.value(i), scope: widest(from, to)}
		k := slices.IndexFunc(all, func(other share) bool { return other.value == s.value })
		if k < 0 {
			all = append(all, s)
			continue
		}
		all[k].add(&s)
	}
	return all
}

func (s *share) add(other *share) {
	lo, carry := bits.Add64(s.size.lo, other.size.lo, 0)
	s.size = addr{s.size.hi + other.size.hi + carry, lo}
	if other.first.less(s.first) {
		s.first = other.first
	}
	s.scope = min(s.scope, other.scope)
}

// plurality gives the largest share, and of equals that with the lowest address. Reserved space has no say beside other:
// no visitor comes from there.
func plurality(all []share) share {
	best := all[0]
	for _, s := range all[1:] {
		switch {
		case s.value == Reserved:
		case best.value == Reserved, best.size.less(s.size), best.size == s.size && s.first.less(best.first):
			best = s
		}
	}
	return best
}

// size is the number of addresses from first to last.
func size(first, last addr) addr {
	lo, borrow := bits.Sub64(last.lo, first.lo, 0)
	return addr{last.hi - first.hi - borrow, lo}.next()
}

// widest is the length of the shortest prefix between first and last, both included.
func widest(first, last addr) uint8 {
	same := common(first, last)
	if first == first.first(same) && last == last.last(same) {
		return uint8(same)
	}
	// The middle is where the addresses first differ. A prefix that touches it is the widest on its side.
	upper := last.first(same + 1)
	lower := upper.prev()
	left := max(same, common(first.prev(), lower)) + 1
	right := max(same, common(last.next(), upper)) + 1
	return uint8(min(left, right))
}

// summarize makes the wide answers.
func (h *half) summarize(v4 *half) {
	if len(h.starts) == 1 {
		return
	}
	s := summary{half: h}
	for i := range h.starts {
		if h.value(i) == embedded {
			s.embedded = append(s.embedded, i)
		}
	}
	if s.embedded != nil {
		s.v4 = (&summary{half: v4}).prefix(addr{}, 0, 0, len(v4.starts)-1)
	}
	s.prefix(addr{}, 0, 0, len(h.starts)-1)
	h.wide = slices.Clone(s.answers)
}

type summary struct {
	*half
	answers  []wideAnswer
	embedded []int   // the runs that hold IPv4 addresses
	v4       []share // what all the IPv4 addresses hold
}

// prefix gives the shares of a prefix that begins in run i and ends in run j, sorted by value. It keeps the answers for
// it and the prefixes in it that are too many runs wide, in the order of their addresses and lengths.
func (s *summary) prefix(first addr, length, i, j int) []share {
	holdsV4 := slices.ContainsFunc(s.embedded, func(e int) bool { return i <= e && e <= j })
	switch {
	case i == j && holdsV4:
		return s.embeddedShares(first, length)
	case j-i < maxRuns && !holdsV4:
		all := s.shares(make([]share, 0, min(j-i+1, 8)), i, first, first.last(length))
		slices.SortFunc(all, func(a, b share) int { return int(a.value) - int(b.value) })
		return all
	}
	answer := len(s.answers)
	s.answers = append(s.answers, wideAnswer{first: first, length: uint8(length)})

	upper := first.last(length).first(length + 1)
	middle := s.lastRun(upper, i, j)
	lowerEnd := middle
	if s.start(middle) == upper {
		lowerEnd--
	}
	all := addShares(s.prefix(first, length+1, i, lowerEnd), s.prefix(upper, length+1, middle, j))
	best := plurality(all)
	s.answers[answer].value, s.answers[answer].scope = best.value, best.scope
	return all
}

// embeddedShares moves the shares of all IPv4 addresses into the prefix that embeds them.
func (s *summary) embeddedShares(first addr, length int) []share {
	if length != embeddingBits(first) {
		panic("geoip: internal error: a prefix inside embedded IPv4 was summed up")
	}
	all := slices.Clone(s.v4)
	for i := range all {
		inside := &all[i]
		inside.size, inside.first = inside.size.shift(length), inside.first.shift(length)
		inside.first.hi |= first.hi
		inside.first.lo |= first.lo
		inside.scope += uint8(length)
	}
	return all
}

// addShares adds up the shares of two prefixes, which are sorted by value.
func addShares(a, b []share) []share {
	all := make([]share, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].value < b[0].value:
			all, a = append(all, a[0]), a[1:]
		case b[0].value < a[0].value:
			all, b = append(all, b[0]), b[1:]
		default:
			sum := a[0]
			sum.add(&b[0])
			all, a, b = append(all, sum), a[1:], b[1:]
		}
	}
	return append(append(all, a...), b...)
}
