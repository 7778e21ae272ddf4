package origin

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

// readyToHit gives a site that has a page of 12 KB, and a request for it as browsers send it.
func readyToHit(t testing.TB) (*Site, *page.Request) {
	h := newLoopbackFixture(t)
	h.play(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600, stale-while-revalidate=60")
		w.Header().Set("Vary", "Accept-Language")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, strings.Repeat("all work and no play ", 600))
	})
	r := httptest.NewRequest("GET", "/path/of/a/page?with=query", nil)
	r.Host = "www.example.com:8080"
	r.Header = headerOf("Accept-Language: de,en;q=0.5 | Accept-Encoding: gzip, br | User-Agent: x | Cookie: a=b", time.Now())
	h.send(r)
	q := page.RequestOf(r)
	return h.site, &q
}

func TestHitAllocatesNothing(t *testing.T) {
	s, q := readyToHit(t)
	if n := testing.AllocsPerRun(1000, func() { s.Answer(q) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkHit(b *testing.B) {
	s, q := readyToHit(b)
	b.ReportAllocs()
	for b.Loop() {
		s.Answer(q)
	}
}

func BenchmarkHitByAll(b *testing.B) {
	s, q := readyToHit(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.Answer(q)
		}
	})
}

// BenchmarkMiss fetches over a real connection, from an application that does next to nothing.
func BenchmarkMiss(b *testing.B) {
	s, q := readyToHit(b)
	b.ReportAllocs()
	for b.Loop() {
		s.Purge("www.example.com", "/path/of/a/page?with=query")
		s.Answer(q)
	}
}
