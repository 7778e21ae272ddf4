package cluster

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// filesOf are those of "a=1 b=2".
func filesOf(text string) *manifest.Manifest {
	files := map[string]manifest.File{}
	for _, word := range strings.Fields(text) {
		path, content, _ := strings.Cut(word, "=")
		files[path] = manifest.File{Path: path, Hash: manifest.Hash{content[0]}}
	}
	m := &manifest.Manifest{}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		m.Files = append(m.Files, files[path])
	}
	return m
}

func TestWhatWasMadeOfAnOldCheckoutUndoesAllThatCameSince(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ what, older, live, next, want string }{
		{"a fresh one", "a=1 b=1", "a=2 b=1", "a=2 b=2", ""},
		{"an edit of what was changed", "a=1", "a=2", "a=3", ""},
		{"an old one", "a=1 b=1", "a=2 b=1", "a=1 b=1", "a"},
		{"an old one with an edit", "a=1 b=1", "a=2 b=1", "a=1 b=9", "a"},
		{"an old one, with an edit of what was changed", "a=1 b=1", "a=2 b=2", "a=1 b=9", "a"},
		{"an old one, without what came", "a=1", "a=1 b=1", "a=1 c=1", "b"},
		{"an old one, with what went", "a=1 b=1", "a=1", "a=1 b=1", "b"},
		{"part of it is taken back", "a=1 b=1", "a=2 b=2", "a=1 b=2", ""},
		{"what came is taken away again, and the rest is there", "a=1", "a=2 b=1", "a=2", ""},
		{"the same as live", "a=1", "a=2", "a=2", ""},
		{"nothing has changed", "a=1", "a=1", "a=2", ""},
	} {
		got := strings.Join(undoesAll(filesOf(test.older), filesOf(test.live), filesOf(test.next)), " ")
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.what, got, test.want)
		}
	}
}
