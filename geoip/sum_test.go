package geoip

import (
	"math/rand/v2"
	"testing"
)

func TestTheSumIsThatOfWhatTheTableSays(t *testing.T) {
	t.Parallel()
	table := crowded(t)
	sum := table.Sum()
	if crowded(t).Sum() != sum {
		t.Error("the same table has another sum")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		value := table.v4.values[r.IntN(len(table.v4.values))]
		other := table.Derive(func(v uint16) uint16 {
			if v == value {
				return v + 1000
			}
			return v
		})
		if other.Sum() == sum {
			t.Errorf("a table without the value %d has the same sum", value)
		}
	}
}
