package protocol

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/tests/testkit"

	"github.com/klauspost/compress/zstd"
	brotli "github.com/molecule-man/go-brrr"
)

// TestEveryProtocolTellsTheSame asks for each page over HTTP/1.1, HTTP/2 and HTTP/3. But for what belongs to the moment
// and to the connection, the responses are the same, field by field.
func TestEveryProtocolTellsTheSame(t *testing.T) {
	t.Parallel()
	h := testkit.StartWeb(t, testkit.Sites)
	visitors := map[string]*http.Client{}
	for _, protocol := range testkit.Protocols {
		visitors[protocol] = h.Visitor(t, protocol)
	}
	for _, c := range []struct {
		method, url, field string
		status             int
		says               string
	}{
		{"GET", "https://example.org/", "", 200, "<title>home</title>"},
		{"HEAD", "https://example.org/", "", 200, ""},
		{"GET", "https://example.org/assets/app.js", "Range: bytes=0-2", 206, "let"},
		{"GET", "https://example.org/assets/app.js", "Range: bytes=0-0, -2", 206, "multipart\nContent-Range: bytes 0-0/13\n\nl\nContent-Range: bytes 11-12/13\n\n;\n"},
		{"GET", "https://example.org/assets/app.js", "Range: bytes=50-", 416, ""},
		{"GET", "https://example.org/assets/app.js", `If-Range: "other"` + "\nRange: bytes=0-2", 200, "let x = 1+2;\n"},
		{"GET", "https://example.org/assets/app.js", "If-None-Match: *", 304, ""},
		{"GET", "https://example.org/assets/app.js", "If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT", 200, "let"},
		{"GET", "https://example.org/assets/app.js", `If-Match: "other"`, 412, ""},
		{"GET", "https://example.org/none", "", 404, "nothing here"},
		{"GET", "https://example.org/assets", "", 404, "nothing here"},
		{"POST", "https://example.org/", "", 405, ""},
		{"DELETE", "https://example.org/", "", 405, ""},
		{"GET", "https://example.org/%2e%2e/secret.txt", "", 400, ""},
		{"GET", "https://example.org/..%2fsecret.txt", "", 400, ""},
		{"GET", "https://example.org/a%00b", "", 400, ""},
		{"GET", "https://example.org/" + strings.Repeat("x", 9000), "", 414, ""},
		{"GET", "https://pages.example/hello/", "", 200, "<p>From Markdown.</p>"},
		{"GET", "https://pages.example/hello", "", 301, ""},
		{"GET", "https://app.example/page", "", 200, "answer 1 for GET of app.example, as https://app.example for 127.0.0.1,"},
		{"GET", "https://app.example/none", "", 404, ""},
		{"GET", "https://example.org/", "Host: other.example", 421, ""},
		{"GET", "https://example.org/.well-known/tinycdn/health", "", 200, `"pop": "nyc"`},
	} {
		name := fmt.Sprintf("%s %.60s %s", c.method, c.url, c.field)
		// Only what was stored by an earlier request is the same for all.
		if _, _, err := testkit.Fetch(visitors["http1.1"], c.method, c.url, fieldsOf(c.field), nil); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		told := map[string]string{}
		for _, protocol := range testkit.Protocols {
			response, body, err := testkit.Fetch(visitors[protocol], c.method, c.url, fieldsOf(c.field), nil)
			if err != nil {
				t.Errorf("%s over %s: %v", name, protocol, err)
				continue
			}
			if got := readable(response, body); response.StatusCode != c.status || !strings.Contains(got, c.says) {
				t.Errorf("%s over %s: got %s\n%s\nwant %d and %q", name, protocol, response.Status, got, c.status, c.says)
			}
			told[protocol] = lasting(response.Header) + string(body)
		}
		for _, protocol := range testkit.Protocols {
			if told[protocol] != told["http1.1"] {
				t.Errorf("%s over %s: got\n%s\nwant what HTTP/1.1 tells\n%s", name, protocol, told[protocol], told["http1.1"])
			}
		}
	}
}

