package metrics

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

func TestWhatWasCountedIsRead(t *testing.T) {
	t.Parallel()
	var all All
	s := all.Site("example.org")
	s.Add(200, page.Hit, 1000, 1500*time.Nanosecond)
	s.Add(200, page.Hit, 500, 2*time.Microsecond)
	s.Add(404, page.Miss, 10, 2001*time.Nanosecond)
	s.Add(503, page.Stale, 0, time.Minute)
	s.Add(0, page.Pass, 7, 0) // cut off before it had a status
	s.Add(999, page.Pass, 0, 0)
	all.Site("other")
	want := []Counts{{
		Site: "example.org", Statuses: map[int]uint64{200: 2, 404: 1, 503: 1}, Results: [page.Results]uint64{2, 1, 1, 0, 2}, Bytes: 1517,
		Took: [len(Bounds) + 1]uint64{2, 2, 1, len(Bounds): 1}, Total: 60*time.Second + 5501*time.Nanosecond,
	}, {Site: "other", Statuses: map[int]uint64{}}}
	if got := all.Read(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCountersOfASiteLast(t *testing.T) {
	t.Parallel()
	var all All
	var crowd sync.WaitGroup
	for i := range 20 {
		crowd.Go(func() {
			for range 100 {
				all.Site(fmt.Sprint("site ", i%4)).Add(200, page.Hit, 1, 0)
			}
			all.Read()
		})
	}
	crowd.Wait()
	list := all.Read()
	for _, c := range list {
		if c.Statuses[200] != 500 {
			t.Errorf("%s: got %d", c.Site, c.Statuses[200])
		}
	}
	if len(list) != 4 {
		t.Errorf("got %d sites", len(list))
	}
}

func TestCountingAllocatesNothing(t *testing.T) {
	s := new(Site)
	if n := testing.AllocsPerRun(100, func() { s.Add(200, page.Hit, 12_000, 3*time.Microsecond) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAdd(b *testing.B) {
	s := new(Site)
	b.ReportAllocs()
	for b.Loop() {
		s.Add(200, page.Hit, 12_000, 3*time.Microsecond)
	}
}
