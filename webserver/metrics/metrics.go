// Package metrics counts what was answered, per site.
package metrics

import (
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

// Counts are what a site has answered since the process began.
type Counts struct {
	Site     string
	Statuses map[int]uint64 // those that there were
	Results  [page.Results]uint64
	Bytes    uint64
	Took     [len(Bounds) + 1]uint64 // up to each of Bounds, and above the one before; the last is beyond all
	Total    time.Duration
}

// Read gives what was counted, of all sites.
func (a *All) Read() (list []Counts) {
	a.mu.Lock()
	sites := a.sites
	a.mu.Unlock()
	for _, s := range sites {
		list = append(list, s.read())
	}
	return list
}

func (s *Site) read() Counts {
	c := Counts{Site: s.name, Statuses: map[int]uint64{}, Bytes: s.bytes.Load(), Total: time.Duration(s.total.Load())}
	for i := range s.statuses {
		if n := s.statuses[i].Load(); n > 0 {
			c.Statuses[i+100] = n
		}
	}
	for i := range s.words {
		c.Results[i] = s.words[i].Load()
	}
	for i := range s.took {
		c.Took[i] = s.took[i].Load()
	}
	return c
}
