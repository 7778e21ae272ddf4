package system

import (
	"math"
	"testing"
)

func TestConnectionsFitIntoMemory(t *testing.T) {
	t.Parallel()
	for memory, want := range map[int64]MemoryBudget{
		0:         {math.MaxInt, math.MaxInt},
		1:         {1, 1},
		614 << 20: {1403, 1228},   // six tenths of 1 GB
		14 << 30:  {32768, 28672}, // of 24 GB: web.clients is what bounds
	} {
		if got := ConnectionsIn(memory); got != want {
			t.Errorf("%d bytes: got %v, want %v", memory, got, want)
		}
	}
}
