package zones_test

import (
	"testing"

	"tinycdn/zones"
	"tinycdn/zones/zonestest"
)

func TestTheSameFilesGiveTheSameSum(t *testing.T) {
	t.Parallel()
	sums := func() map[string][32]byte {
		all := map[string][32]byte{}
		for apex, z := range zonestest.Must(t, zonestest.Everything).Store.Current().Zones {
			all[zones.NameText(apex)] = z.Sum()
		}
		return all
	}
	first := sums()
	seen := map[[32]byte]bool{}
	for name, sum := range sums() {
		if sum != first[name] {
			t.Errorf("%s: the sum of the same files is another", name)
		}
		if seen[sum] {
			t.Errorf("%s: another zone has the same sum", name)
		}
		seen[sum] = true
	}
}
