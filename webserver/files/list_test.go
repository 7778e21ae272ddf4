package files

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tinycdn/zones/diag"
)

func TestLinksThatLeaveTheSiteAreLeftOut(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "index.html", "real/page.html", ".data/hidden.html")
	outside := filepath.Join(filepath.Dir(d.path), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	d.link("../secret", "up.txt")
	d.link("real/../../secret", "real2.txt")
	d.link(outside, "absolute.txt")
	d.link(d.full("index.html"), "absolute-inside.txt")
	d.link("/", "machine")
	d.link("..", "parent")
	d.link("gone", "nowhere.html")
	d.link("self", "self")
	d.link(".", "round")
	d.link("..", "real/back")
	d.link("real", "alias")
	d.link("../real/page.html", "sub/same.html")
	d.link(".data/hidden.html", "shown.html")
	l := Load(Config{Folder: d.path, Memory: 1 << 20}, nil)
	if l.Value == nil || len(l.Problems) > 0 {
		t.Fatalf("problems %v", l.Problems)
	}
	const leaves = ": this symbolic link leaves the site; it is left out (inside the site, relative ones are followed)\n"
	const back = ": this symbolic link leads back to a folder that it is in; it is left out\n"
	want := "absolute-inside.txt" + leaves + "absolute.txt" + leaves + "alias/back" + back + "machine" + leaves +
		"nowhere.html: this symbolic link leads nowhere; it is left out\n" + "parent" + leaves + "real/back" + back +
		"real2.txt" + leaves + "round" + back + "self" + leaves + "up.txt" + leaves
	if got := d.inside(l.Notes); got != want {
		t.Errorf("got notes\n%swant\n%s", got, want)
	}
	for url, want := range map[string]string{
		"/alias/page": "this is real/page.html", "/sub/same": "this is real/page.html", "/shown": "this is .data/hidden.html",
	} {
		if got := get(t, l.Value, "http://example.org"+url).Body.String(); got != want {
			t.Errorf("%s: got %q", url, got)
		}
	}
	for path := range l.Value.urls {
		if w := get(t, l.Value, "http://example.org"+escaped(path)); strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
}

func TestAllThatWasLookedAtIsNamed(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "releases/12/index.html", "releases/12/index.html.gz", "releases/12/sub/x.css", "releases/12/.git/HEAD")
	d.link("releases/12", "current")
	l := Load(Config{Folder: d.full("current"), Memory: 1 << 20}, nil)
	got := paths(l.Files, d.path)
	want := []string{"current", "releases/12", "releases/12/index.html", "releases/12/index.html.gz", "releases/12/sub", "releases/12/sub/x.css"}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for path, info := range l.Files {
		now, err := os.Stat(path)
		if err != nil || !diag.SameFile(info, now) {
			t.Errorf("%s: was %v, is %v (%v)", path, info, now, err)
		}
	}
}

func TestFilesCanBeLeft(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "post/index.md", "post/photo.jpg")
	l := Load(Config{Folder: d.path, Memory: 1 << 20, Leave: func(path string) bool { return strings.HasSuffix(path, ".md") }}, nil)
	if s := l.Value; s.Pages() != 1 || !s.Has("/post/photo.jpg") || s.Has("/post/index.md") {
		t.Errorf("got %v", s.urls)
	}
}
