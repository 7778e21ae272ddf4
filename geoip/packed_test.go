package geoip

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// TestAPackedTableFindsWhatTheTableFinds packs random tables, and asks both for the same blocks.
func TestAPackedTableFindsWhatTheTableFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 6))
			s := randomSpace(random)
			packed := s.pack(t, nil)
			table := packed.Table()
			for range 200 {
				block := s.block(random)
				value, scope := packed.Find(BlockOf(block))
				if wantValue, wantScope := table.Find(BlockOf(block)); value != wantValue || scope != wantScope {
					t.Errorf("%s: got value %d scope /%d, want value %d scope /%d", block, value, scope, wantValue, wantScope)
				}
			}
		})
	}
}

// TestALongPackedTableFindsWhatTheTableFinds asks where reading begins in the middle: at the first and last addresses of runs, and around.
func TestALongPackedTableFindsWhatTheTableFinds(t *testing.T) {
	t.Parallel()
	d, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	tables, err := Build(d, []Spec{citySpec})
	if err != nil {
		t.Fatal(err)
	}
	packed, table := tables[0], tables[0].Table()
	runs, _ := table.Runs()
	if runs < 20*pointEvery {
		t.Fatalf("only %d runs", runs)
	}
	for _, v4 := range []bool{true, false} {
		n, runs6 := table.Runs()
		if !v4 {
			n = runs6
		}
		for i := 0; i < n-1; i += 37 {
			at := table.Border(v4, i)
			for _, a := range []netip.Addr{at.Prev(), at} {
				for length := a.BitLen(); length > 12; length -= 4 {
					block := BlockOf(netip.PrefixFrom(a, length).Masked())
					value, scope := packed.Find(block)
					if wantValue, wantScope := table.Find(block); value != wantValue || scope != wantScope {
						t.Fatalf("%v: got value %d scope /%d, want value %d scope /%d", block, value, scope, wantValue, wantScope)
					}
				}
			}
		}
	}
}

// TestRunsAreUnpackedAsTheyWerePacked puts runs at all distances, with all values.
func TestRunsAreUnpackedAsTheyWerePacked(t *testing.T) {
	t.Parallel()
	type run struct {
		first addr
		value uint16
	}
	random := rand.New(rand.NewPCG(1, 7))
	for range 2000 {
		var want []run
		packed := packer{packedHalf: new(packedHalf)}
		for at := (addr{}); len(want) < 20; {
			r := run{at, uint16(random.Uint32() >> random.IntN(17))}
			if n := len(want); n == 0 || want[n-1].value != r.value {
				want = append(want, r)
				packed.add(r.first, r.value)
			}
			next := addr{at.hi + random.Uint64()>>random.IntN(64)&^(1<<random.IntN(64)-1), 0}
			if random.IntN(8) == 0 {
				next.lo = random.Uint64()
			}
			if !at.less(next) {
				if next = (addr{at.hi, at.lo + 1}); !at.less(next) {
					break
				}
			}
			at = next
		}
		packed.finish()
		var got []run
		u := packed.unpack()
		for u.next() {
			got = append(got, run{u.first, u.value})
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || u.err != nil || packed.runs != len(want) {
			t.Fatalf("got %v, %v; want %v", got, u.err, want)
		}
	}
}
