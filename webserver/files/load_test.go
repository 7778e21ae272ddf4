package files

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

func TestNothingToServe(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "file", "hidden/.htpasswd")
	d.mkdir("empty")
	for _, test := range []struct {
		folder, want string
		asPart       bool // as a part of another site it is well
	}{
		{"gone", "gone: the site's folder cannot be read: no such file or directory\n", true},
		{"file", "file: the site's folder cannot be read: not a directory\n", false},
		{"empty", "empty: no files are in this folder (was the site built?)\n", true},
		{"hidden", "hidden: no files are in this folder (was the site built?)\n", true},
	} {
		l := Load(Config{Folder: d.full(test.folder)}, nil)
		if got := d.inside(l.Problems); l.Value != nil || got != test.want {
			t.Errorf("%s: got %v, %q", test.folder, l.Value, got)
		}
		if _, ok := l.Files[d.full(test.folder)]; !ok {
			t.Errorf("%s: not named among what was looked at: %v", test.folder, l.Files)
		}
		part := Load(Config{Folder: d.full(test.folder), Part: true}, nil)
		if part.Value == nil || (len(part.Problems) == 0) != test.asPart {
			t.Errorf("%s: as a part: got %v, %v", test.folder, part.Value, part.Problems)
		} else if part.Value.Has("/") || part.Value.Pages() != 0 || get(t, part.Value, "/x").Code != 404 {
			t.Errorf("%s: as a part: it has pages", test.folder)
		}
	}
}

func TestASiteThatIsTakenAwayStays(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "site/index.html")
	last := Load(Config{Folder: d.full("site"), Memory: 1 << 20}, nil).Value
	d.remove("site")
	if l := Load(Config{Folder: d.full("site"), Memory: 1 << 20}, last); l.Value != nil || len(l.Problems) != 1 {
		t.Errorf("gone: got %v %v", l.Value, l.Problems)
	}
	d.mkdir("site")
	if l := Load(Config{Folder: d.full("site"), Memory: 1 << 20}, last); l.Value != nil || len(l.Problems) != 1 {
		t.Errorf("empty: got %v %v", l.Value, l.Problems)
	}
	if w := get(t, last, "http://example.org/"); w.Body.String() != "this is site/index.html" {
		t.Errorf("the last one: got %d %q", w.Code, w.Body)
	}
	if err := last.Health(); err != nil {
		t.Error(err)
	}
}

func TestADeployKeepsThePagesThatAreTheSame(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	for _, release := range []string{"1", "2"} {
		d.write(release+"/same.html", words(5000))
		d.write(release+"/404.html", words(5000))
		d.write(release+"/new.html", "release "+release)
	}
	d.write("1/gone.html", "x")
	d.write("2/come.html", "x")
	d.date("2/same.html", time.Now())
	d.link("1", "current")
	config := Config{Folder: d.full("current"), Memory: 1 << 20}
	first := Load(config, nil)
	first.Value.files["same.html"].page.Pack()

	d.remove("current")
	d.link("2", "current")
	if now, _ := os.Stat(d.full("current")); diag.SameFile(now, first.Files[d.full("current")]) {
		t.Error("the switch cannot be seen")
	}
	second := Load(config, first.Value).Value
	if first.Value.files["404.html"].page != second.files["404.html"].page {
		t.Error("404.html was packed anew")
	}
	if was, is := first.Value.files["same.html"].page, second.files["same.html"].page; is == was || !is.Packed() || &was.Body()[0] != &is.Body()[0] {
		t.Error("a page that was touched was packed anew, or has the time of before")
	}
	if first.Value.Error(404) != second.Error(404) {
		t.Error("the page for what is not there was packed anew")
	}
	if got := get(t, second, "http://example.org/new").Body.String(); got != "release 2" {
		t.Errorf("new: got %q", got)
	}
	if got := get(t, first.Value, "http://example.org/new").Body.String(); got != "release 1" {
		t.Errorf("the first release says %q", got)
	}
	if second.Has("/gone") || !second.Has("/come") {
		t.Error("the second release has the files of the first")
	}
	config.Rules = []page.Rule{{Pattern: "*", Value: "no-cache"}}
	if got := get(t, Load(config, second).Value, "http://example.org/same").Header().Get("Cache-Control"); got != "no-cache" {
		t.Errorf("with another rule: got %q", got)
	}
}

func TestUnchangedFilesAreNotRead(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "a.html")
	first := d.load()
	second := Load(Config{Folder: d.path, Memory: 1 << 20}, first).Value
	if first.files["a.html"].page != second.files["a.html"].page {
		t.Error("a.html was packed anew")
	}
}

