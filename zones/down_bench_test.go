package zones

import (
	"os"
	"path/filepath"
	"testing"

	"tinycdn/geoip"
	"tinycdn/zones/steer"
)

// BenchmarkSetDown is what a verdict costs, with three POPs and the full GeoLite2 City: one is down, another one is, and all are up.
func BenchmarkSetDown(b *testing.B) {
	dir := os.Getenv("TINYCDN_DATA")
	if home, err := os.UserHomeDir(); err == nil && dir == "" {
		dir = filepath.Join(home, ".cache", "tinycdn-data")
	}
	dbs, err := geoip.Open([]string{filepath.Join(dir, "GeoLite2-City.mmdb")})
	if err != nil {
		b.Fatalf("%v (put the database there, or set TINYCDN_DATA to where it is)", err)
	}
	defer dbs.Close()
	maps, err := steer.Compile(dbs, threePOPs(), []steer.Rules{{Name: "site", Default: []string{"nyc"}, Nearest: true, Answers: 1}})
	if err != nil {
		b.Fatal(err)
	}
	s := storeOf(b, maps)
	for _, c := range []struct {
		name string
		turn [][]Down
	}{
		{"down", [][]Down{{{POP: "nyc", A: true, AAAA: true}}, {{POP: "fra", A: true, AAAA: true}}}},
		{"doubt", [][]Down{{{POP: "nyc", Doubt: true}}, {{POP: "fra", Doubt: true}}}},
		{"up", [][]Down{nil}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				update(b, s, func(d *Draft) { d.SetDown(c.turn[i%len(c.turn)], 20) })
			}
		})
	}
}
