package steer

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tinycdn/geoip"
)

// BenchmarkDiff compares who is sent where by two editions of GeoLite2 City, $TINYCDN_OLD_CITY and the one of the other benchmarks: first
// all that tinycdn diff does, then the walk alone. Without the older edition it is the same one twice, which takes as long.
func BenchmarkDiff(b *testing.B) {
	dir := os.Getenv("TINYCDN_DATA")
	if home, err := os.UserHomeDir(); err == nil && dir == "" {
		dir = filepath.Join(home, ".cache", "tinycdn-data")
	}
	paths := []string{os.Getenv("TINYCDN_OLD_CITY"), filepath.Join(dir, "GeoLite2-City.mmdb")}
	if paths[0] == "" {
		paths[0] = paths[1]
	}
	var versions [2]Version
	compileBoth := func(b *testing.B) {
		var both sync.WaitGroup
		for i, path := range paths {
			both.Go(func() {
				d, err := geoip.Open([]string{path})
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
