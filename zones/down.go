package zones

import (
	"math"
	"net/netip"
	"slices"
	"time"

	"tinycdn/zones/steer"
)

// Down says of a POP that visitors are to be kept from it, or soon may be. Only the addresses of geo names move: all other records
// stay as they are.
type Down struct {
	POP     string
	A, AAAA bool // nobody is sent to its addresses of that type, unless all are down that could take over
	Drained bool // nor to any of its addresses, unless all that could take over are down or drained too
	Doubt   bool // it may be down: answers with an address of it are to be kept for a short time only

	Since time.Time // for those who explain it
	Why   string
}

// SetDown replaces what was said of POPs. It holds until it is said otherwise, whatever zones and maps come: a POP that is in no map
// matters to none. Answers with an address of a POP in doubt get a TTL of at most doubtTTL seconds.
func (d *Draft) SetDown(list []Down, doubtTTL uint32) {
	d.down = &downs{list: slices.Clone(list), doubtTTL: doubtTTL}
}

// Down is what was said of POPs.
func (s *Snapshot) Down() []Down {
	return slices.Clone(s.down.list)
}

// DoubtTTL is the most seconds for which answers with an address of a POP in doubt may be kept.
func (s *Snapshot) DoubtTTL() uint32 { return s.down.doubtTTL }

// downs is what was said of POPs. It never changes.
type downs struct {
	list     []Down
	doubtTTL uint32
}

// Whom visitors are sent to, the first first.
const (
	isUp = iota
	isDrained
	isDown
)

// rank says how gladly visitors are sent to a POP's addresses of a family; the number of the family is 0 for A, 1 for AAAA.
func (d *downs) rank(pop string, family int) (rank int) {
	for _, down := range d.list {
		switch {
		case down.POP != pop:
		case down.A && family == 0, down.AAAA && family == 1:
			rank = isDown
		case down.Drained:
			rank = max(rank, isDrained)
		}
	}
	return rank
}

// passed are the POPs of m that are passed over for a family: those that are drained or down, as long as there are better ones with
// such an address. nil: none are. Where all are down, whoever looked may be wrong, and each is as good as if it were up.
func (d *downs) passed(m *steer.Map, family int) []bool {
	best, ranks := isDown, make([]int, len(m.POPs))
	for i, pop := range m.POPs {
		if slices.ContainsFunc(pop.Addresses, inFamily[family]) {
			ranks[i] = d.rank(pop.Name, family)
			best = min(best, ranks[i])
		}
	}
	passed, any := make([]bool, len(m.POPs)), false
	for i, rank := range ranks {
		passed[i] = rank > best
		any = any || passed[i]
	}
	if !any {
		return nil
	}
	return passed
}

// doubtful are a family's addresses of POPs that may be down.
func (d *downs) doubtful(m *steer.Map, family int) (list []netip.Addr) {
	for _, pop := range m.POPs {
		if !slices.ContainsFunc(d.list, func(down Down) bool { return down.Doubt && down.POP == pop.Name }) {
			continue
		}
		for _, addr := range pop.Addresses {
			if inFamily[family](addr) {
				list = append(list, addr)
			}
		}
	}
	return list
}

// under gives the addresses of the same map by what is said of its POPs now. Where that keeps visitors from none of them, they are
// a.whole itself; and a family in which nothing changes but TTLs keeps its table.
func (a *addresses) under(d *downs, made *tables) *addresses {
	now := &addresses{steer: a.steer, whole: a.whole}
	moved := false
	for i := range now.families {
		f := a.whole.families[i]
		if passed := d.passed(a.steer, i); f.table != nil && passed != nil {
			moved = true
			if f = a.families[i]; !slices.Equal(passed, f.passed) {
				f = newFamily(a.steer, i, passed, made)
			}
		}
		if doubtful := d.doubtful(a.steer, i); f.table != nil {
			moved = moved || len(doubtful) > 0
			f.limit(doubtful, d.doubtTTL)
		}
		now.families[i] = f
	}
	if !moved {
		return a.whole
	}
	return now
}

// limit sets for how many seconds the family's answers may be kept at most: ttl where they hold one of these addresses. What is
// published stays as it is.
func (f *family) limit(doubtful []netip.Addr, ttl uint32) {
	published := f.variants
	f.variants = make([]variant, len(published))
	for i, v := range published {
		v.most = math.MaxUint32
		if slices.ContainsFunc(doubtful, func(a netip.Addr) bool { return v.has(a.AsSlice()) }) {
			v.most = ttl
		}
		f.variants[i] = v
	}
}
