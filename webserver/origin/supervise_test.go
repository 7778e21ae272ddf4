package origin

import (
	"net/url"
	"testing"
)

// What is served no longer answers for a while, and can be served again until it is closed.
func TestASiteThatDrainsCanBeServedAgain(t *testing.T) {
	t.Parallel()
	newSite := func() *Site {
		return New(Config{Name: "app", URL: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Memory: 1 << 20})
	}
	first, second := newSite(), newSite()
	var s Supervisor
	s.Supervise([]*Site{first})
	s.Supervise([]*Site{second})
	if first.closed() || !s.Usable(first) || !s.Usable(second) {
		t.Errorf("closed: first %v, second %v", first.closed(), second.closed())
	}
	s.Supervise([]*Site{first})
	if first.closed() || len(s.probes) != 1 || len(s.draining) != 1 {
		t.Errorf("%d sites are probed, %d drain, want one of each", len(s.probes), len(s.draining))
	}
	s.Close()
	if s.Usable(first) || s.Usable(second) || !second.closed() {
		t.Error("a site goes on after all were closed")
	}
}
