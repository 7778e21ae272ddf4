package health

import (
	"slices"
	"testing"
	"time"
)

// split is a fault: some POPs are dead, and the living are in groups that do not reach each other. A POP is a bit.
type split struct {
	pops   int
	dead   uint
	groups []uint
}

// splits are all deaths of up to all POPs but one, and all ways in which the living can be cut off from each other.
func splits(pops int, apart bool) (list []split) {
	all := uint(1)<<pops - 1
	for dead := range all {
		living := all &^ dead
		groups := [][]uint{{living}}
		if apart {
			groups = partitions(living)
		}
		for _, g := range groups {
			list = append(list, split{pops, dead, g})
		}
	}
	return list
}

// partitions are those of a set.
func partitions(set uint) (list [][]uint) {
	if set == 0 {
		return [][]uint{nil}
	}
	first := set & -set
	rest := set &^ first
	for with := rest; ; with = (with - 1) & rest {
		for _, p := range partitions(rest &^ with) {
			list = append(list, append(p, first|with))
		}
		if with == 0 {
			return list
		}
	}
}

// settled is the rule said otherwise: for a POP, the set of those that it holds for down in the end, by the first so many of the
// rules a, b, c. Of a group all know the same.
func settled(f split, self, group uint, rules int) (down uint) {
	all := uint(1)<<f.pops - 1
	votes := func(voters, of uint) (downs, others int) {
		for o := uint(1); o <= all; o <<= 1 {
			if voters&o == 0 {
				continue
			}
			if reaches := o == of || group&of != 0; !reaches {
				downs++
			}
			if group&of != 0 && o != of {
				others++
			}
		}
		return downs, others
	}
	for phase := range rules {
		for again := true; again; {
			again = false
			for q := uint(1); q <= all && !again; q <<= 1 {
				electorate := all &^ down
				if electorate&q == 0 {
					continue
				}
				size := 0
				for o := uint(1); o <= all; o <<= 1 {
					if electorate&o != 0 {
						size++
					}
				}
				downs, _ := votes(group&(electorate|self), q)
				_, ups := votes(group, q)
				switch {
				case 2*downs > size, phase >= 1 && 2*downs >= size && ups == 0, phase >= 2 && downs > 0 && ups == 0:
					down |= q
					again = true
				}
			}
		}
	}
	return down
}

var names = []string{"nyc", "fra", "syd", "sin", "sao", "bom", "jnb"}

// agreed is what the POP number self of a group agrees on once so much time has gone by since the fault.
func agreed(f split, self int, group uint, after ...time.Duration) (downs []uint) {
	b := &Ballot{Self: names[self], Heard: map[string]*Votes{}}
	for i := range f.pops {
		b.Members = append(b.Members, Member{Name: names[i], Checks: Of(Pages4), Votes: true})
		if group&(1<<i) == 0 {
			continue
		}
		v := &Votes{Usual: true, Of: map[string]Opinion{}}
		for q := range f.pops {
			if q != i {
				v.Of[names[q]] = Opinion{Pages4: {Down: group&(1<<q) == 0}}
			}
		}
		b.Heard[names[i]] = v
	}
	begin := time.Now()
	s := &State{}
	at := time.Duration(0)
	for _, until := range after {
		for ; at <= until; at += 10 * time.Second {
			s, _ = s.Agree(begin.Add(at), b)
		}
		var down uint
		for t := range s.Down() {
			down |= 1 << slices.Index(names, t.POP)
		}
		downs = append(downs, down)
	}
	return downs
}

// TestWhatTheRuleDoesInEveryDeathAndSplit: by a majority alone, dead POPs are answered with for ever if half or more die at once;
// by all of the rule, in no case.
func TestWhatTheRuleDoesInEveryDeathAndSplit(t *testing.T) {
	t.Parallel()
	type row struct{ cases, deadKept, livingOut, allGone int }
	want := map[int][3]row{ // by the number of POPs: at once, after halfTime, and after aloneTime
		2: {{4, 2, 0, 0}, {4, 0, 1, 0}, {4, 0, 1, 0}},
		3: {{14, 6, 3, 0}, {14, 6, 3, 0}, {14, 0, 7, 0}},
		4: {{51, 32, 4, 0}, {51, 26, 25, 0}, {51, 0, 36, 0}},
		5: {{202, 135, 45, 0}, {202, 135, 45, 0}, {202, 0, 171, 0}},
		7: {{127, 63, 0, 0}, {127, 63, 0, 0}, {127, 0, 0, 0}},
	}
	for pops, want := range want {
		var got [3]row
		for _, f := range splits(pops, pops < 7) {
			var kept, out, gone [3]bool
			for self := range pops {
				bit := uint(1) << self
				i := slices.IndexFunc(f.groups, func(g uint) bool { return g&bit != 0 })
				if i < 0 {
					continue // it is dead
				}
				group := f.groups[i]
				for rules, down := range agreed(f, self, group, 0, 4*time.Minute, 10*time.Minute) {
					if twin := settled(f, bit, group, rules+1); down != twin {
						t.Errorf("%d POPs, %07b dead, groups %07b, rules a to %c: %s holds %07b for down, want %07b", pops, f.dead, f.groups, 'a'+rules, names[self], down, twin)
					}
					kept[rules] = kept[rules] || f.dead&^down != 0
					out[rules] = out[rules] || down&^f.dead != 0
					gone[rules] = gone[rules] || down == 1<<pops-1
				}
			}
			for rules := range got {
				got[rules].cases++
				got[rules].deadKept += one(kept[rules])
				got[rules].livingOut += one(out[rules])
				got[rules].allGone += one(gone[rules])
			}
		}
		if got != want {
			t.Errorf("%d POPs: got %v, want %v", pops, got, want)
		}
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
