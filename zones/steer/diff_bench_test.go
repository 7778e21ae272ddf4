package steer

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tinycdn/geoip"
	"tinycdn/geoip/geoiptest"
)

// BenchmarkDiff compares who is sent where by two editions of GeoLite2 City: the one of the other benchmarks, and $TINYCDN_OLD_CITY, which
// may be several files, or else the same with a tenth of its networks elsewhere. First all that tinycdn diff does, then the walk alone.
func BenchmarkDiff(b *testing.B) {
	dir := os.Getenv("TINYCDN_DATA")
	if home, err := os.UserHomeDir(); err == nil && dir == "" {
		dir = filepath.Join(home, ".cache", "tinycdn-data")
	}
	city := []string{filepath.Join(dir, "GeoLite2-City.mmdb")}
	editions := [][]string{filepath.SplitList(os.Getenv("TINYCDN_OLD_CITY")), city}
	if len(editions[0]) == 0 {
		editions[0] = []string{geoiptest.Edition(b, city[0])}
	}
	var versions [2]Version
	compileBoth := func(b *testing.B) {
		var both sync.WaitGroup
		for i, paths := range editions {
			both.Go(func() {
				d, err := geoip.Open(paths)
				if err != nil {
					b.Errorf("%v (put the database there, or set TINYCDN_DATA to where it is)", err)
					return
				}
				defer d.Close()
				maps, places, err := CompileWithPlaces(d, Set{world, []Rules{{Name: "site", Default: head("nyc"), Nearest: true, Answers: 1}}})
				if err != nil {
					b.Error(err)
					return
				}
				versions[i] = Version{maps[0][0], places}
			})
		}
		if both.Wait(); b.Failed() {
			b.FailNow()
		}
	}
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			compileBoth(b)
			Diff(versions[0], versions[1], Space, Audience{})
		}
	})
	b.Run("walk", func(b *testing.B) {
		compileBoth(b)
		b.ReportAllocs()
		b.ResetTimer()
		for b.Loop() {
			b.ReportMetric(100*Diff(versions[0], versions[1], Space, Audience{}).IPv4.Share, "%moved")
		}
	})
}
