package files

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tinycdn/webserver/page"
)

// earlierOf are all files of a folder as those of a site that is gone.
func (d siteFolder) earlierOf(names ...string) (list []Earlier) {
	for _, name := range names {
		list = append(list, Earlier{Name: name, Folder: d.path, Until: time.Now().Add(time.Hour)})
	}
	return list
}

const aHash = "3f9a1c07"

func TestWhatADeployTookAwayIsServedIfItHasAHash(t *testing.T) {
	t.Parallel()
	old := newFolder(t, "app."+aHash+".js", "app.js", "page."+aHash+".html", "a/style-"+aHash+".css", ".git/x."+aHash+".js", "stays."+aHash+".js", "forced."+aHash+".js", "late."+aHash+".js", "left."+aHash+".js")
	old.write("film."+aHash+".mp4", words(2*largest))
	old.write("key."+aHash+".pem", "-----BEGIN PRIVATE KEY-----\n")
	was := old.earlierOf("app."+aHash+".js", "app.js", "page."+aHash+".html", "a/style-"+aHash+".css", ".git/x."+aHash+".js", "stays."+aHash+".js", "forced."+aHash+".js", "late."+aHash+".js", "left."+aHash+".js",
		"film."+aHash+".mp4", "key."+aHash+".pem", "gone."+aHash+".js")
	was[7].Until = time.Now()
	d := newFolder(t, "index.html")
	d.write("stays."+aHash+".js", "the new one")
	d.write("_redirects", "/forced.* /index.html 200!\n/forced."+aHash+".js /index.html 200!\n/* /index.html 200\n")
	d.write("_headers", "/a/*\n  Access-Control-Allow-Origin: *\n")
	c := Config{Folder: d.path, Memory: 8 << 20}
	c.Earlier, c.HostFiles, c.Leave = was, true, func(name string) bool { return name == "left."+aHash+".js" }
	s := Load(c, nil).Value
	const year, app = "public, max-age=31536000, immutable", "this is index.html"
	for _, test := range []struct{ path, want, cache string }{
		{"/app." + aHash + ".js", "this is app." + aHash + ".js", year},
		{"/a/style-" + aHash + ".css", "this is a/style-" + aHash + ".css", year},
		{"/film." + aHash + ".mp4", words(2 * largest), year},
		{"/stays." + aHash + ".js", "the new one", year},
		{"/app.js", app, ""},
		{"/page." + aHash + ".html", app, ""},
		{"/.git/x." + aHash + ".js", app, ""},
		{"/forced." + aHash + ".js", app, ""},
		{"/late." + aHash + ".js", app, ""},
		{"/left." + aHash + ".js", app, ""},
		{"/key." + aHash + ".pem", app, ""},
		{"/gone." + aHash + ".js", app, ""},
	} {
		w := get(t, s, "http://example.org"+test.path)
		if got := w.Header().Get("Cache-Control"); w.Code != 200 || w.Body.String() != test.want || test.cache != "" && got != test.cache {
			t.Errorf("%s: %d %.40q %s, want %.40q %s", test.path, w.Code, w.Body, got, test.want, test.cache)
		}
	}
	if s.Has("/app."+aHash+".js") || s.Pages() != 2 {
		t.Errorf("it counts as the site's own: %d pages", s.Pages())
	}
	q := page.RequestOf(httptest.NewRequest("GET", "http://example.org/a/style-"+aHash+".css", nil))
	if a := s.Answer(&q); a.Overlay == nil || len(a.Overlay.Fields) != 1 {
		t.Errorf("its header has none of the site's fields: %+v", a.Overlay)
	}
	q = page.RequestOf(httptest.NewRequest(http.MethodPost, "http://example.org/app."+aHash+".js", nil))
	if a := s.Answer(&q); a.Page.Status != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", a.Page.Status)
	}
}

// TestWhatADeployTookAwayCostsLittle: its page is the one that it was, or it is read from disk where memory is full.
func TestWhatADeployTookAwayCostsLittle(t *testing.T) {
	t.Parallel()
	old := newFolder(t, "index.html", "app."+aHash+".js")
	first := old.load()
	d := newFolder(t, "index.html")
	c := Config{Folder: d.path, Memory: 8 << 20}
	c.Earlier = old.earlierOf("app." + aHash + ".js")
	second := Load(c, first).Value
	third := Load(c, second).Value
	for i, s := range []*Site{second, third} {
		if f := s.earlier["/app."+aHash+".js"]; f == nil || f.page == nil || f.page != first.files["app."+aHash+".js"].page {
			t.Errorf("%d: it was read again: %+v", i, f)
		}
	}
	c.Earlier, c.Memory = nil, 10_000
	for i := range 20 {
		name := fmt.Sprintf("a%d.%s.js", i, aHash)
		old.write(name, words(1000))
		c.Earlier = append(c.Earlier, old.earlierOf(name)...)
	}
	s := Load(c, nil).Value
	var memory int64
	for path, f := range s.earlier {
		if f.page != nil {
			memory += f.page.Bytes()
		}
		if w := get(t, s, "http://example.org"+path); w.Body.String() != words(1000) {
			t.Errorf("%s: %d %.20q", path, w.Code, w.Body)
		}
	}
	if memory == 0 || memory > c.Memory {
		t.Errorf("they take %d bytes of %d", memory, c.Memory)
	}
}
