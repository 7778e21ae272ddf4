package files

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// siteFolder is a site's folder in the making.
type siteFolder struct {
	testing.TB
	path string
}

func newFolder(t testing.TB, names ...string) siteFolder {
	t.Helper()
	d := siteFolder{t, filepath.Join(t.TempDir(), "site")}
	d.mkdir(".")
	for _, name := range names {
		d.write(name, "this is "+name)
	}
	return d
}

func (d siteFolder) full(name string) string { return filepath.Join(d.path, filepath.FromSlash(name)) }

func (d siteFolder) mkdir(name string) {
	d.Helper()
	if err := os.MkdirAll(d.full(name), 0o755); err != nil {
		d.Fatal(err)
	}
}

// write writes a file of a certain time, so that it is what the test makes of it whenever that runs.
func (d siteFolder) write(name, content string) {
	d.Helper()
	d.mkdir(filepath.Dir(name))
	if err := os.WriteFile(d.full(name), []byte(content), 0o644); err != nil {
		d.Fatal(err)
	}
	d.date(name, time.Date(2026, 1, 2, 3, 4, 5, 6789, time.UTC))
}

func (d siteFolder) date(name string, at time.Time) {
	d.Helper()
	if err := os.Chtimes(d.full(name), at, at); err != nil {
		d.Fatal(err)
	}
}

func (d siteFolder) link(to, name string) {
	d.Helper()
	d.mkdir(filepath.Dir(name))
	if err := os.Symlink(to, d.full(name)); err != nil {
		d.Fatal(err)
	}
}

func (d siteFolder) remove(name string) {
	d.Helper()
	if err := os.RemoveAll(d.full(name)); err != nil {
		d.Fatal(err)
	}
}

// load loads the folder, which has nothing wrong in it.
func (d siteFolder) load() *Site {
	d.Helper()
	l := Load(Config{Folder: d.path, Memory: 1 << 30}, nil)
	if l.Value == nil || len(l.Problems) > 0 || len(l.Notes) > 0 {
		d.Fatalf("site %v, problems %v, notes %v", l.Value, l.Problems, l.Notes)
	}
	return l.Value
}

// inside writes problems one a line, with paths from the folder.
func (d siteFolder) inside(list []diag.Problem) string {
	var b strings.Builder
	for _, p := range list {
		b.WriteString(strings.ReplaceAll(p.String(), d.path+string(filepath.Separator), "") + "\n")
	}
	return b.String()
}

func get(t *testing.T, s *Site, url string, fields ...string) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t, s, http.MethodGet, url, fields...)
}

// ask asks a site as the server does, which also knows ranges and conditions; here they are only the streams' matter.
func ask(t *testing.T, s *Site, method, url string, fields ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, url, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	q := page.RequestOf(r)
	a := s.Answer(&q)
	if a.Page == nil {
		a.Stream.ServeHTTP(w, r)
		return w
	}
	v := a.Page.Negotiate(r.Header.Get("Accept-Encoding"))
	for _, lines := range v.Head.Fields {
		w.Header()[lines.Name] = lines.Values
	}
	w.WriteHeader(a.Page.Status)
	w.Write(v.Body)
	return w
}

// words makes a text of a length that packs well.
func words(length int) string {
	return string(bytes.Repeat([]byte("some words go round and round. "), length/30+1)[:length])
}

func paths(files map[string]fs.FileInfo, under string) (list []string) {
	for path := range files {
		if name, err := filepath.Rel(under, path); err == nil {
			list = append(list, filepath.ToSlash(name))
		}
	}
	return list
}
