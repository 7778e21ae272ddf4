package content

import (
	"path/filepath"
	"testing"
	"time"

	"tinycdn/webserver/files"
)

func TestWhatADeployTookAwayOfStaticIsServedIfItHasAHash(t *testing.T) {
	t.Parallel()
	old, folder := t.TempDir(), t.TempDir()
	write(t, old, map[string]string{"static/js/app.3f9a1c07.js": "old", "content/post/app.3f9a1c07.js": "a page's own"})
	write(t, folder, map[string]string{"content/_index.md": "hello", "content/a.md": "a"})
	until := time.Now().Add(time.Hour)
	c := Config{Folder: folder, Host: "example.org", Memory: 16 << 20, Earlier: []files.Earlier{
		{Name: "static/js/app.3f9a1c07.js", Folder: old, Until: until}, {Name: "content/post/app.3f9a1c07.js", Folder: old, Until: until},
	}}
	s := loaded(t, Load(c, nil))
	status, body, p := get(t, s, "/js/app.3f9a1c07.js")
	if status != 200 || body != "old" || field(p, "Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("%d %q %q", status, body, field(p, "Cache-Control"))
	}
	for _, path := range []string{"/app.3f9a1c07.js", "/post/app.3f9a1c07.js", "/static/js/app.3f9a1c07.js"} {
		if status, _, _ := get(t, s, path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if in := files.EarlierIn(c.Earlier, "static"); len(in) != 1 || in[0].Folder != filepath.Join(old, "static") {
		t.Errorf("%+v", in)
	}
}