// TestAFileThatChangesWhileItIsLoaded is changed between being found and being read.
func TestAFileThatChangesWhileItIsLoaded(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(d siteFolder){
		"grows":   func(d siteFolder) { d.write("a.html", "this is a.html and more") },
		"shrinks": func(d siteFolder) { d.write("a.html", "") },
		"moves on": func(d siteFolder) {
			d.write("a.html", "THIS IS a.html")
			d.date("a.html", time.Now())
		},
		"is replaced": func(d siteFolder) {
			d.write("new", "THIS IS a.html")
			os.Rename(d.full("new"), d.full("a.html"))
		},
		"goes": func(d siteFolder) { d.remove("a.html") },
	} {
		d := newFolder(t, "a.html", "b.html")
		last := d.load()
		d.date("a.html", time.Now().Add(time.Hour)) // so that it is read again
		config := Config{Folder: d.path, Memory: 1 << 20, Leave: func(path string) bool {
			if path == "b.html" {
				change(d)
			}
			return false
		}}
		l := Load(config, last)
		if got := d.inside(l.Problems); l.Value != nil || !strings.HasPrefix(got, "a.html: cannot be read: ") {
			t.Errorf("%s: got site %v, problems %q", what, l.Value, got)
		}
		now, _ := os.Stat(d.full("a.html"))
		if then := l.Files[d.full("a.html")]; now != nil && diag.SameFile(now, then) {
			t.Errorf("%s: nothing tells that it has to be read again", what)
		}
		d.write("a.html", "this is a.html")
		alone := Load(config, nil)
		if len(alone.Problems) != 1 || alone.Value == nil || alone.Value.Has("/a") || !alone.Value.Has("/b") {
			t.Errorf("%s, at a start: got problems %v", what, alone.Problems)
		}
	}
}

func TestMemoryIsKeptTo(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	for i := range 100 {
		d.write(fmt.Sprintf("p%02d.html", i), words(1000+i))
	}
	d.write("404.html", words(3000))
	const memory = 50 * (2*1100 + 1500)
	l := Load(Config{Folder: d.path, Memory: memory}, nil)
	inMemory, used := 0, int64(0)
	for _, f := range l.Value.files {
		if f.page != nil {
			inMemory++
			used += f.page.Bytes()
		}
		if w := get(t, l.Value, "http://example.org/"+f.name); w.Code != 200 || int64(w.Body.Len()) != f.info.Size() {
			t.Errorf("%s: got %d and %d bytes", f.name, w.Code, w.Body.Len())
		}
	}
	if used > memory || used < memory*9/10 {
		t.Errorf("%d pages take %d bytes of %d", inMemory, used, memory)
	}
	if l.Value.files["p00.html"].page == nil || l.Value.files["p99.html"].page != nil || l.Value.Error(404) == nil {
		t.Error("it is not the smallest and the pages of errors that are in memory")
	}
	want := d.path + ": memory is full: the largest files are read from disk each time (web.cache_bytes gives more)\n"
	if got := d.inside(l.Notes); got != want || l.Value.FromDisk() != 101-inMemory {
		t.Errorf("got notes %q, want %q, and %d from disk", got, want, l.Value.FromDisk())
	}
}

func TestWhatIsLargeIsReadFromDisk(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	d.write("film.mp4", words(largest+1))
	d.write("short.mp4", words(largest))
	d.write("data.json", words(largest+1))
	d.write("more.json", words(largestText+1))
	files := d.load().files
	for name, want := range map[string]bool{"film.mp4": false, "short.mp4": true, "data.json": true, "more.json": false} {
		if f := files[name]; (f.page != nil) != want {
			t.Errorf("%s: in memory: %v", name, f.page != nil)
		}
	}
}

// What was wrong before does not keep the next deploy from being served, in whatever folder its release lies.
func TestOnlyANewFaultRefusesADeploy(t *testing.T) {
	t.Parallel()
	const key = "-----BEGIN PRIVATE KEY-----\n"
	d := newFolder(t, "1/index.html", "2/index.html", "3/index.html")
	for _, name := range []string{"1/a.pem", "2/a.pem", "3/a.pem", "3/b.pem"} {
		d.write(name, key)
	}
	var last *Site
	for _, release := range []string{"1", "2"} {
		d.link(release, "current")
		l := Load(Config{Folder: d.full("current"), Memory: 1 << 20}, last)
		if l.Value == nil || len(l.Problems) != 1 || l.Value.Has("/a.pem") {
			t.Fatalf("release %s: got %v, %v", release, l.Value, l.Problems)
		}
		if got := get(t, l.Value, "http://example.org/").Body.String(); got != "this is "+release+"/index.html" {
			t.Errorf("release %s: got %q", release, got)
		}
		last = l.Value
		d.remove("current")
	}
	if l := Load(Config{Folder: d.full("3"), Memory: 1 << 20}, last); l.Value != nil || len(l.Problems) != 2 || !strings.HasSuffix(l.Problems[0].File, "b.pem") {
		t.Errorf("with one more key: got %v, %v", l.Value, l.Problems)
	}
}

func TestASiteHasAsManyFilesAsMemoryIsFor(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	for i := range 100 {
		d.write(fmt.Sprintf("p%02d.html", i), "x")
	}
	if l := Load(Config{Folder: d.path, Memory: 1 << 20, Listing: 50 << 10}, nil); len(l.Problems) != 1 || !strings.Contains(l.Problems[0].Text, "too many for the memory of this machine") {
		t.Errorf("got %v", l.Problems)
	}
	if l := Load(Config{Folder: d.path, Memory: 1 << 20, Listing: 200 << 10}, nil); len(l.Problems) != 0 || l.Value.Pages() != 100 {
		t.Errorf("with room for all: got %v", l.Problems)
	}
}
