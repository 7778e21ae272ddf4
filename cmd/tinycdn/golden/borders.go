package golden

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"

	"tinycdn/geoip"
	"tinycdn/zones"

	"github.com/miekg/dns"
)

// stratum is one family of the addresses of one table.
type stratum struct {
	name    zones.GeoName
	typ     uint16
	table   *geoip.Table
	v4      bool
	borders int
}

// bordersOf makes tests of the addresses on both sides of n borders of the tables that answers come from, with what those tables say: two
// for each border, or fewer where an address is nowhere, so that the resolver's decides. Each map, each type and each family has the
// same share of them, unless it has too few, and in each they are spread evenly. They are the same each time.
func bordersOf(s *zones.Snapshot, n int) (tests []*Test, borders int, err error) {
	strata := strataOf(s)
	for i, each := range strata {
		share := min((n-borders)/(len(strata)-i), each.borders)
		if i == len(strata)-1 {
			share = min(n-borders, each.borders)
		}
		for k := range share {
			at := each.table.Border(each.v4, k*each.borders/share)
			for _, side := range []netip.Addr{at.Prev(), at} {
				t, err := borderTest(s, &each, side)
				if err != nil {
					return nil, 0, err
				}
				if t != nil {
					tests = append(tests, t)
				}
			}
		}
		borders += share
	}
	return tests, borders, nil
}

// strataOf are those with the fewest borders first, so that what these leave of their share is for the others. Of the names of a map the
// first stands for all.
func strataOf(s *zones.Snapshot) (strata []stratum) {
	known := map[string]bool{}
	for _, name := range s.GeoNames() {
		if known[name.Map] {
			continue
		}
		known[name.Map] = true
		for _, typ := range []uint16{dns.TypeA, dns.TypeAAAA} {
			if table := s.Table(name.Map, typ); table != nil {
				runs4, runs6 := table.Runs()
				strata = append(strata, stratum{name, typ, table, true, runs4 - 1}, stratum{name, typ, table, false, runs6 - 1})
			}
		}
	}
	slices.SortStableFunc(strata, func(a, b stratum) int { return cmp.Compare(a.borders, b.borders) })
	return strata
}

// borderTest is what an address must get; nil: its resolver decides.
func borderTest(s *zones.Snapshot, of *stratum, from netip.Addr) (*Test, error) {
	e := &zones.Explanation{Map: of.name.Map}
	t := &Test{Question: Question{Name: dns.Fqdn(of.name.Name), Type: of.typ, Class: dns.ClassINET, From: netip.PrefixFrom(from, from.BitLen())}}
	if err := s.Explain(e, t.From, geoip.Location{}); err != nil || e.ByResolver {
		return nil, err
	}
	given := e.A
	if of.typ == dns.TypeAAAA {
		given = e.AAAA
	}
	scope := int(given.Scope)
	t.Scope, t.note = &scope, " (a border of map "+of.name.Map+")"
	for _, a := range given.Addresses {
		t.Answer = append(t.Answer, addressRecord(t.Name, a))
	}
	return t, nil
}

func addressRecord(name string, a netip.Addr) dns.RR {
	if a.Is4() {
		return &dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IP(a.AsSlice())}
	}
	return &dns.AAAA{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeAAAA, Class: dns.ClassINET}, AAAA: net.IP(a.AsSlice())}
}

// runBorders makes the tests of borders at one address of each POP, over UDP. What is right of them is one test in the report.
func (r *Runner) runBorders(ctx context.Context, tests []*Test, borders int) {
	var all sync.WaitGroup
	for _, i := range r.oneOfEach() {
		all.Go(func() { r.borders(ctx, i, tests, borders) })
	}
	all.Wait()
}

// oneOfEach are the first places of the POPs, and all that are nobody's.
func (r *Runner) oneOfEach() (list []int) {
	known := map[string]bool{}
	for i, p := range r.Places {
		if p.POP == "" || !known[p.POP] {
			list = append(list, i)
		}
		known[p.POP] = true
	}
	return list
}

func (r *Runner) borders(ctx context.Context, place int, tests []*Test, borders int) {
	at := r.Places[place].Address
	right := 0
	made, err := r.put(ctx, place, "udp", true, tests, func(t *Test, d difference) {
		if len(d.want) == 0 {
			right++
			r.tell(1)
			return
		}
		r.add(t.check("", d), place, "udp", dig(t.Question, at, "udp"))
	})
	if right > 0 {
		r.mu.Lock()
		r.report.Checks = append(r.report.Checks, Check{Test: fmt.Sprintf("both sides of %s", plural(borders, "border")), Place: r.Places[place], place: place, Network: "udp", many: right})
		r.mu.Unlock()
	}
	if err != nil && ctx.Err() == nil {
		r.down(place, "udp", err, len(tests)-made)
	}
}
