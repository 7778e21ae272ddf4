package content

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What a POP says of a page is what one says that has just been started, whatever was there before.
func TestTimesOfPages(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, map[string]string{"content/a.md": "+++\ndate = 2024-01-01\n+++\nA", "content/b.md": "B"})
	past, day := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC), 24*time.Hour
	var last *Site
	for _, test := range []struct {
		a, b        time.Time
		ofA, ofFeed time.Time
		what        string
	}{
		{past, past, past, past, "as they are"},
		{past.Add(day), past, past.Add(day), past.Add(day), "touched"},
		{past, past, past, past, "back again"},
		{time.Now().Add(day), past, time.Time{}, time.Time{}, "of the future"},
		{past, time.Unix(0, 0), past, time.Time{}, "the feed is made of one of 1970"},
		{time.Unix(1, 0), past, time.Time{}, time.Time{}, "of 1970"},
	} {
		for name, at := range map[string]time.Time{"a.md": test.a, "b.md": test.b} {
			if err := os.Chtimes(filepath.Join(folder, "content", name), at, at); err != nil {
				t.Fatal(err)
			}
		}
		last = loaded(t, load(folder, last))
		for what, s := range map[string]*Site{"a POP at work": last, "one that was started": loaded(t, load(folder, nil))} {
			for url, want := range map[string]time.Time{"/a/": test.ofA, "/atom.xml": test.ofFeed} {
				if _, _, p := get(t, s, url); !p.Modified.Equal(want) {
					t.Errorf("%s: %s of %s: got %v, want %v", test.what, url, what, p.Modified, want)
				}
			}
		}
	}
}
