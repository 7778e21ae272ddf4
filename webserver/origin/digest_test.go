package origin

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestDigestsAreKeptWithTheBytesTheyAreOf: all fields are kept (RFC 9111, 3.1), but what was unpacked has other digests
// (RFC 9530).
func TestDigestsAreKeptWithTheBytesTheyAreOf(t *testing.T) {
	t.Parallel()
	const digests = "Content-Digest: md5=:YQ==: | Content-Md5: YQ== | Repr-Digest: md5=:YQ==: | Digest: md5=YQ=="
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		text := []byte(strings.Repeat("again and ", 100))
		h.play(func(w http.ResponseWriter, r *http.Request) {
			maps.Copy(w.Header(), headerOf(digests+" | Cache-Control: max-age=60 | Content-Type: text/plain", time.Now()))
			if r.URL.Path == "/packed" {
				w.Header().Set("Content-Encoding", "gzip")
				w.Write(gzipped(t, text))
				return
			}
			w.Write(text)
		})
		for path, want := range map[string]bool{"/": true, "/packed": false} {
			for _, word := range []string{"miss", "hit"} {
				a := h.get(path, "")
				if a.word != word || a.body != string(text) {
					t.Errorf("%s: got %s %q, want %s", path, a.word, a.body, word)
				}
				for name := range headerOf(digests, time.Now()) {
					if kept := a.header[name] != nil; kept != want {
						t.Errorf("%s, %s: %s is there: %v", path, word, name, kept)
					}
				}
			}
		}
	})
}
