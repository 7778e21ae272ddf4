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
	hits [256][]string
}

func newTimings(pop string) *timings {
	t := &timings{}
	if pop != "" {
		t.pop = ", pop;desc=" + pop
	}
	for us := range t.hits {
		t.hits[us] = []string{t.text(time.Duration(us)*time.Microsecond, page.Hit)}
	}
	return t
}

// field gives the values for a header. They are shared: nobody changes them.
func (t *timings) field(took time.Duration, word page.Word) []string {
	took = took.Round(time.Microsecond)
	if us := took / time.Microsecond; word == page.Hit && us >= 0 && us < time.Duration(len(t.hits)) {
		return t.hits[us]
	}
	return []string{t.text(took, word)}
}

func (t *timings) text(took time.Duration, word page.Word) string {
	b := make([]byte, 0, 64)
	b = append(b, "gen;dur="...)
	b = strconv.AppendFloat(b, float64(took.Microseconds())/1000, 'f', 3, 64)
	b = append(b, ", cache;desc="...)
	b = append(b, word.String()...)
	return string(append(b, t.pop...))
}
