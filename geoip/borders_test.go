package geoip

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// On both sides of a border the twin has different values, unless IPv4 addresses stand there, which have borders of their own.
func TestBordersAreWhereTheValueChanges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := randomSpace(rand.New(rand.NewPCG(seed, 4)))
			table, twin := s.build(t), newTwin(s.data, s.networks, s.unlocated)
			n4, n6 := table.Runs()
			for family, n := range []int{n4, n6} {
				var last netip.Addr
				for i := range n - 1 {
					behind := table.Border(family == 0, i)
					before := behind.Prev()
					if !last.Less(behind) {
						t.Fatalf("border %d of %d: %v is not behind %v", i, n-1, behind, last)
					}
					last = behind
					if IPv4Inside(netip.PrefixFrom(before, before.BitLen())) || IPv4Inside(netip.PrefixFrom(behind, behind.BitLen())) {
						continue
					}
					if was, is := twin.value(before), twin.value(behind); was == is {
						t.Errorf("%v and %v both have %d", before, behind, is)
					}
				}
			}
		})
	}
}
