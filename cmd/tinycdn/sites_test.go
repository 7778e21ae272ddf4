package main

import "testing"

// An application is not loaded anew each time that somebody looks whether files have changed.
func TestApplicationStaysSinceItWasLoaded(t *testing.T) {
	t.Parallel()
	l := &webLoader{}
	c := &Config{Sites: []SiteConfig{{Name: "app", Hosts: []string{"*"}, Origin: "http://127.0.0.1:1", CacheBytes: 1 << 20}}}
	var seen []siteState
	for range 2 {
		next := l.read(c, false, true)
		l.adopt(next)
		seen = append(seen, *next.sites["app"])
	}
	if seen[0].site == nil || seen[0].site != seen[1].site || !seen[0].since.Equal(seen[1].since) {
		t.Errorf("got %+v, and then %+v", seen[0], seen[1])
	}
	l.last.sites["app"].site.(interface{ Close() }).Close()
}
