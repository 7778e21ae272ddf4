package webserver

import "testing"

// TestHitAllocatesNothing: with the access log and counters on, nothing is left for the garbage collector.
func TestHitAllocatesNothing(t *testing.T) {
	for name, s := range map[string]*Server{"combined": busy(t, "combined", whole), "json": busy(t, "json", whole), "a path": busy(t, "combined", someOf)} {
		for _, hit := range hits {
			r, w := s.request(hit), newSink()
			s.ServeHTTP(w, r) // the first line of the log makes room for the others
			got := testing.AllocsPerRun(500, func() {
				clear(w.header)
				s.ServeHTTP(w, r)
			})
			if w.status != hit.status || got > hit.allocations {
				t.Errorf("%s, %s: %v allocations, want %v at most; status %d, want %d", name, hit.name, got, hit.allocations, w.status, hit.status)
			}
		}
	}
}
