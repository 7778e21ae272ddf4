package tomlfile

import (
	"fmt"
	"testing"

	"github.com/BurntSushi/toml"
)

// FuzzScanFindsWhatTheLibraryFinds judges our scanner by the TOML library: both know the same keys and lists.
func FuzzScanFindsWhatTheLibraryFinds(f *testing.F) {
	for _, seed := range []string{
		"", "\ufeffa = 1", "a = 1\r\nb = '''\r\nx'''\r\n", "[a]\nb.c = { d = 1, e = [1, 2, [3]] }\n", "[[a]]\nb=1\n[[a]]\n[a.c]\n[[a.d]]\n",
		`"a\tb" = "\e\x41"` + "\n'c.d'.e = 1e5", "a = [ # one\n { b = 1 }, # two\n]", "a = \"\"\"\\\n  b \"\" c\"\"\"\"\"", "a = '' # x\n\"\" = 1",
		"[a]\nx = 1\n[b]\nx = 1\n[a.c]\ny = 1", "[a]\nb = {}\n[a.b]\nc = 1", "[a]\nx=1\nx=2", "a.b = 1\na.c = 2\n[a]\nd = 1", "[a.b]\n[a]\nb = 1", "a = 1\n[a]\n",
		"a = 1 b = 2\n", "[a] b = 1\n", "[a]]\n",
		"a = {\n b = 1, # c\n}\n", "[a.b.c]\n[a]\nx = 1\n[a.b]\ny = inf", "a = 12:30:00\nb=[]\nc={}", "a = { b.c = 1, b.d = 2 }",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := newScanner(text, 1)
		root, deep := s.scan()
		if deep > 0 {
			return
		}
		var values map[string]any
		_, err := toml.Decode(text, &values)
		for _, p := range s.pieces() { // each statement alone
			if piece, wrong := decode(p.header + p.text); s.apart && wrong == nil {
				root.fill(piece)
			} else {
				s.apart = false
			}
		}
		switch {
		case err == nil:
			sameKeys(t, root, values)
			if s.apart {
				sameValues(t, root, values)
			}
		case s.apart:
			t.Fatalf("right in pieces, but not as a whole: %v", err)
		}
	})
}

// sameValues holds what was put together of pieces against the whole.
func sameValues(t *testing.T, n *Node, value any) {
	t.Helper()
	whole := &Node{}
	whole.fill(value)
	if got, want := fmt.Sprint(n.plain()), fmt.Sprint(whole.plain()); got != want {
		t.Fatalf("in pieces we found %s, as a whole %s", got, want)
	}
}

func sameKeys(t *testing.T, n *Node, value any) {
	t.Helper()
	switch value := value.(type) {
	case map[string]any:
		if len(n.Keys) != len(value) {
			t.Fatalf("line %d: we found keys %q, the library %v", n.Line, n.Keys, value)
		}
		for key, below := range value {
			if n.Table[key] == nil {
				t.Fatalf("line %d: we found keys %q, the library %v", n.Line, n.Keys, value)
			}
			sameKeys(t, n.Table[key], below)
		}
	case []any:
		if len(n.List) != len(value) {
			t.Fatalf("line %d: we found %d elements, the library %v", n.Line, len(n.List), value)
		}
		for i, below := range value {
			sameKeys(t, n.List[i], below)
		}
	case []map[string]any:
		if len(n.List) != len(value) {
			t.Fatalf("line %d: we found %d tables, the library %v", n.Line, len(n.List), value)
		}
		for i, below := range value {
			sameKeys(t, n.List[i], below)
		}
	}
}
