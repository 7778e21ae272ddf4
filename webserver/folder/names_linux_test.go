package folder

import (
	"slices"
	"testing"
)

// A name that is not UTF-8 is Latin-1, mostly, of an old archive.
func TestNamesThatAreNotUTF8AreShown(t *testing.T) {
	t.Parallel()
	s := open(t, newSite(t, "caf\xe9/d\xe9j\xe0", "caf\xe9/vu/x", "a"))
	if got, want := shown(s, Rules{}), []string{"a", "caf\xe9/d\xe9j\xe0", "caf\xe9/vu/x"}; !slices.Equal(got, want) || len(s.Problems)+len(s.Notes) > 0 {
		t.Errorf("got %q, %v, %v, want %q", got, s.Problems, s.Notes, want)
	}
	for _, name := range []string{"caf\xe9/d\xe9j\xe0", "caf\xe9/vu/x"} {
		if got, err := s.Read(name, s.Stat(name)); string(got) != name || err != nil {
			t.Errorf("%q: got %q, %v", name, got, err)
		}
	}
}
