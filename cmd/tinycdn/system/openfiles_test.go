package system

import "testing"

func TestTheNameserverHasFilesOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		files     int
		clients   int // of visitors, as configured
		hasOrigin bool
		queries   int // of those that were configured: the default
		visitors  int
		origins   int
	}{
		{200, 10_000, false, 50, 100, 25},
		{200, 10_000, true, 50, 75, 25},
		{1024, 10_000, false, 256, 512, 128},
		{1024, 10_000, true, 256, 384, 128},
		{4096, 10_000, false, 1024, 2816, 128}, // none left for the visitors to give
		{4096, 10_000, true, 1024, 2112, 704},
		{4096, 2000, false, 1024, 2000, 704}, // they leave enough for an origin that a reload brings
		{16384, 10_000, false, 4096, 10_000, 128},
		{16384, 10_000, true, 4096, 9024, 3008},
		{65536, 10_000, false, 10_000, 10_000, 12_224},
		{65536, 10_000, true, 10_000, 10_000, 12_224},
	} {
		s := PageBudget(c.files, c.clients, c.hasOrigin)
		queries, visitors := min(10_000, s.Queries), min(c.clients, s.Visitors)
		if queries != c.queries || visitors != c.visitors || s.Origins != c.origins {
			t.Errorf("%d files, origin %v: got %d, %d and %d, want %d, %d and %d", c.files, c.hasOrigin,
				queries, visitors, s.Origins, c.queries, c.visitors, c.origins)
		}
		if left := c.files - s.Queries - s.Visitors - s.Origins; left < min(c.files/4, 256)/2 {
			t.Errorf("%d files, origin %v: %d are left for everything else", c.files, c.hasOrigin, left)
		}
	}
}

func TestWithoutPagesTheNameserverHasAlmostAllFiles(t *testing.T) {
	t.Parallel()
	for files, want := range map[int]int{200: 100, 512: 256, 1024: 768, 65536: 65280} {
		if got := QueryBudget(files).Queries; got != want {
			t.Errorf("%d files: got %d, want %d", files, got, want)
		}
	}
}
