package geodns

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"

	"tinycdn/geodns/querylog"
)

// BenchmarkLogged answers batches without their system calls, with nothing written down, and with a copy of each query for a log that
// goes on writing meanwhile.
func BenchmarkLogged(b *testing.B) {
	for _, test := range []struct {
		what   string
		on     bool
		sample int
	}{{"off", false, 0}, {"one of 100", true, 100}, {"every one", true, 1}} {
		b.Run(test.what, func(b *testing.B) {
			loop, packets := loggedLoop(b, "")
			if test.on {
				log := querylog.New(querylog.Config{
					File: filepath.Join(b.TempDir(), "queries.log"), Sample: test.sample, Type: typeName, Rcode: func(int) string { return "NOERROR" },
				}, slog.New(slog.DiscardHandler))
				if err := log.Open(); err != nil {
					b.Fatal(err)
				}
				loop.log = log.NewRing()
				ctx, stop := context.WithCancel(b.Context())
				var run sync.WaitGroup
				run.Go(func() { log.Run(ctx) })
				defer run.Wait()
				defer stop()
				defer func() { b.ReportMetric(float64(log.Dropped().File)/float64(b.N*len(packets)), "dropped/query") }()
			}
			b.ReportAllocs()
			for b.Loop() {
				loop.answerLogged(packets)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(packets)), "ns/query")
		})
	}
}
