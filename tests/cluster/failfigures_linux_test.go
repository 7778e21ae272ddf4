package cluster

import (
	"testing"
	"time"
)

// The figures beside this command are in cmd/tinycdn/README.md:
//
//	go test -run '^$' -bench Failover -benchtime 1x -timeout 30m ./tests/cluster

// BenchmarkFailover has a POP of three, 100 ms from the others, suffer what POPs suffer, with the settings that they have without any:
// how long it takes until no answer at the others holds it, until all that are to hold it do, and how many were asked for meanwhile. One
// that is wrong or lost is a failure.
func BenchmarkFailover(b *testing.B) {
	for i := range faults {
		one := &faults[i]
		b.Run(one.name, func(b *testing.B) {
			f := newFleet(b, 50*time.Millisecond, "", "nyc", "fra", "syd")
			out, back, answers := f.suffers(b, one, "syd")
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(out.Seconds(), "s-out")
			b.ReportMetric(back.Seconds(), "s-back")
			b.ReportMetric(float64(answers), "answers")
		})
	}
}
