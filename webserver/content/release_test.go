package content

import (
	"os"
	"path/filepath"
	"testing"

	"tinycdn/zones/diag"
)

// A POP of a cluster has each generation in a folder of its own, of links to the same files.
func TestAReleaseOfLinksIsNotReadAgain(t *testing.T) {
	t.Parallel()
	one, two := t.TempDir(), t.TempDir()
	write(t, one, map[string]string{"content/a.md": "+++\ntilte = 'A'\n+++\nOne", "content/b.md": "Two"})
	write(t, two, map[string]string{"content/b.md": "New"})
	if err := os.Link(filepath.Join(one, "content/a.md"), filepath.Join(two, "content/a.md")); err != nil {
		t.Fatal(err)
	}
	view := filepath.Join(t.TempDir(), "view")
	at := func(release string, last *Site) diag.Loaded[*Site] {
		os.Remove(view)
		if err := os.Symlink(release, view); err != nil {
			t.Fatal(err)
		}
		return load(view, last)
	}
	first := at(one, nil)
	second := at(two, first.Value)
	for file, same := range map[string]bool{"a.md": true, "b.md": false} {
		if got := &first.Value.read[file].text[0] == &second.Value.read[file].text[0]; got != same {
			t.Errorf("%s is not read again: %v, want %v", file, got, same)
		}
	}
	same(t, "notes", texts(two, second.Notes), []string{`content/a.md:2: unknown key "tilte" (did you mean "title"? what is your own goes into [extra])`})
}
