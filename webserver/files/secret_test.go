package files

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

func TestPrivateKeysAreNeverServed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	large := strings.Repeat("x", largest+1)
	for name, text := range map[string]string{
		"index.html": "home", "cert.pem": "-----BEGIN CERTIFICATE-----\nx\n", "story.txt": "about -----BEGIN PRIVATE KEY-----\n", "big.bin": large,
		"k.pem": "-----BEGIN PRIVATE KEY-----\nx\n", "ec.txt": "-----BEGIN EC PARAMETERS-----\nx\n-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\n",
		"big.key": "-----BEGIN RSA PRIVATE KEY-----\n" + large, ".well-known/acme-challenge/token": "-----BEGIN PRIVATE KEY-----\nx\n",
	} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l := Load(Config{Folder: folder, Memory: 16 << 20}, nil)
	if l.Value == nil || len(l.Problems) != 4 || !strings.HasSuffix(l.Problems[0].Text, errKey.Error()) {
		t.Fatalf("got %v, want one of each key", l.Problems)
	}
	status := func(url string) int {
		r := httptest.NewRequest("GET", url, nil)
		q := page.RequestOf(r)
		a := l.Value.Answer(&q)
		if a.Page != nil {
			return a.Page.Status
		}
		w := httptest.NewRecorder()
		a.Stream.ServeHTTP(w, r)
		return w.Code
	}
	for url, want := range map[string]int{
		"/": 200, "/cert.pem": 200, "/story.txt": 200, "/big.bin": 200,
		"/k.pem": 404, "/ec.txt": 404, "/big.key": 404, "/.well-known/acme-challenge/token": 404,
	} {
		if got := status(url); got != want {
			t.Errorf("%s: got %d, want %d", url, got, want)
		}
	}
	// What is read from disk at each request may have become one.
	if err := os.WriteFile(filepath.Join(folder, "big.bin"), []byte("-----BEGIN PRIVATE KEY-----\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := status("/big.bin"); got != http.StatusNotFound {
		t.Errorf("a file that became a key: got %d, want 404", got)
	}
}
