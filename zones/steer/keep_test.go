package steer

import (
	"bytes"
	"reflect"
	"testing"

	"tinycdn/geoip"
)

// keptRules are of maps that keep many orders, few, and one.
var keptRules = []Rules{
	{Name: "site", Default: head("nyc"), Nearest: true, Answers: 1},
	{Name: "both", Default: head("nyc"), Nearest: true, Answers: 2, Countries: []Rule{{"GB", head("syd")}}},
	{Name: "one", Default: head("fra"), POPs: []string{"fra"}, Answers: 1, Networks: []Rule{{"10.0.0.0/8", head("fra")}}},
}

// keptMaps are maps of these rules, and what is kept of them.
func keptMaps(t testing.TB) (maps []*Map, kept []byte) {
	maps, _, err := CompileWith(testDatabases(t), nil, world, keptRules)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range maps {
		kept = m.AppendTo(kept)
	}
	return maps, kept
}

func TestMapsThatWereKeptAreThoseThatWereMade(t *testing.T) {
	t.Parallel()
	maps, kept := keptMaps(t)
	again, rest, err := Restore(world, keptRules, append(bytes.Clone(kept), "rest"...))
	if err != nil || string(rest) != "rest" {
		t.Fatalf("rest %q, %v", rest, err)
	}
	for i, m := range again {
		if w := maps[i]; !m.Table.Equal(w.Table) || !reflect.DeepEqual(m.Orders, w.Orders) || !reflect.DeepEqual(m.Sent, w.Sent) || m.Default != w.Default {
			t.Errorf("%s is another map", m.Name)
		}
	}
	for n := range len(kept) {
		if _, _, err := Restore(world, keptRules, kept[:n]); err == nil {
			t.Errorf("%d of %d octets are taken for maps", n, len(kept))
		}
	}
	if _, _, err := Restore(world[:1], keptRules[:1], kept); err == nil {
		t.Error("orders of POPs that are not there are taken")
	}
}

// FuzzRestore: whatever is taken are maps that send every address to POPs that are there, and that are kept as what they are.
func FuzzRestore(f *testing.F) {
	_, kept := keptMaps(f)
	f.Add(kept)
	for _, damage := range []func(b []byte) []byte{
		func(b []byte) []byte { return b[:len(b)/2] },
		func(b []byte) []byte { return append(b, b...) },
		func(b []byte) []byte { b[len(b)/3] ^= 0x40; return b },
		func(b []byte) []byte { return append([]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, b...) }, // very many orders
	} {
		f.Add(damage(bytes.Clone(kept)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		maps, rest, err := Restore(world, keptRules, data)
		if err != nil {
			return
		}
		var again []byte
		for _, m := range maps {
			again = m.AppendTo(again)
			table := m.Table.Table()
			for _, block := range []geoip.Block{{V4: true}, {Hi: 192 << 56, Bits: 8, V4: true}, {}, {Hi: 0x2000 << 48, Bits: 3}, {Bits: 96}} {
				value, _ := table.Find(block)
				if value == geoip.Reserved {
					value = m.Default
				}
				for _, pop := range m.Orders[value] {
					if int(pop) >= len(m.POPs) {
						t.Errorf("%s: %v is sent to POP %d of %d", m.Name, block, pop, len(m.POPs))
					}
				}
			}
			for range m.Spots() {
			}
		}
		more, left, err := Restore(world, keptRules, append(again, rest...))
		if err != nil || !bytes.Equal(left, rest) {
			t.Fatalf("kept again they are not taken: %v, %d octets left of %d", err, len(left), len(rest))
		}
		for i, m := range more {
			if !m.Table.Equal(maps[i].Table) || !reflect.DeepEqual(m.Orders, maps[i].Orders) || !reflect.DeepEqual(m.Sent, maps[i].Sent) {
				t.Errorf("kept again %s is another map", m.Name)
			}
		}
	})
}
