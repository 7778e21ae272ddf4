package folder

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tinycdn/zones/diag"
)

// newSite makes a folder of files, whose text is their name, and of symbolic links, which are written "name -> target".
func newSite(t *testing.T, names ...string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "site")
	for _, name := range names {
		name, target, linked := strings.Cut(name, " -> ")
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		err := error(nil)
		if linked {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(name), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// open opens a folder that is there.
func open(t *testing.T, path string) *Scan {
	t.Helper()
	s, problem := Open(path)
	if problem != nil {
		t.Fatal(problem)
	}
	t.Cleanup(s.Close)
	return s
}

// inside writes problems one a line, with paths from the folder.
func inside(root string, problems []diag.Problem) string {
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(strings.ReplaceAll(p.String(), root+string(filepath.Separator), "") + "\n")
	}
	return b.String()
}

func TestAFolderThatCannotBeReadTellsWhatWasThere(t *testing.T) {
	t.Parallel()
	root := newSite(t, "file", "dangling -> gone")
	for name, want := range map[string]struct {
		reason string
		there  bool
	}{
		"gone": {"no such file or directory", false}, "dangling": {"no such file or directory", false}, "file": {"not a directory", true},
	} {
		path := filepath.Join(root, name)
		s, problem := Open(path)
		if problem == nil || problem.String() != path+": the site's folder cannot be read: "+want.reason {
			t.Errorf("%s: got %v", name, problem)
		}
		if info, looked := s.Seen[path]; !looked || (info != nil) != want.there || len(s.Seen) != 1 {
			t.Errorf("%s: saw %v", name, s.Seen)
		}
	}
}

func TestTheFolderMayBeALinkAndStaysWhatItLedTo(t *testing.T) {
	t.Parallel()
	root := newSite(t, "1/a", "2/a", "current -> 1")
	current := filepath.Join(root, "current")
	s := open(t, current)
	if err := os.Remove(current); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("2", current); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Read("a", s.Stat("a")); string(got) != "1/a" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if got, want := s.Full("a"), filepath.Join(root, "1", "a"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if s.Seen.Unchanged() {
		t.Error("the switch cannot be seen")
	}
}

func TestNoNameLeadsOut(t *testing.T) {
	t.Parallel()
	root := newSite(t, "site/in", "secret", "site/link -> ../secret", "site/folder -> ..", "site/whole -> /etc/passwd")
	s := open(t, filepath.Join(root, "site"))
	for _, name := range []string{"../secret", "link", "folder/secret", "whole", "/etc/passwd"} {
		if in, err := s.Open(name); err == nil {
			in.Close()
			t.Errorf("%s can be opened", name)
		}
		if info := s.Stat(name); info != nil {
			t.Errorf("%s is seen: %v", name, info)
		}
	}
	if !s.Seen.Unchanged() {
		t.Errorf("what lies outside would look as if it had changed for ever: %v", s.Seen)
	}
}

func TestTheEmptyFolderHasNoFiles(t *testing.T) {
	t.Parallel()
	if _, err := (Folder{}).Open("a"); !os.IsNotExist(err) {
		t.Errorf("got %v", err)
	}
}

func TestOnlyTheFileThatWasFoundIsRead(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(path string) error{
		"grows":       func(path string) error { return os.WriteFile(path, []byte("a and more"), 0o644) },
		"shrinks":     func(path string) error { return os.Truncate(path, 0) },
		"is touched":  func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(1, 0)) },
		"is replaced": func(path string) error { return os.Rename(path+"2", path) },
	} {
		root := newSite(t, "a", "a2")
		s := open(t, root)
		found := s.Stat("a")
		if got, err := s.Read("a", found); string(got) != "a" || err != nil {
			t.Errorf("as it was: got %q, %v", got, err)
		}
		if err := change(filepath.Join(root, "a")); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Read("a", found); got != nil || err != errChanged {
			t.Errorf("%s: got %q, %v", what, got, err)
		}
		if s.Seen.Unchanged() {
			t.Errorf("%s: nothing tells that it has to be read again", what)
		}
	}
}

func TestWhatIsNotThereIsRememberedToo(t *testing.T) {
	t.Parallel()
	s := open(t, newSite(t, "a"))
	if info := s.Stat("b"); info != nil {
		t.Errorf("got %v", info)
	}
	if info, looked := s.Seen[s.Full("b")]; info != nil || !looked {
		t.Errorf("nobody would see it come: %v", s.Seen)
	}
}
