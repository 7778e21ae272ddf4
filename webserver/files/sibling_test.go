package files

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	brotli "github.com/molecule-man/go-brrr"

	"tinycdn/zones/diag"
)

func zipped(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Comment = "not packed here" // so that it is told from what we would make
	w.Write([]byte(content))
	w.Close()
	return b.String()
}

// packed gives the three packed forms of a text by their names' endings.
func packed(t testing.TB, content string) map[string]string {
	t.Helper()
	br, err := brotli.Compress([]byte(content), 1)
	if err != nil {
		t.Fatal(err)
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return map[string]string{".gz": zipped(t, content), ".br": string(br), ".zst": string(w.EncodeAll([]byte(content), nil))}
}

var codingOf = map[string]string{".gz": "gzip", ".br": "br", ".zst": "zstd"}

func TestPackedFormsAreTaken(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	content := words(5000)
	d.write("a.html", content)
	forms := packed(t, content)
	for extension, form := range forms {
		d.write("a.html"+extension, form)
	}
	s := d.load()
	if s.Pages() != 1 || !s.files["a.html"].page.Packed() {
		t.Errorf("got %d pages, all packed: %v", s.Pages(), s.files["a.html"].page.Packed())
	}
	for extension, form := range forms {
		w := get(t, s, "http://example.org/a", "Accept-Encoding", codingOf[extension])
		if w.Body.String() != form || w.Header().Get("Content-Encoding") != codingOf[extension] {
			t.Errorf("%s: got %d bytes, %v", extension, w.Body.Len(), w.Header())
		}
		w = get(t, s, "http://example.org/a.html"+extension, "Accept-Encoding", codingOf[extension])
		if w.Body.String() != form || w.Header().Get("Content-Encoding") != "" || w.Header().Get("Content-Type") != typeOf(extension) {
			t.Errorf("%s by its own name: got %d, %d bytes, %v", extension, w.Code, w.Body.Len(), w.Header())
		}
		if w := get(t, s, "http://example.org/a"+extension); w.Code != 404 {
			t.Errorf("/a%s is a URL: got %d", extension, w.Code)
		}
	}
}

func TestPackedFormsOfSomethingElseAreLeftOut(t *testing.T) {
	t.Parallel()
	content := words(5000)
	for what, form := range map[string]string{
		"an earlier build": zipped(t, words(4999)),
		"a later build":    zipped(t, words(5001)),
		"the same length":  zipped(t, strings.ToUpper(content)),
		"cut off":          zipped(t, content)[:40],
		"damaged":          zipped(t, content)[:60] + "\xff" + zipped(t, content)[61:],
		"no gzip at all":   "<html>",
		"nothing":          "",
		"a bomb":           zipped(t, strings.Repeat("\x00", 4<<20)),
	} {
		d := newFolder(t)
		d.write("sub/a.html", content)
		d.write("sub/a.html.gz", form)
		config := Config{Folder: d.path, Memory: 1 << 20}
		first := Load(config, nil)
		second := Load(config, first.Value)
		d.date("sub/a.html", time.Now())
		third := Load(config, second.Value)
		for _, l := range []diag.Loaded[*Site]{first, second, third} {
			const want = "sub/a.html.gz: this is not what a.html is now; it is served by its own name alone (pack it again, or remove it)\n"
			if got := d.inside(l.Notes); got != want || len(l.Problems) > 0 || !l.Value.Has("/sub/a.html.gz") {
				t.Errorf("%s: got notes %q, problems %v", what, got, l.Problems)
			}
			if w := get(t, l.Value, "http://example.org/sub/a", "Accept-Encoding", "gzip"); w.Body.String() == form {
				t.Errorf("%s is served", what)
			}
		}
	}
}

func TestAPackedFormThatComesLaterIsTaken(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	content := words(5000)
	d.write("a.html", content)
	first := d.load()
	d.write("a.html.gz", zipped(t, content))
	second := Load(Config{Folder: d.path, Memory: 1 << 20}, first).Value
	if got := get(t, second, "http://example.org/a", "Accept-Encoding", "gzip").Body.String(); got != zipped(t, content) {
		t.Error("it is not")
	}
}

func TestAnArchiveAloneIsAFile(t *testing.T) {
	t.Parallel()
	d := newFolder(t, "index.html", "backup.tar.gz", "dump.zst", "x.br")
	s := d.load()
	for url, mediaType := range map[string]string{"/backup.tar.gz": "application/gzip", "/dump.zst": "application/zstd", "/x.br": unknown} {
		w := get(t, s, "http://example.org"+url, "Accept-Encoding", "gzip, br, zstd")
		if w.Code != 200 || w.Header().Get("Content-Type") != mediaType || w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: got %d %v", url, w.Code, w.Header())
		}
	}
}
