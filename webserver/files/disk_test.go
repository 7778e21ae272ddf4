package files

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// fromDisk loads a folder without any memory for its pages.
func (d siteFolder) fromDisk() *Site {
	d.Helper()
	l := Load(Config{Folder: d.path}, nil)
	if l.Value == nil || len(l.Problems) > 0 {
		d.Fatalf("site %v, problems %v", l.Value, l.Problems)
	}
	return l.Value
}

func TestFromDiskAsFromMemory(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "index.html", "app.3f9a1c07.js", "empty.txt")
	d.write("empty.txt", "")
	d.write("large.txt", words(300_000))
	memory, disk := d.load(), d.fromDisk()
	for _, url := range []string{"/", "/app.3f9a1c07.js", "/large.txt", "/empty.txt"} {
		want := get(t, memory, "http://example.org"+url)
		if w := ask(t, disk, "HEAD", "http://example.org"+url); w.Code != 200 || w.Body.Len() > 0 || w.Header().Get("Etag") != "" {
			t.Errorf("HEAD %s: got %d %v", url, w.Code, w.Header())
		}
		first, second := get(t, disk, "http://example.org"+url), get(t, disk, "http://example.org"+url)
		for _, got := range []*httptest.ResponseRecorder{first, second} {
			if got.Code != 200 || got.Body.String() != want.Body.String() {
				t.Errorf("%s: got %d and %d bytes", url, got.Code, got.Body.Len())
			}
			for _, name := range []string{"Content-Type", "Cache-Control", "Last-Modified", "Content-Length", "Accept-Ranges"} {
				if got, want := got.Header().Get(name), want.Header().Get(name); got != want {
					t.Errorf("%s: %s: got %q, want %q", url, name, got, want)
				}
			}
		}
		tag := second.Header().Get("Etag")
		if want := want.Header().Get("Etag"); tag != want && url != "/empty.txt" {
			t.Errorf("%s: got tag %s after a whole reading, want %s", url, tag, want)
		}
		if url == "/empty.txt" {
			continue
		}
		if w := get(t, disk, "http://example.org"+url, "If-None-Match", tag); w.Code != http.StatusNotModified || w.Header().Get("Etag") != tag {
			t.Errorf("%s: with its tag: got %d %v", url, w.Code, w.Header())
		}
		if w := get(t, disk, "http://example.org"+url, "Range", "bytes=2-4"); w.Code != http.StatusPartialContent || w.Body.String() != want.Body.String()[2:5] {
			t.Errorf("%s: a range: got %d %q", url, w.Code, w.Body)
		}
	}
}

