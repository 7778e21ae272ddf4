// Package metrics counts what was answered, per site.
package metrics

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/webserver/page"
)

// Bounds are the upper ends of the histogram of generation times. What takes longer than the last counts as endless.
var Bounds = [...]time.Duration{
	1 * time.Microsecond, 2 * time.Microsecond, 5 * time.Microsecond, 10 * time.Microsecond, 20 * time.Microsecond,
	50 * time.Microsecond, 100 * time.Microsecond, 200 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second,
}

// Site counts what one site answered. Its zero value is ready.
type Site struct {
	name     string
	statuses [500]atomic.Uint64 // from 100 on
	words    [page.Results]atomic.Uint64
	bytes    atomic.Uint64
	took     [len(Bounds) + 1]atomic.Uint64
	total    atomic.Uint64 // of the times, in nanoseconds
}

// Add counts a response: its status, how it came about, the bytes of its body, and the time from the request parsed
// to the body ready.
func (s *Site) Add(status int, word page.Result, bytes int64, took time.Duration) {
	if status >= 100 && status < 600 {
		s.statuses[status-100].Add(1)
	}
	s.words[word].Add(1)
	s.bytes.Add(uint64(bytes))
	bucket := 0
	for bucket < len(Bounds) && took > Bounds[bucket] {
		bucket++
	}
	s.took[bucket].Add(1)
	s.total.Add(uint64(took))
}

// All are the counters of all sites, in the order in which they came. Its zero value is ready.
type All struct {
	mu    sync.Mutex
	sites []*Site
}

// Site gives the counters of a site, which begin at zero when it is first asked for and last as long as the process.
func (a *All) Site(name string) *Site {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.sites {
		if s.name == name {
			return s
		}
	}
	s := &Site{name: name}
	a.sites = append(a.sites, s)
	return s
}

// Print writes the counters in the text format that Prometheus reads (version 0.0.4).
func (a *All) Print(out *bytes.Buffer) {
	a.mu.Lock()
	sites := a.sites
	a.mu.Unlock()
	family := func(name, kind, help string, each func(site string, s *Site)) {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %[1]s %[3]s\n", name, help, kind)
		for _, s := range sites {
			each(Label(s.name), s)
		}
	}
	family("tinycdn_http_requests_total", "counter", "Responses by site and status.", func(site string, s *Site) {
		for i := range s.statuses {
			if n := s.statuses[i].Load(); n > 0 {
				fmt.Fprintf(out, "tinycdn_http_requests_total{site=\"%s\",status=\"%d\"} %d\n", site, i+100, n)
			}
		}
	})
	family("tinycdn_http_cache_total", "counter", "Responses by site and by how they came about.", func(site string, s *Site) {
		for word := range s.words {
			fmt.Fprintf(out, "tinycdn_http_cache_total{site=\"%s\",result=\"%s\"} %d\n", site, page.Result(word), s.words[word].Load())
		}
	})
	family("tinycdn_http_body_bytes_total", "counter", "Bytes of bodies sent, by site.", func(site string, s *Site) {
		fmt.Fprintf(out, "tinycdn_http_body_bytes_total{site=\"%s\"} %d\n", site, s.bytes.Load())
	})
	family("tinycdn_http_generation_seconds", "histogram", "Time from the request parsed to the body ready.", func(site string, s *Site) {
		sum := uint64(0)
		for i, bound := range Bounds {
			sum += s.took[i].Load()
			fmt.Fprintf(out, "tinycdn_http_generation_seconds_bucket{site=\"%s\",le=\"%g\"} %d\n", site, bound.Seconds(), sum)
		}
		sum += s.took[len(Bounds)].Load()
		fmt.Fprintf(out, "tinycdn_http_generation_seconds_bucket{site=\"%s\",le=\"+Inf\"} %d\n", site, sum)
		fmt.Fprintf(out, "tinycdn_http_generation_seconds_sum{site=\"%s\"} %g\n", site, time.Duration(s.total.Load()).Seconds())
		fmt.Fprintf(out, "tinycdn_http_generation_seconds_count{site=\"%s\"} %d\n", site, sum)
	})
}

// Label writes the value of a label as that format wants it.
func Label(value string) string { return escaped.Replace(value) }

// escaped are the three characters that must be.
var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
