package records

import "testing"

func TestAnArenaGivesOutWhatItTookAtAnySize(t *testing.T) {
	t.Parallel()
	var a arena
	given := map[uint32]int{}
	for _, n := range []int{1, firstPiece, 3, 70_000, 5, 1<<arenaBits - 1, 1, 200_000, 100_000, 2} {
		at, b := a.alloc(n)
		if at == 0 || len(b) != n || given[at] != 0 {
			t.Fatalf("%d octets: got %d of them at %d", n, len(b), at)
		}
		for i := range b {
			b[i] = byte(n)
		}
		given[at] = n
	}
	for at, n := range given {
		if b := a.at(at)[:n]; b[0] != byte(n) || b[n-1] != byte(n) {
			t.Errorf("%d octets at %d are not as they were", n, at)
		}
	}
}
