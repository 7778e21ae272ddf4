package pop

import (
	"bytes"
	"crypto/sha256"
	"os"
	"reflect"
	"testing"
)

// FuzzDecodeTables: whatever lies behind a key and before a hash that fits, it is taken for tables that are whole, or for none.
func FuzzDecodeTables(f *testing.F) {
	c, path := tablesIn(f, f.TempDir())
	made(f, c, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	body := whole[len(tablesMagic)+sha256.Size : len(whole)-sha256.Size]
	f.Add(body)
	f.Add(body[:len(body)/2])
	f.Add(append(bytes.Clone(body), body...))
	f.Add(append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, body...)) // a text longer than any file
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := decodeTables(c, data)
		if err != nil {
			return
		}
		kept, err := set.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeTables(c, kept[len(tablesMagic)+sha256.Size:len(kept)-sha256.Size])
		if err != nil || len(again.maps) != len(c.Maps) {
			t.Fatalf("kept again they are not taken: %v", err)
		}
		for i, m := range again.maps {
			if !m.Table.Equal(set.maps[i].Table) || !reflect.DeepEqual(m.Orders, set.maps[i].Orders) {
				t.Errorf("kept again %s is another map", m.Name)
			}
		}
	})
}
