package steer

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"tinycdn/geoip"
)

// BenchmarkCompile makes one map of the full GeoLite2 City, for few POPs and for many.
func BenchmarkCompile(b *testing.B) {
	dir := os.Getenv("TINYCDN_DATA")
	if home, err := os.UserHomeDir(); err == nil && dir == "" {
		dir = filepath.Join(home, ".cache", "tinycdn-data")
	}
	random := rand.New(rand.NewPCG(1, 1))
	pops := world[:3:3]
	for i := len(pops); i < 255; i++ {
		pops = append(pops, POP{
			Name:      fmt.Sprint("pop", i),
			Addresses: addresses("192.0.2.1", "2001:db8::1"),
			Point:     geoip.Point{Lat: random.Float64()*120 - 60, Lon: random.Float64()*360 - 180},
		})
	}
	for _, n := range []int{3, 12, 255} {
		b.Run(fmt.Sprint(n, "POPs"), func(b *testing.B) {
			for b.Loop() {
				d, err := geoip.Open([]string{filepath.Join(dir, "GeoLite2-City.mmdb")})
				if err != nil {
					b.Fatalf("%v (put the database there, or set TINYCDN_DATA to where it is)", err)
				}
				m := compile(b, d, pops[:n], Rules{Default: head("nyc"), Nearest: true})
				d.Close()
				b.ReportMetric(float64(len(m.Orders)), "orders")
			}
		})
	}
}
