package steer

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"tinycdn/geoip"
)

// Version is a map as it is before or after a change, and where the databases of then have the addresses; without Places all space
// counts as known.
type Version struct {
	*Map
	Places *geoip.Places
}

// Diff says what moves from was to is: where the first POP of an address is another one, or where answers hold several, those that
// are in an answer. What is reserved does not count. It goes by the tables, as if all POPs were up and had both kinds of addresses.
func Diff(was, is Version, weigh Weight, audience Audience) Difference {
	d := Difference{Map: is.Name}
	var other sync.WaitGroup
	other.Go(func() { d.IPv6 = moved(was, is, weigh, audience, false) })
	d.IPv4 = moved(was, is, weigh, audience, true)
	other.Wait()
	return d
}

// MovedShare is how much of IPv4 gets another POP, from 0 to 1, of all that is not reserved: what somebody can say who has no databases.
func MovedShare(was, is *Map) float64 {
	return moved(Version{Map: was}, Version{Map: is}, Space, Audience{}, true).Share
}

func moved(was, is Version, weigh Weight, audience Audience, v4 bool) Moved {
	d := differ{
		weigh: weigh, flows: map[pair]float64{}, unknownFlows: map[pair]float64{}, countries: map[string]*nation{}, asns: map[uint32]*sum{},
	}
	for s := range walk(was, is, v4) {
		d.add(s)
	}
	d.flush()
	return d.result(audience)
}

// differ counts what moves.
type differ struct {
	weigh Weight

	known, unknown      sum
	flows, unknownFlows map[pair]float64
	countries           map[string]*nation
	asns                map[uint32]*sum
	prefixes            []MovedPrefix // Share is the weight

	pending   geoip.Range // neighbours that move alike
	run       geoip.Range // around the last of them
	way       pair        // how they move
	isPending bool
}

func (d *differ) add(s step) {
	weight, share := d.weigh(s.where, s.run), 0.0
	for _, m := range s.moves {
		share += m.Share
	}
	whole, ways := &d.unknown, d.unknownFlows
	if s.place.Known {
		whole, ways = &d.known, d.flows
		n := d.nation(s.place.Country)
		n.count(weight, share)
		for _, m := range s.moves {
			n.flows[pair{m.From, m.To}] += weight * m.Share
		}
		asn := d.asns[s.asn]
		if asn == nil {
			asn = new(sum)
			d.asns[s.asn] = asn
		}
		asn.count(weight, share)
	}
	whole.count(weight, share)
	for _, m := range s.moves {
		ways[pair{m.From, m.To}] += weight * m.Share
	}
	if s.place.Known && len(s.moves) > 0 {
		d.extend(s, pair{s.moves[0].From, s.moves[0].To})
	}
}

func (s *sum) count(weight, share float64) {
	s.all += weight
	s.moved += weight * share
}

// extend notes that a range moves, to be told as few prefixes. Those of IPv6 count for what they do in their run, and so end with it.
func (d *differ) extend(s step, way pair) {
	joined, ok := d.pending.Join(s.where)
	if ok = ok && d.isPending && way == d.way; ok && (s.where.IPv4() || s.run == d.run) {
		d.pending = joined
		return
	}
	d.flush()
	d.pending, d.run, d.way, d.isPending = s.where, s.run, way, true
}

// flush keeps the prefixes of what moves, as far as they are among the largest.
func (d *differ) flush() {
	if !d.isPending || d.tooSmall(d.weigh(d.pending, d.run)) {
		return
	}
	for p := range d.pending.Prefixes() {
		weight := d.weigh(geoip.RangeOf(p), d.run)
		if d.tooSmall(weight) {
			continue
		}
		d.prefixes = append(d.prefixes, MovedPrefix{p, d.way.from, d.way.to, weight})
		slices.SortStableFunc(d.prefixes, func(a, b MovedPrefix) int { return cmp.Compare(b.Share, a.Share) })
		d.prefixes = d.prefixes[:min(len(d.prefixes), most)]
	}
}

func (d *differ) tooSmall(weight float64) bool {
	return weight <= 0 || len(d.prefixes) == most && weight <= d.prefixes[most-1].Share
}

func (d *differ) result(audience Audience) Moved {
	delete(d.countries, "")
	delete(d.asns, 0)
	countries := map[string]*sum{}
	for code, n := range d.countries {
		countries[code] = &n.sum
	}
	for i := range d.prefixes {
		d.prefixes[i].Share = of(d.prefixes[i].Share, d.known.all)
	}
	return Moved{
		Share:        of(d.known.moved, d.known.all),
		Flows:        flowsOf(d.flows, d.known.all),
		Countries:    partsOf(countries, d.known.all, func(code string) string { return code }),
		ASNs:         partsOf(d.asns, d.known.all, func(asn uint32) string { return fmt.Sprintf("AS%d", asn) }),
		Prefixes:     append([]MovedPrefix{}, d.prefixes...),
		Unknown:      of(d.unknown.moved, d.unknown.all),
		UnknownFlows: flowsOf(d.unknownFlows, d.unknown.all),
		Audience:     d.audience(audience),
	}
}
