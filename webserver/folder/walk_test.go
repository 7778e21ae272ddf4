package folder

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shown are the files that a walk shows.
func shown(s *Scan, r Rules) (names []string) {
	r.Show = func(name string, info fs.FileInfo) bool {
		names = append(names, name)
		return true
	}
	s.Walk(".", r)
	return names
}

func TestAWalkShowsFilesInOrderAndNothingHidden(t *testing.T) {
	t.Parallel()
	root := newSite(t, "b", "a/2", "a/1", ".git/HEAD", "a/.htpasswd", ".well-known/security.txt", "skip/x", "c", "link -> a/1")
	s := open(t, root)
	var folders []string
	got := shown(s, Rules{
		Skip:  func(name string, entry fs.DirEntry) bool { return entry.IsDir() && name == "skip" },
		Enter: func(name string, _ fs.FileInfo) { folders = append(folders, name) },
	})
	if want := []string{".", ".well-known", "a"}; !slices.Equal(folders, want) {
		t.Errorf("entered %q, want %q", folders, want)
	}
	if want := []string{".well-known/security.txt", "a/1", "a/2", "b", "c", "link"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(s.Problems)+len(s.Notes) > 0 {
		t.Errorf("got %v, %v", s.Problems, s.Notes)
	}
}

func TestLinksAreFollowedWithinTheFolderOnly(t *testing.T) {
	t.Parallel()
	names := []string{"a/x", "alias -> a", "up -> ..", "out -> ../../etc", "whole -> /etc/passwd", "nowhere -> gone", "self -> self", "a/back -> .."}
	for _, test := range []struct {
		follow       bool
		files, notes string
	}{
		{true, "a/x alias/x", `a/back: this symbolic link leads back to a folder that it is in; it is left out
alias/back: this symbolic link leads back to a folder that it is in; it is left out
nowhere: this symbolic link leads nowhere; it is left out
out: this symbolic link leaves the site; it is left out (inside the site, relative ones are followed)
self: this symbolic link leaves the site; it is left out (inside the site, relative ones are followed)
up: this symbolic link leaves the site; it is left out (inside the site, relative ones are followed)
whole: this symbolic link leaves the site; it is left out (inside the site, relative ones are followed)
`},
		{false, "a/x", `a/back: this symbolic link to a folder is left out
alias: this symbolic link to a folder is left out
nowhere: this leads nowhere, or out of the site; it is left out
out: this leads nowhere, or out of the site; it is left out
self: this leads nowhere, or out of the site; it is left out
up: this leads nowhere, or out of the site; it is left out
whole: this leads nowhere, or out of the site; it is left out
`},
	} {
		root := newSite(t, names...)
		s := open(t, root)
		if got := strings.Join(shown(s, Rules{FollowLinks: test.follow}), " "); got != test.files {
			t.Errorf("followed: %v: got %q, want %q", test.follow, got, test.files)
		}
		if got := inside(root, s.Notes); got != test.notes {
			t.Errorf("followed: %v: got\n%swant\n%s", test.follow, got, test.notes)
		}
		if len(s.Problems) > 0 || !s.Seen.Unchanged() {
			t.Errorf("followed: %v: problems %v, seen %v", test.follow, s.Problems, s.Seen)
		}
	}
}

func TestAWalkRemembersWhatIsOfInterest(t *testing.T) {
	t.Parallel()
	root := newSite(t, "a/x.md", "a/y.png", ".git/HEAD", "nowhere -> gone")
	s := open(t, root)
	s.Walk(".", Rules{FollowLinks: true, Show: func(name string, _ fs.FileInfo) bool { return strings.HasSuffix(name, ".md") }})
	var got []string
	for _, path := range slices.Sorted(maps.Keys(s.Seen)) {
		name, _ := filepath.Rel(root, path)
		got = append(got, filepath.ToSlash(name))
	}
	if want := []string{".", "a", "a/x.md", "nowhere"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAFolderOfTooManyFilesIsNotWalkedToItsEnd(t *testing.T) {
	t.Parallel()
	root := newSite(t, "a/1", "a/2", "a/3", "b/4", "b/5", "c/6")
	s := open(t, root)
	names := shown(s, Rules{Room: 5*costOf(s.Full("a/1")) + 1})
	want := ": there are more than 5 files and folders in it, too many for the memory of this machine (is it the right folder?)\n"
	if got := inside(root, s.Problems); got != root+want || len(names) != 3 {
		t.Errorf("got problems %q, and files %q", got, names)
	}
}

func TestAWalkOfNothingIsNoMistake(t *testing.T) {
	t.Parallel()
	s := open(t, newSite(t, "file"))
	for _, name := range []string{"gone", "file"} {
		s.Walk(name, Rules{Show: func(name string, _ fs.FileInfo) bool { t.Errorf("shows %s", name); return true }})
	}
	if len(s.Problems)+len(s.Notes) > 0 {
		t.Errorf("got %v, %v", s.Problems, s.Notes)
	}
}
