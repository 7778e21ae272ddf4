package files

import (
	"net/http"
	"testing"
	"time"
)

// What a POP says of a file is what one says that has just been started, whatever was there before.
func TestTimesOfFiles(t *testing.T) {
	t.Parallel()
	past, epoch, future := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC), time.Unix(0, 0), time.Now().Add(time.Hour)
	const told = "Mon, 06 May 2024 07:08:09 GMT"
	for _, memory := range []int64{0, 1 << 20} {
		d := newFolder(t, "index.html")
		var last *Site
		for _, test := range []struct {
			mtime time.Time
			want  string
		}{{past, told}, {future, ""}, {past, told}, {epoch, ""}, {past.AddDate(0, 0, 1), "Tue, 07 May 2024 07:08:09 GMT"}, {past, told}} {
			d.date("index.html", test.mtime)
			last = Load(Config{Folder: d.path, Memory: memory}, last).Value
			get(t, last, "http://example.org/") // from disk: now the tag is known
			for _, fresh := range []*Site{last, Load(Config{Folder: d.path, Memory: memory}, nil).Value} {
				if got := get(t, fresh, "http://example.org/").Header().Get("Last-Modified"); got != test.want {
					t.Errorf("with %d bytes of memory, %v: got %q, want %q", memory, test.mtime, got, test.want)
				}
			}
		}
		// Which the server asks pages in memory.
		for since, want := range map[string]int{
			told: http.StatusNotModified, "Tue, 07 May 2024 07:08:09 GMT": http.StatusOK, "Sun, 05 May 2024 07:08:09 GMT": http.StatusOK,
			"Fri, 31 Dec 2100 23:59:59 GMT": http.StatusOK, "yesterday": http.StatusOK,
		} {
			if p := last.files["index.html"].page; p != nil {
				at, _ := http.ParseTime(since)
				if p.UnchangedSince(at) != (want == http.StatusNotModified) {
					t.Errorf("in memory, since %s: want %d", since, want)
				}
			} else if w := get(t, last, "http://example.org/", "If-Modified-Since", since); w.Code != want {
				t.Errorf("from disk, since %s: got %d, want %d", since, w.Code, want)
			}
		}
	}
}
