package main

import "testing"

func TestTheNameserverHasFilesOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		files    int
		queries  int // of those that were configured: the default
		visitors int
	}{
		{200, 50, 100},
		{1024, 256, 512},
		{16384, 4096, 10_000},
		{65536, 10_000, 10_000},
	} {
		s := shareFiles(c.files)
		queries, visitors := within(0, s.queries), within(0, s.visitors)
		if queries != c.queries || visitors != c.visitors {
			t.Errorf("%d files: got %d and %d, want %d and %d", c.files, queries, visitors, c.queries, c.visitors)
		}
	}
	if got := within(30, 100); got != 30 {
		t.Errorf("of 30 that are configured there are %d", got)
	}
}
