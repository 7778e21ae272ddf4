package geoip

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/maxmind/mmdbwriter"
)

// TestAKeptTableIsTheOneThatWasBuilt reads back random tables, and takes nothing of what is cut short, or has too great a value.
func TestAKeptTableIsTheOneThatWasBuilt(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			packed := randomSpace(rand.New(rand.NewPCG(seed, 8))).pack(t, nil)
			kept := packed.AppendTo(nil)
			again, rest, err := ReadPacked(append(kept[:len(kept):len(kept)], "rest"...), 1000)
			if err != nil || !again.Equal(packed) || string(rest) != "rest" || again.Sum() != packed.Sum() || !again.Table().Equal(packed.Table()) {
				t.Fatalf("got another table, %v, rest %q", err, rest)
			}
			for n := range len(kept) {
				if _, _, err := ReadPacked(kept[:n], 1000); err == nil {
					t.Errorf("%d of %d octets are taken for a table", n, len(kept))
				}
			}
			if _, _, err := ReadPacked(kept, 0); err == nil {
				t.Error("values that nothing stands for are taken")
			}
		})
	}
}

// FuzzReadPacked: whatever is taken is a sound table, which is packed again as it was, and answers any question.
func FuzzReadPacked(f *testing.F) {
	f.Add(crowded(f).AppendTo(nil))
	f.Add(pack(f, open(f, writeMMDB(f, mmdbwriter.Options{}, entry{"192.0.2.0/24", asn(1)}, entry{"2001:db8:1:2:3::/80", asn(2)})), Spec{Decide: byASN}).AppendTo(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		packed, rest, err := ReadPacked(data, 500)
		if err != nil {
			return
		}
		again := new(Packed)
		for i, h := range []*packedHalf{&packed.v4, &packed.v6} {
			to := packer{packedHalf: []*packedHalf{&again.v4, &again.v6}[i]}
			h.changes(func(value uint16) uint16 { return value }, embedded, to.add)
			to.finish()
		}
		if again.Sum() != packed.Sum() || again.v4.runs != packed.v4.runs || again.v6.runs != packed.v6.runs || len(rest) > len(data) {
			t.Fatal("packed again it is another table")
		}
		table := packed.Table()
		for _, h := range []*half{&table.v4, &table.v6} {
			for i := range h.starts {
				if first, last := h.exact(h.start(i)), h.exact(h.end(i)); first != i || last != i {
					t.Fatalf("run %d from %v to %v: found as %d and %d", i, h.start(i), h.end(i), first, last)
				}
			}
		}
		for _, block := range []Block{{V4: true}, {Hi: 192 << 56, Bits: 8, V4: true}, {}, {Hi: 0x2000 << 48, Bits: 3}, {Hi: 0x2002 << 48, Bits: 15}, {Bits: 96}} {
			value, _ := table.Find(block)
			if value >= 500 && value != Reserved {
				t.Errorf("%v has %d", block, value)
			}
		}
	})
}
