package files

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

// A folder may be for challenges alone, and is empty then until one is put there.
func TestChallengesMayHaveAFolderOfTheirOwn(t *testing.T) {
	t.Parallel()
	for below, name := range map[string]string{
		"/.well-known/acme-challenge": "tok", "/.well-known": "acme-challenge/tok", "": ".well-known/acme-challenge/tok", "/blog": ".well-known/acme-challenge/tok",
	} {
		d := newFolder(t)
		if below == "" || below == "/blog" {
			d.write("index.html", "home")
		}
		l := Load(Config{Folder: d.path, Memory: 1 << 20, Below: below}, nil)
		if l.Value == nil || len(l.Problems) > 0 {
			t.Fatalf("%s: %v", below, l.Problems)
		}
		d.write(name, "hash")
		if w := get(t, l.Value, below+"/"+name); w.Code != 200 || w.Body.String() != "hash" {
			t.Errorf("%s: got %d %q", below, w.Code, w.Body)
		}
		if w := get(t, l.Value, below+"/"+name+".x"); w.Code != 404 {
			t.Errorf("%s: got %d", below, w.Code)
		}
	}
	for _, below := range []string{"", "/static", "/.well-known/acme"} {
		if l := Load(Config{Folder: newFolder(t).path, Memory: 1 << 20, Below: below}, nil); l.Value != nil || len(l.Problems) != 1 {
			t.Errorf("%s: an empty folder is a site: %v", below, l.Problems)
		}
	}
}

// A certificate authority asks at once for what certbot --webroot has put there.
func TestChallengeIsAnsweredBeforeTheNextDeploy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("site/index.html", "home")
	write("secret", "secret")
	site := Load(Config{Folder: filepath.Join(dir, "site"), Memory: 1 << 20}, nil).Value
	write("site/.well-known/acme-challenge/tok_en-1", "tok_en-1.hash")
	write("site/.well-known/acme-challenge/long", strings.Repeat("x", longestChallenge+1))
	write("site/.well-known/acme-challenge/.hidden", "x")
	write("site/.well-known/other", "x")
	if err := os.Symlink(filepath.Join(dir, "secret"), filepath.Join(dir, "site/.well-known/acme-challenge/link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "site/.well-known/acme-challenge/folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/.well-known/acme-challenge/tok_en-1":        "tok_en-1.hash",
		"/.well-known/acme-challenge/none":            "",
		"/.well-known/acme-challenge/long":            "",
		"/.well-known/acme-challenge/link":            "",
		"/.well-known/acme-challenge/folder":          "",
		"/.well-known/acme-challenge/.hidden":         "",
		"/.well-known/acme-challenge/":                "",
		"/.well-known/acme-challenge/../../../secret": "",
		"/.well-known/other":                          "",
	} {
		r, err := http.NewRequest(http.MethodGet, "http://example.org/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path = path
		q := page.RequestOf(r)
		answer := site.Answer(&q)
		got := ""
		if answer.Page.Status == http.StatusOK {
			got = string(answer.Page.Body())
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}
