package pop

import (
	"fmt"
	"path/filepath"
	"testing"
)

// What is told, and which of several files answers for a zone, does not depend on how many cores read.
func TestZonesReadSideBySideAreAsThoseReadOneByOne(t *testing.T) {
	h := newFixture(t)
	for i := range 60 {
		text := fmt.Sprintf("$ORIGIN z%d.example.\n$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n", i%50) // ten are there twice
		switch i % 7 {
		case 3:
			text += fmt.Sprintf("www A 192.0.2.%d00\n", i)
		case 5:
			text += fmt.Sprintf("www%d MX 10 nowhere\n", i)
		}
		h.write(fmt.Sprintf("f%d.zone", i), text)
	}
	load := func(cores int) (told string) {
		g := Load(filepath.Join(h.dir, "tinycdn.toml"), nil, Options{cores: cores})
		for _, z := range g.answered {
			told += fmt.Sprintln(z.file, z.Value != nil)
		}
		return fmt.Sprint(told, g.Findings(), g.Sums().All)
	}
	want := load(1)
	for range 5 {
		if got := load(8); got != want {
			t.Fatalf("got %s\none by one %s", got, want)
		}
	}
}
