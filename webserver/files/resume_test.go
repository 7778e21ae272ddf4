package files

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestADownloadCanBeResumed as curl -C - and wget -c do, which ask for the rest, and apt and browsers, which ask for it if the file is
// still the one that they began.
func TestADownloadCanBeResumed(t *testing.T) {
	t.Parallel()
	d := newFolder(t)
	content := words(2 * largest)
	d.write("live.iso", content)
	s := d.load()
	const when, other = "Fri, 02 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:06 GMT"
	ask := func(fields ...string) *httptest.ResponseRecorder {
		return get(t, s, "http://example.org/live.iso", fields...)
	}
	ask()
	tag := ask().Header().Get("Etag")
	half := fmt.Sprintf("bytes=%d-", largest)
	for _, c := range []struct {
		fields []string
		status int
		want   string // Content-Range
		body   string
	}{
		{[]string{"Range", half}, 206, fmt.Sprintf("bytes %d-%d/%d", largest, 2*largest-1, 2*largest), content[largest:]},
		{[]string{"Range", half, "If-Range", when}, 206, fmt.Sprintf("bytes %d-%d/%d", largest, 2*largest-1, 2*largest), content[largest:]},
		{[]string{"Range", half, "If-Range", tag}, 206, fmt.Sprintf("bytes %d-%d/%d", largest, 2*largest-1, 2*largest), content[largest:]},
		{[]string{"Range", half, "If-Range", other}, 200, "", content},
		{[]string{"Range", half, "If-Range", `"other"`}, 200, "", content},
		{[]string{"Range", half, "If-Range", "W/" + tag}, 200, "", content},
		{[]string{"Range", "bytes=-10"}, 206, fmt.Sprintf("bytes %d-%d/%d", 2*largest-10, 2*largest-1, 2*largest), content[2*largest-10:]},
		{[]string{"Range", "bytes=5-5", "Accept-Encoding", "gzip, br, zstd"}, 206, fmt.Sprintf("bytes 5-5/%d", 2*largest), content[5:6]},
		{[]string{"Range", fmt.Sprintf("bytes=%d-", 2*largest)}, 416, fmt.Sprintf("bytes */%d", 2*largest), ""}, // it has it all
	} {
		w := ask(c.fields...)
		if w.Code != c.status || w.Header().Get("Content-Range") != c.want || c.body != "" && w.Body.String() != c.body || w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%q: got %d %v and %d bytes, want %d %q and %d", c.fields, w.Code, w.Header(), w.Body.Len(), c.status, c.want, len(c.body))
		}
	}
	parts := ask("Range", "bytes=0-1,10-11")
	if parts.Code != 206 || !strings.HasPrefix(parts.Header().Get("Content-Type"), "multipart/byteranges; boundary=") || strings.Count(parts.Body.String(), "Content-Range: bytes ") != 2 {
		t.Errorf("two ranges: got %d %v %q", parts.Code, parts.Header(), parts.Body)
	}
}