// TestAReleaseIsServedToItsEnd: who still asks the site of the last release, as one whose page has just begun to load,
// gets its files.
func TestAReleaseIsServedToItsEnd(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "1/film.mp4", "2/film.mp4")
	d.link("1", "current")
	first := Load(Config{Folder: d.full("current")}, nil).Value
	d.remove("current")
	d.link("2", "current")
	second := Load(Config{Folder: d.full("current")}, first).Value
	for want, s := range map[string]*Site{"this is 1/film.mp4": first, "this is 2/film.mp4": second} {
		if got := get(t, s, "http://example.org/film.mp4").Body.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPartsAloneMakeNoTag(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	d.write("film.mp4", words(100_000))
	s := d.fromDisk()
	for _, part := range []string{"bytes=0-49999", "bytes=50000-", "bytes=0-0,99999-", "bytes=60000-99999"} {
		if w := get(t, s, "http://example.org/film.mp4", "Range", part); w.Code != http.StatusPartialContent || w.Header().Get("Etag") != "" {
			t.Errorf("%s: got %d %v", part, w.Code, w.Header())
		}
	}
	get(t, s, "http://example.org/film.mp4", "Range", "bytes=0-")
	if s.files["film.mp4"].disk.tag.Load() == nil {
		t.Error("no tag although all of it was read")
	}
}

func TestTooManyRangesAreIgnored(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	d.write("film.mp4", words(100_000))
	s := d.fromDisk()
	var ranges []string
	for i := range 2000 {
		ranges = append(ranges, fmt.Sprintf("%d-%d", 2*i, 2*i))
	}
	if w := get(t, s, "http://example.org/film.mp4", "Range", "bytes="+strings.Join(ranges, ",")); w.Code != http.StatusOK || w.Body.Len() != 100_000 {
		t.Errorf("2000 ranges: got %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := get(t, s, "http://example.org/film.mp4", "Range", "bytes="+strings.Join(ranges[:8], ",")); w.Code != http.StatusPartialContent {
		t.Errorf("8 ranges: got %d", w.Code)
	}
}

// TestRangesThatAreNoneAreIgnored as those of pages in memory are: of HEAD, of another unit, of no meaning (RFC 9110, 14.2).
func TestRangesThatAreNoneAreIgnored(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	d.write("film.mp4", words(100_000))
	s := d.fromDisk()
	for _, test := range []struct {
		method, field string
		status        int
	}{
		{"GET", "bytes=0-9", 206}, {"GET", "Bytes=0-9, 20-", 206}, {"GET", "bytes=100000-", 416}, {"HEAD", "bytes=0-9", 200}, {"HEAD", "bytes=100000-", 200},
		{"GET", "lines=0-9", 200}, {"GET", "bytes", 200}, {"GET", "bytes=", 200}, {"GET", "bytes=9-0", 200}, {"GET", "bytes=a-b", 200}, {"GET", "bytes=0-99999,0-99999", 200},
	} {
		w := ask(t, s, test.method, "http://example.org/film.mp4", "Range", test.field)
		if w.Code != test.status || w.Code == 200 && w.Header().Get("Content-Length") != "100000" || w.Code == 416 && w.Header().Get("Content-Range") != "bytes */100000" {
			t.Errorf("%s %q: got %d %v, want %d", test.method, test.field, w.Code, w.Header(), test.status)
		}
	}
}

// TestAFileThatChangedSinceIsNotKept: between a change and the next reading of the folder, a file on disk is another
// than the index says.
func TestAFileThatChangedSinceIsNotKept(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "a.txt", "404.html")
	l := Load(Config{Folder: d.path, Memory: 0}, nil)
	get(t, l.Value, "http://example.org/a.txt") // so that its tag is known
	d.write("a.txt", "this is a newer one")
	w := get(t, l.Value, "http://example.org/a.txt")
	if w.Body.String() != "this is a newer one" || w.Header().Get("Etag") != "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("changed: got %q %v", w.Body, w.Header())
	}
	again := Load(Config{Folder: d.path}, l.Value).Value
	if again.files["a.txt"].disk.tag.Load() != nil {
		t.Error("the new file has the old one's tag")
	}
	get(t, again, "http://example.org/a.txt")
	once := *again.files["a.txt"].disk.tag.Load()
	if more := Load(Config{Folder: d.path}, again).Value.files["a.txt"].disk.tag.Load(); more == nil || *more != once {
		t.Error("an unchanged file has lost its tag")
	}

	d.remove("a.txt")
	if w := get(t, l.Value, "http://example.org/a.txt"); w.Code != http.StatusNotFound {
		t.Errorf("removed: got %d", w.Code)
	}
	secret := filepath.Join(filepath.Dir(d.path), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{secret, "../secret"} {
		d.link(to, "a.txt")
		if w := get(t, l.Value, "http://example.org/a.txt"); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("replaced by a link to %s: got %d %q", to, w.Code, w.Body)
		}
		d.remove("a.txt")
	}
	d.mkdir("a.txt")
	if w := ask(t, l.Value, "HEAD", "http://example.org/a.txt"); w.Code != http.StatusNotFound || w.Body.Len() > 0 {
		t.Errorf("replaced by a folder: got %d %q", w.Code, w.Body)
	}
}

// TestAFileThatChangesWhileItIsReadGetsNoTag reads half of it before, half after the change.
func TestAFileThatChangesWhileItIsReadGetsNoTag(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	d.write("film.mp4", words(100_000))
	s := d.fromDisk()
	disk := s.files["film.mp4"].disk
	in, err := s.folder.Open("film.mp4")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	content := disk.tagged(in)
	if _, err := io.CopyN(io.Discard, content, 50_000); err != nil {
		t.Fatal(err)
	}
	d.write("film.mp4", strings.ToUpper(words(100_000)))
	d.date("film.mp4", time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC))
	if n, err := io.Copy(io.Discard, content); n != 50_000 || err != nil {
		t.Fatal(n, err)
	}
	if tag := disk.tag.Load(); tag != nil {
		t.Errorf("got %s", *tag)
	}
}

// It counts what is allocated, and so runs alone.
func TestAFileLargerThanMemory(t *testing.T) {
	const size = 1 << 36
	d := newFolder(t, "disk.img")
	if err := os.Truncate(d.full("disk.img"), size); err != nil { // all hole
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s := d.load()
	w := get(t, s, "http://example.org/disk.img", "Range", "bytes=-3")
	runtime.ReadMemStats(&after)
	if w.Code != http.StatusPartialContent || w.Body.String() != "\x00\x00\x00" || w.Header().Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", size-3, size-1, size) {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("took %d bytes of memory", used)
	}
}

func TestManyReadersAtATime(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	content := words(300_000)
	d.write("film.mp4", content)
	server := httptest.NewServer(d.fromDisk().urls["/film.mp4"].file.disk)
	defer server.Close()
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for range 5 {
				response, err := server.Client().Get(server.URL)
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil || string(body) != content {
					t.Errorf("got %d bytes, %v", len(body), err)
				}
			}
		})
	}
	readers.Wait()
}
