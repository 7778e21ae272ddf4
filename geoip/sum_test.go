package geoip

import "testing"

func TestTheSumIsThatOfWhatTheTableSays(t *testing.T) {
	t.Parallel()
	table := crowded(t)
	sum := table.Sum()
	if crowded(t).Sum() != sum {
		t.Error("the same table has another sum")
	}
	table.each(func(_ addr, value uint16) {
		if value == Reserved { // it stays what it is
			return
		}
		other := table.changed(func(v uint16) uint16 {
			if v == value {
				return v + 1000
			}
			return v
		})
		if other.Sum() == sum {
			t.Errorf("a table without the value %d has the same sum", value)
		}
	})
}

// changed is the packed table of what f makes of the values.
func (p *Packed) changed(f func(uint16) uint16) *Packed {
	other := new(Packed)
	for i, h := range []*packedHalf{&p.v4, &p.v6} {
		to := packer{packedHalf: []*packedHalf{&other.v4, &other.v6}[i]}
		h.changes(f, embedded, to.add)
		to.finish()
	}
	return other
}

// each gives the first addresses and values of the runs of IPv4.
func (p *Packed) each(give func(addr, uint16)) {
	p.v4.changes(func(value uint16) uint16 { return value }, embedded, give)
}
