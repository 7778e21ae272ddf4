package geoip

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

// twin says of every block what Table.Find must say, by the rules of design.md alone: it knows no runs. It tries prefixes.
type twin struct {
	data      []twinRule // the databases' networks; the last that holds an address decides
	networks  []twinRule // the operator's; the longest decides
	unlocated uint16
	divide    func(value uint16, piece netip.Prefix) uint16 // nil: nothing is divided
	points    []addr                                        // of IPv6: where a value may change
	points4   []addr                                        // of IPv4
}

type twinRule struct {
	prefix netip.Prefix
	value  uint16
}

var twinEmbeddings = []netip.Prefix{
	netip.MustParsePrefix("::ffff:0:0/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("2002::/16"),
}

var twinReserved = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8")

var twinNowhere = prefixes("::/96", "2001::/32")

func prefixes(all ...string) (list []netip.Prefix) {
	for _, p := range all {
		list = append(list, netip.MustParsePrefix(p))
	}
	return list
}

func newTwin(data, networks []twinRule, unlocated uint16, pieces ...netip.Prefix) *twin {
	w := &twin{data: data, networks: networks, unlocated: unlocated}
	all := slices.Concat(twinReserved, twinNowhere, pieces)
	for _, r := range slices.Concat(data, networks) {
		all = append(all, r.prefix)
	}
	for _, p := range all {
		first := addrOf(p.Addr()).first(p.Bits())
		edges := []addr{first, first.last(p.Bits()).next()}
		if p.Addr().Is4() {
			w.points4 = append(w.points4, edges...)
		} else {
			w.points = append(w.points, edges...)
		}
	}
	// What changes in IPv4 changes wherever IPv4 is embedded.
	for _, e := range twinEmbeddings {
		first := addrOf(e.Addr())
		w.points = append(w.points, first, first.last(e.Bits()).next())
		for _, p := range w.points4 {
			p = p.shift(e.Bits())
			w.points = append(w.points, addr{p.hi | first.hi, p.lo | first.lo})
		}
	}
	for _, points := range []*[]addr{&w.points, &w.points4} {
		slices.SortFunc(*points, func(a, b addr) int { return compareWide(wideAnswer{first: a}, wideAnswer{first: b}) })
		*points = slices.Compact(*points)
	}
	return w
}

func (w *twin) value(a netip.Addr) uint16 {
	for _, e := range twinEmbeddings {
		if e.Contains(a) {
			b := a.As16()
			return w.value(netip.AddrFrom4([4]byte(b[e.Bits()/8:])))
		}
	}
	longest, value := -1, w.unlocated
	for _, r := range w.networks {
		if r.prefix.Contains(a) && r.prefix.Bits() > longest {
			longest, value = r.prefix.Bits(), r.value
		}
	}
	if longest >= 0 {
		return value
	}
	holds := func(p netip.Prefix) bool { return p.Contains(a) }
	if slices.ContainsFunc(twinReserved, holds) {
		return Reserved
	}
	if slices.ContainsFunc(twinNowhere, holds) {
		return w.unlocated
	}
	known := false
	for _, r := range w.data {
		if r.prefix.Contains(a) {
			value, known = r.value, true
		}
	}
	if w.divide != nil && (known || a.Is4()) {
		piece, _ := a.Prefix(map[bool]int{true: 16, false: 32}[a.Is4()])
		value = w.divide(value, piece)
	}
	return value
}

// find is Table.Find by splitting the block in halves until each has one value.
func (w *twin) find(block netip.Prefix) (value uint16, scope uint8) {
	if w.uniform(block) {
		for block.Bits() > 0 {
			wider, _ := block.Addr().Prefix(block.Bits() - 1)
			if !w.uniform(wider) {
				break
			}
			block = wider
		}
		return w.value(block.Addr()), uint8(block.Bits())
	}
	type share struct {
		size  big.Int
		first int
		scope int
	}
	shares := make(map[uint16]*share)
	var split func(p netip.Prefix)
	parts := 0
	split = func(p netip.Prefix) {
		if !w.uniform(p) {
			lower, upper := halves(p)
			split(lower)
			split(upper)
			return
		}
		v := w.value(p.Addr())
		s := shares[v]
		if s == nil {
			s = &share{first: parts, scope: p.Bits()}
			shares[v] = s
		}
		parts++
		s.size.Add(&s.size, new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits())))
		s.scope = min(s.scope, p.Bits())
	}
	split(block)
	if len(shares) > 1 {
		delete(shares, Reserved) // nobody comes from there
	}
	var best *share
	for v, s := range shares {
		if best == nil || s.size.Cmp(&best.size) > 0 || s.size.Cmp(&best.size) == 0 && s.first < best.first {
			best, value = s, v
		}
	}
	return value, uint8(best.scope)
}

func halves(p netip.Prefix) (lower, upper netip.Prefix) {
	v4 := p.Addr().Is4()
	first := addrOf(p.Addr())
	middle := first.last(p.Bits()).first(p.Bits() + 1)
	return netip.PrefixFrom(p.Addr(), p.Bits()+1), netip.PrefixFrom(middle.netip(v4), p.Bits()+1)
}

// uniform reports whether every address of p has the same value.
func (w *twin) uniform(p netip.Prefix) bool {
	v4 := p.Addr().Is4()
	points := w.points
	if v4 {
		points = w.points4
	}
	first := addrOf(p.Addr())
	last := first.last(p.Bits())
	value := w.value(p.Addr())
	from, _ := slices.BinarySearchFunc(points, first, func(a, b addr) int { return compareWide(wideAnswer{first: a}, wideAnswer{first: b}) })
	for _, point := range points[from:] {
		if last.less(point) {
			break
		}
		if w.value(point.netip(v4)) != value {
			return false
		}
	}
	return true
}

func (w *twin) judge(t *testing.T, table *Table, block netip.Prefix) {
	t.Helper()
	value, scope := table.Find(BlockOf(block))
	wantValue, wantScope := w.find(block)
	if value != wantValue || scope != wantScope {
		t.Errorf("%s: got value %d scope /%d, want value %d scope /%d", block, value, scope, wantValue, wantScope)
	}
}

// TestFindIsWhatTheTwinSays builds random tables, each of another shape, and asks for blocks in and around their networks.
func TestFindIsWhatTheTwinSays(t *testing.T) {
	t.Parallel()
	for seed := range uint64(24 / fewer) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			s := randomSpace(random)
			table := s.build(t)
			w := newTwin(s.data, s.networks, s.unlocated)
			for range 300 {
				w.judge(t, table, s.block(random))
			}
		})
	}
}

// TestADerivedTableIsThatOfTheNewValues judges Derive by the twin of a space in which the new values stood from the start.
func TestADerivedTableIsThatOfTheNewValues(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12 / fewer) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 2))
			s := randomSpace(random)
			derive := func(v uint16) uint16 { return v / 2 }
			table := s.pack(t, nil).Derive(derive)
			for _, rules := range [][]twinRule{s.data, s.networks} {
				for i := range rules {
					rules[i].value = derive(rules[i].value)
				}
			}
			w := newTwin(s.data, s.networks, derive(s.unlocated))
			for range 300 {
				w.judge(t, table, s.block(random))
			}
		})
	}
}