func fieldsOf(lines string) http.Header {
	header := http.Header{}
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		header.Add(name, value)
	}
	return header
}

// lasting is a header without what is another each time.
func lasting(header http.Header) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(header)) {
		switch name {
		case "Date", "Server-Timing", "Age", "Connection", "Cache-Status":
		default:
			fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(header[name], ", "))
		}
	}
	return b.String()
}

// readable is a body, of several parts if there are such.
func readable(response *http.Response, body []byte) string {
	mediaType, boundary, several := strings.Cut(response.Header.Get("Content-Type"), "/byteranges; boundary=")
	if !several {
		return string(body)
	}
	text := mediaType + "\n"
	for part := range strings.SplitSeq(strings.ReplaceAll(string(body), "\r", ""), "--"+boundary) {
		_, part, _ = strings.Cut(part, "Content-Type: text/javascript; charset=utf-8\n")
		text += strings.TrimSuffix(part, "\n")
		if part != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
	}
	return text
}

// TestEveryCodingHoldsTheSame asks for a page in each content coding, until the background has made it. All hold the
// same, under a tag of their own, and a visitor who has one gets 304 for it.
func TestEveryCodingHoldsTheSame(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, strings.Replace(testkit.Sites, "<title>home</title>", "<title>home</title>"+strings.Repeat("\n<p>The same again and again.", 100), 1))
	h.StartWeb(t)
	want, err := os.ReadFile(filepath.Join(h.Folder, "public/index.html"))
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string]string{}
	for _, protocol := range testkit.Protocols {
		visitor := h.Visitor(t, protocol)
		for coding, decode := range map[string]func(io.Reader) (io.Reader, error){
			"":     func(r io.Reader) (io.Reader, error) { return r, nil },
			"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
			"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
			"zstd": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
		} {
			response, body := inCoding(t, h, visitor, coding)
			reader, err := decode(bytes.NewReader(body))
			if err != nil {
				t.Fatalf("%s: %v", coding, err)
			}
			text, err := io.ReadAll(reader)
			if err != nil || !bytes.Equal(text, want) {
				t.Errorf("%q over %s: got %v and %d bytes of %.100q, want %d", coding, protocol, err, len(text), text, len(want))
			}
			tag := response.Header.Get("ETag")
			if was := tags[coding]; tag == "" || was != "" && tag != was {
				t.Errorf("%q over %s: the tag is %s, and was %s", coding, protocol, tag, was)
			}
			tags[coding] = tag
			again, _, err := testkit.Fetch(visitor, http.MethodGet, "https://example.org/", http.Header{"Accept-Encoding": {coding}, "If-None-Match": {tag}}, nil)
			if err != nil || again.StatusCode != http.StatusNotModified || again.Header.Get("ETag") != tag || again.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%q over %s, asked with its tag: got %v %v", coding, protocol, again, err)
			}
		}
	}
	if distinct := len(slices.Compact(slices.Sorted(maps.Values(tags)))); distinct != 4 {
		t.Errorf("there are %d different tags: %v", distinct, tags)
	}
}

// inCoding gets the home page in a coding, which is made in the background once somebody wants the page.
func inCoding(t *testing.T, h *testkit.Host, visitor *http.Client, coding string) (*http.Response, []byte) {
	t.Helper()
	for end := time.Now().Add(testkit.Patience); ; time.Sleep(5 * time.Millisecond) {
		response, body, err := testkit.Fetch(visitor, http.MethodGet, "https://example.org/", http.Header{"Accept-Encoding": {coding}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if response.Header.Get("Content-Encoding") == coding {
			return response, body
		}
		if time.Now().After(end) {
			t.Fatalf("never in %s: %v", coding, response.Header)
		}
	}
}
