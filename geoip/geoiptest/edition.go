package geoiptest

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// Edition writes what another edition of a City database may be, and gives its path: one in ten of its networks has the record of another.
// It reads files with records of 28 bits, as GeoLite2 City is.
func Edition(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (put the database there, or set TINYCDN_DATA to where it is)", err)
	}
	meta := data[bytes.LastIndex(data, []byte("\xab\xcd\xefMaxMind.com")):]
	nodes := number(meta, "node_count")
	if bits := number(meta, "record_size"); bits != 28 {
		t.Fatalf("%s: records of %d bits", path, bits)
	}
	const size = 7 // octets of a node
	random, other := rand.New(rand.NewPCG(1, 1)), uint32(0)
	for node := range nodes {
		b := data[node*size:][:size]
		low := uint32(b[3]>>4)<<24 | uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
		if low <= nodes {
			continue
		}
		if other > 0 && random.IntN(10) == 0 {
			low, other = other, low
			b[0], b[1], b[2], b[3] = byte(low>>16), byte(low>>8), byte(low), byte(low>>24)<<4|b[3]&0xf
		} else if random.IntN(1000) == 0 {
			other = low
		}
	}
	path = filepath.Join(t.TempDir(), "edition.mmdb")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// number reads one of the metadata.
func number(meta []byte, key string) (n uint32) {
	value := meta[bytes.Index(meta, []byte(key))+len(key):]
	for _, octet := range value[1:][:value[0]&0x1f] {
		n = n<<8 | uint32(octet)
	}
	return n
}
