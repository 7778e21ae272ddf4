package protocol

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

const (
	releases = 6  // that take each other's place
	articles = 40 // in each
)

// releaseMark says of which release a page is. Each page says so many times.
var releaseMark = regexp.MustCompile(`release-(\d+);`)

// writeRelease writes a whole site, file by file and each in place of the one before, as rsync does it: for Markdown, with
// a template and its style, or finished.
func writeRelease(folder string, number int, markdown bool) error {
	mark := fmt.Sprintf("release-%d;\n", number)
	files := map[string]string{"index.html": "", "assets/app.css": ""}
	for i := range articles {
		files[fmt.Sprintf("p/%d/index.html", i)] = ""
	}
	for name := range files {
		files[name] = strings.Repeat(mark, 500)
	}
	if markdown {
		files = map[string]string{"static/app.css": strings.Repeat(mark, 500), "templates/page.html": mark + "{{ .Page.Content }}" + mark}
		for i := range articles {
			files[fmt.Sprintf("content/p/%d.md", i)] = "+++\ntitle = \"An article\"\n+++\n" + strings.Repeat(mark, 300)
		}
	}
	for name, text := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		beside := path + ".new~"
		if err := os.WriteFile(beside, []byte(text), 0o644); err != nil {
			return err
		}
		if err := os.Rename(beside, path); err != nil {
			return err
		}
		time.Sleep(testkit.Pace) // or it would all be over at once
	}
	return nil
}

// switchRelease makes current lead to another folder, in one step.
func switchRelease(folder string, number int) error {
	if err := writeRelease(filepath.Join(folder, fmt.Sprintf("release-%d", number)), number, false); err != nil {
		return err
	}
	beside := filepath.Join(folder, "current.new")
	if err := os.Symlink(fmt.Sprintf("release-%d", number), beside); err != nil {
		return err
	}
	return os.Rename(beside, filepath.Join(folder, "current"))
}

// readers fetch the pages of a host without end, and hold each to what a release promises.
type readers struct {
	host  string
	paths []string
	seen  atomic.Int64 // the newest release that anybody has got
	pages atomic.Int64 // fetched
}

// read fetches pages until stop is closed.
func (r *readers) read(visitor *http.Client, scheme string, n int, stop <-chan struct{}) error {
	for ; ; n++ {
		select {
		case <-stop:
			return nil
		case <-time.After(testkit.Pace):
		}
		path := r.paths[n%len(r.paths)]
		before := r.seen.Load()
		response, body, err := testkit.Fetch(visitor, http.MethodGet, scheme+"://"+r.host+path, nil, nil)
		if err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s%s: %s\n%s", r.host, path, response.Status, body)
		}
		number, err := releaseOf(body)
		if err != nil {
			return fmt.Errorf("%s%s: %w", r.host, path, err)
		}
		if number < before {
			return fmt.Errorf("%s%s: release %d after somebody had got release %d", r.host, path, number, before)
		}
		for newest := before; number > newest && !r.seen.CompareAndSwap(newest, number); newest = r.seen.Load() {
		}
		r.pages.Add(1)
	}
}

// releaseOf gives the one release that a page is of.
func releaseOf(body []byte) (number int64, err error) {
	marks := releaseMark.FindAllSubmatch(body, -1)
	if len(marks) < 300 {
		return 0, fmt.Errorf("there are only %d marks in %d bytes", len(marks), len(body))
	}
	for _, mark := range marks {
		if string(mark[1]) != string(marks[0][1]) {
			return 0, errors.New("the page is of release " + string(mark[1]) + " and of release " + string(marks[0][1]))
		}
	}
	return strconv.ParseInt(string(marks[0][1]), 10, 64)
}

// TestDeployUnderLoadIsSeenWholeOrNotAtAll replaces three sites several times while visitors read them: one of Markdown
// and a finished one file by file, and a finished one by a symbolic link. Nobody gets an error, half a page, a page of two
// releases, or an older page than somebody got before.
func TestDeployUnderLoadIsSeenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, strings.NewReplacer("[sites.\"app.example\"]\norigin = \"http://127.0.0.1:$APP\"", "[sites.\"app.example\"]\nroot = \"current\"").Replace(testkit.Sites))
	deploys := []struct {
		readers
		deploy func(number int) error
	}{
		{readers{host: "example.org", paths: []string{"/", "/assets/app.css", "/p/1/", "/p/20/", "/p/39/"}}, func(n int) error {
			return writeRelease(filepath.Join(h.Folder, "public"), n, false)
		}},
		{readers{host: "pages.example", paths: []string{"/app.css", "/p/1/", "/p/20/", "/p/39/"}}, func(n int) error {
			return writeRelease(filepath.Join(h.Folder, "pages"), n, true)
		}},
		{readers{host: "app.example", paths: []string{"/", "/assets/app.css", "/p/1/", "/p/20/", "/p/39/"}}, func(n int) error {
			return switchRelease(h.Folder, n)
		}},
	}
	for i := range deploys {
		if err := deploys[i].deploy(1); err != nil {
			t.Fatal(err)
		}
	}
	h.StartWeb(t)

	stop := make(chan struct{})
	var reading, deploying sync.WaitGroup
	for i := range deploys {
		d := &deploys[i]
		for n, protocol := range testkit.Protocols {
			visitor, scheme := h.Visitor(t, protocol), "https"
			if protocol == "http1.1" {
				scheme = "http"
			}
			reading.Go(func() {
				if err := d.read(visitor, scheme, n, stop); err != nil {
					t.Errorf("over %s: %v", protocol, err)
				}
			})
		}
		deploying.Go(func() {
			for number := 2; number <= releases; number++ {
				if err := d.deploy(number); err != nil {
					t.Error(err)
					return
				}
				// Some pages of each are read before the next one comes.
				for end := time.Now().Add(testkit.Patience); d.seen.Load() < int64(number) || d.pages.Load() < int64(30*number); time.Sleep(testkit.Pace) {
					if time.Now().After(end) || t.Failed() {
						t.Errorf("%s: release %d is not seen, but %d, in %d pages", d.host, number, d.seen.Load(), d.pages.Load())
						return
					}
				}
			}
		})
	}
	deploying.Wait()
	close(stop)
	reading.Wait()
}
