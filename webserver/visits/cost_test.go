package visits

import (
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

func TestViewCostsNoAllocation(t *testing.T) {
	c := counter(t, t.TempDir(), "fra")
	q, r := opened("192.0.2.1", "/posts/17/")
	q.Referer = "https://search.example/?q=x"
	if n := testing.AllocsPerRun(5000, func() { c.Add(q, r) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if c.queue.dropped == 0 || cap(c.queue.views) != mostWaiting {
		t.Errorf("%d were dropped, and there is room for %d octets", c.queue.dropped, cap(c.queue.views))
	}
	dropped := c.queue.dropped
	c.count(time.Now())
	if got := report(t, c)["dropped fra"][0]; got != dropped {
		t.Errorf("%d dropped views are told of, want %d", got, dropped)
	}
}

// BenchmarkAdd is what a page view costs whoever answers; others are what that costs which is none.
func BenchmarkAdd(b *testing.B) {
	c := counter(b, b.TempDir(), "fra")
	q, r := opened("192.0.2.1", "/posts/17/")
	q.Referer = "https://search.example/?q=x"
	add := func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if c.Add(q, r); len(c.queue.views) > mostWaiting/2 {
				c.queue.views = c.queue.views[:0]
			}
		}
	}
	b.Run("view", add)
	q.Hints = page.Embeds
	b.Run("other", add)
}

// BenchmarkCount is what it costs behind that.
func BenchmarkCount(b *testing.B) {
	c := counter(b, b.TempDir(), "fra")
	q, r := opened("192.0.2.1", "/posts/17/")
	q.Referer = "https://search.example/?q=x"
	b.ReportAllocs()
	for b.Loop() {
		c.Add(q, r)
		c.count(time.Now())
	}
}

// BenchmarkDay is how many octets of memory a day has after 10,000 visitors from anywhere, to 20 pages.
func BenchmarkDay(b *testing.B) {
	held := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for b.Loop() {
		before := held()
		c := counter(b, b.TempDir(), "fra")
		countries := 0
		c.Locate = func(netip.Addr) string {
			countries++
			return fmt.Sprint(countries % 140)
		}
		for i := range 10_000 {
			q, r := opened(fmt.Sprintf("192.0.%d.%d", i/250, i%250), fmt.Sprintf("/%d", i%20))
			q.Referer = fmt.Sprintf("https://r%d.example/", i%100)
			c.Add(q, r)
			c.count(time.Now())
		}
		b.ReportMetric(float64(held()-before), "B/day")
		if n := report(b, c)["all"]; n[0] != 10_000 {
			b.Fatal(n)
		}
	}
}
