package webserver

import (
	"strconv"
	"time"

	"tinycdn/webserver/page"
)

// timings writes Server-Timing fields: "gen;dur=0.012, cache;desc=hit, pop;desc=fra". Durations are in milliseconds.
// The hits below 256 microseconds, nearly all there are, are written beforehand.
type timings struct {
	pop  string // `, pop;desc=fra`, or ""
	hits [256]page.Head
}

func newTimings(pop string) *timings {
	t := &timings{}
	if pop != "" {
		t.pop = ", pop;desc=" + pop
	}
	for us := range t.hits {
		t.hits[us] = t.write(time.Duration(us)*time.Microsecond, page.Hit)
	}
	return t
}

// head says how long it took to find what is sent, and how it came about.
func (t *timings) head(took time.Duration, word page.Result) *page.Head {
	took = took.Round(time.Microsecond)
	if us := took / time.Microsecond; word == page.Hit && us >= 0 && us < time.Duration(len(t.hits)) {
		return &t.hits[us]
	}
	head := t.write(took, word)
	return &head
}

func (t *timings) write(took time.Duration, word page.Result) page.Head {
	b := make([]byte, 0, 64)
	b = append(b, "gen;dur="...)
	b = strconv.AppendFloat(b, float64(took.Microseconds())/1000, 'f', 3, 64)
	b = append(b, ", cache;desc="...)
	b = append(b, word.String()...)
	return page.NewHead(page.Field{Name: "Server-Timing", Value: string(append(b, t.pop...))})
}
