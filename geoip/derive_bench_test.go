package geoip

import "testing"

// BenchmarkDerive makes the table that a verdict makes: one of three POPs is passed over.
func BenchmarkDerive(b *testing.B) {
	d, err := Open(cityFiles(b, "GeoLite2-City.mmdb"))
	if err != nil {
		b.Fatal(err)
	}
	tables, err := Build(d, []Spec{citySpec})
	if err != nil {
		b.Fatal(err)
	}
	d.Close()
	b.Run("GeoLite2", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			next := tables[0].Derive(func(order uint16) uint16 { return order >> 1 & 1 })
			v4, v6 := next.Runs()
			b.ReportMetric(float64(v4+v6), "runs")
		}
	})
	v4, v6 := tables[0].Table().Runs()
	b.Logf("of %d runs", v4+v6)
}
