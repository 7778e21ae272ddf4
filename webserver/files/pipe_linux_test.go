package files

import (
	"net/http"
	"syscall"
	"testing"
)

func (d siteFolder) pipe(name string) {
	d.Helper()
	if err := syscall.Mkfifo(d.full(name), 0o644); err != nil {
		d.Fatal(err)
	}
}

func TestWhatIsNoFileIsLeftOut(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "index.html")
	d.pipe("pipe.html")
	l := Load(Config{Folder: d.path, Memory: 1 << 20}, nil)
	if got, want := d.inside(l.Notes), "pipe.html: this is no regular file; it is left out\n"; got != want || l.Value.Has("/pipe") {
		t.Errorf("got notes %q", got)
	}
}

// TestAPipeInAFilesPlaceHoldsNobody would not end if opening it waited for a writer.
func TestAPipeInAFilesPlaceHoldsNobody(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "film.mp4")
	s := d.fromDisk()
	d.remove("film.mp4")
	d.pipe("film.mp4")
	if w := get(t, s, "http://example.org/film.mp4"); w.Code != http.StatusNotFound {
		t.Errorf("got %d", w.Code)
	}
	if l := Load(Config{Folder: d.path, Memory: 1 << 20, Leave: func(string) bool { return false }}, nil); l.Value != nil {
		t.Errorf("a folder of a pipe alone is a site of %d pages", l.Value.Pages())
	}
}
