package store

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

var (
	key  = roster.NewKey()
	noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
)

func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// list is a generation of files by path and content; a path that ends with ".key" is private.
func list(t testing.TB, parent *manifest.Signed, files map[string]string) *manifest.Signed {
	t.Helper()
	m := &manifest.Manifest{Number: parent.ID.Number + 1, Parent: parent.ID, Config: "c", By: "owner", Time: noon}
	files["c"] = "configuration"
	for path, text := range files {
		mode := manifest.Plain
		if strings.HasSuffix(path, ".key") {
			mode = manifest.Private
		}
		m.Files = append(m.Files, manifest.File{Path: path, Hash: sha256.Sum256([]byte(text)), Size: int64(len(text)), Mode: mode})
	}
	slices.SortFunc(m.Files, func(a, b manifest.File) int { return strings.Compare(a.Path, b.Path) })
	m.Files = parent.Follow(m.Files, noon.Add(time.Duration(m.Number)*time.Hour))
	s, err := m.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// put brings all that is missing of a generation.
func put(t testing.TB, s *Store, m *manifest.Signed, files map[string]string) {
	t.Helper()
	by := map[manifest.Hash]string{}
	for _, text := range files {
		by[sha256.Sum256([]byte(text))] = text
	}
	for _, p := range s.Missing(&m.Manifest) {
		if err := s.Put(p, strings.NewReader(by[p.Hash][p.Have:])); err != nil {
			t.Fatal(err)
		}
	}
}

// serve has a generation built and served.
func serve(t testing.TB, s *Store, parent *manifest.Signed, files map[string]string) *manifest.Signed {
	t.Helper()
	m := list(t, parent, files)
	put(t, s, m, files)
	if _, err := s.Build(m); err != nil {
		t.Fatal(err)
	}
	if err := s.Switch(m.ID); err != nil {
		t.Fatal(err)
	}
	return m
}

// whole says what is wrong with a tree.
func whole(s *Store, m *manifest.Signed) error {
	for _, f := range m.Files {
		path := filepath.Join(s.Tree(m.ID), f.Path)
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		got, err := hashOf(path, func(int) {})
		if err != nil || got != f.Hash || info.Mode() != f.Mode || !info.ModTime().Equal(f.Time) {
			return fmt.Errorf("%s: %v %v %v: %w", f.Path, got == f.Hash, info.Mode(), info.ModTime(), err)
		}
	}
	return nil
}

func TestATreeIsWhatItsListSays(t *testing.T) {
	t.Parallel()
	s := open(t)
	files := map[string]string{
		"a": "one", "copy": "one", "d/e/f": "two", "empty": "", "site.key": "secret", "public.txt": "secret", "A": "upper", "line\nend": "x", "\xff\"": "y",
	}
	first := serve(t, s, &manifest.Signed{}, files)
	if err := whole(s, first); err != nil {
		t.Error(err)
	}
	files["a"], files["new"] = "changed", "three"
	second := serve(t, s, first, files)
	for _, m := range []*manifest.Signed{first, second} {
		if err := whole(s, m); err != nil {
			t.Errorf("generation %d: %v", m.Number, err)
		}
	}
	for path, want := range map[string]bool{"copy": true, "d/e/f": true, "a": false} {
		one, _ := os.Stat(filepath.Join(s.Tree(first.ID), path))
		two, _ := os.Stat(filepath.Join(s.Current(), path))
		if os.SameFile(one, two) != want {
			t.Errorf("%s is the same file: want %v", path, want)
		}
	}
}

func TestKeysAreReadableForNobodyElseOnTheirWay(t *testing.T) {
	t.Parallel()
	s := open(t)
	files := map[string]string{"site.key": "secret", "c": ""}
	m := list(t, &manifest.Signed{}, files)
	p := Part{Hash: sha256.Sum256([]byte("secret")), Size: 6}
	check := func(path string) {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	if err := s.Put(p, strings.NewReader("sec")); err == nil {
		t.Fatal("half of it is taken for all")
	}
	check(s.beginning(p.Hash))
	put(t, s, m, files)
	check(s.blob(p.Hash))
	if _, err := s.Build(m); err != nil {
		t.Fatal(err)
	}
	check(filepath.Join(s.Tree(m.ID), "site.key"))
}

func TestASizeThatIsNotTheContents(t *testing.T) {
	t.Parallel()
	s := open(t)
	h := manifest.Hash(sha256.Sum256([]byte("content")))
	for _, size := range []int64{3, 8, 100, -1} {
		if err := s.Put(Part{Hash: h, Size: size}, strings.NewReader("contentand more")); err == nil {
			t.Errorf("%d octets are taken", size)
		}
	}
	// What was begun as something longer does not stay behind what is right.
	os.WriteFile(s.beginning(h), []byte("content and much more"), 0o600)
	if err := s.Put(Part{Hash: h, Size: 7, Have: 3}, strings.NewReader("tent")); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(s.blob(h)); string(got) != "content" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestWhatACrashLeftOfAContent(t *testing.T) {
	t.Parallel()
	text := "a content of some length"
	h := manifest.Hash(sha256.Sum256([]byte(text)))
	m := &manifest.Manifest{Files: []manifest.File{{Path: "a", Hash: h, Size: int64(len(text))}}}
	for have := range len(text) + 1 {
		s := open(t)
		os.WriteFile(s.beginning(h), []byte(text[:have]), 0o600)
		missing := s.Missing(m)
		if want := []Part{{h, int64(len(text)), int64(have)}}; !slices.Equal(missing, want) {
			t.Fatalf("got %v, want %v", missing, want)
		}
		if err := s.Put(missing[0], strings.NewReader(text[have:])); err != nil || !s.Has(h) {
			t.Errorf("from %d on: %v", have, err)
		}
	}
	s := open(t)
	os.WriteFile(s.beginning(h), make([]byte, 5), 0o600) // a power cut makes zeros of what was not on the disk
	if err := s.Put(s.Missing(m)[0], strings.NewReader(text[5:])); err == nil {
		t.Error("zeros are taken")
	}
	if missing := s.Missing(m); missing[0].Have != 0 {
		t.Errorf("the zeros stay: %v", missing)
	}
	if err := s.Put(Part{Hash: h, Size: int64(len(text)), Have: 1}, strings.NewReader(text[1:])); err == nil {
		t.Error("more is believed to be there than is")
	}
}

// TestACrashWhileATreeIsMade has every state that a crash may leave, each of them once: afterwards the tree is made as a whole.
func TestACrashWhileATreeIsMade(t *testing.T) {
	t.Parallel()
	files := map[string]string{"a": "one", "d/b": "two"}
	for name, crash := range map[string]func(s *Store, m *manifest.Signed) error{
		"before anything":  func(*Store, *manifest.Signed) error { return nil },
		"half a tree":      func(s *Store, m *manifest.Signed) error { return os.MkdirAll(s.Tree(m.ID)+".new/d/more", 0o750) },
		"all but its name": func(s *Store, m *manifest.Signed) error { return rename(s.Build, m, s.Tree(m.ID)+".new") },
		"all":              func(s *Store, m *manifest.Signed) error { _, err := s.Build(m); return err },
		"half removed":     func(s *Store, m *manifest.Signed) error { return rename(s.Build, m, s.Tree(m.ID)+".old") },
		"a list alone":     func(s *Store, m *manifest.Signed) error { return s.KeepManifest(m) },
		"stamps that are cut": func(s *Store, m *manifest.Signed) error {
			return os.WriteFile(filepath.Join(s.dir, "checked"), make([]byte, 77), 0o600)
		},
		"a tree without its list": func(s *Store, m *manifest.Signed) error { s.Build(m); return os.Remove(s.list(m.ID)) },
	} {
		s := open(t)
		old := serve(t, s, &manifest.Signed{}, map[string]string{"a": "old"})
		m := list(t, old, files)
		put(t, s, m, files)
		if err := crash(s, m); err != nil {
			t.Fatal(name, err)
		}
		s, err := Open(s.dir)
		if err != nil {
			t.Fatal(name, err)
		}
		if to, _ := filepath.EvalSymlinks(s.Current()); to != s.Tree(old.ID) || whole(s, old) != nil {
			t.Errorf("%s: what was served is gone", name)
		}
		if missing := s.Missing(&m.Manifest); len(missing) != 0 {
			t.Errorf("%s: %v is missing", name, missing)
		}
		if _, err := s.Build(m); err != nil || whole(s, m) != nil {
			t.Errorf("%s: %v, %v", name, err, whole(s, m))
		}
		if err := s.Switch(m.ID); err != nil {
			t.Error(err)
		}
	}
}

func rename(build func(*manifest.Signed) (string, error), m *manifest.Signed, to string) error {
	dir, err := build(m)
	if err != nil {
		return err
	}
	return os.Rename(dir, to)
}

func TestAManifestThatIsAnother(t *testing.T) {
	t.Parallel()
	s := open(t)
	one, two := list(t, &manifest.Signed{}, map[string]string{"a": "1"}), list(t, &manifest.Signed{}, map[string]string{"a": "2"})
	if _, err := s.Manifest(one.ID); !isGone(err) {
		t.Error(err)
	}
	if err := os.WriteFile(s.list(one.ID), two.Text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Manifest(one.ID); err == nil || !strings.Contains(err.Error(), "this is another generation") {
		t.Error(err)
	}
	if err := os.WriteFile(s.list(one.ID), one.Text[:50], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Manifest(one.ID); err == nil {
		t.Error("half a list is read")
	}
}
