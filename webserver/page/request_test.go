package page

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
)

// TestFieldsThatSayNothingAreToldFromThoseThatAreAbsent: a list of tags without a tag holds for no page, while a date that
// is none, or that is there twice, is no condition.
func TestFieldsThatSayNothingAreToldFromThoseThatAreAbsent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		of    func(*Request) string
		lines []string
		want  string
	}{
		{"If-None-Match", func(q *Request) string { return q.IfNoneMatch }, nil, ""},
		{"If-None-Match", func(q *Request) string { return q.IfNoneMatch }, []string{""}, Never},
		{"If-None-Match", func(q *Request) string { return q.IfNoneMatch }, []string{`"a"`}, `"a"`},
		{"If-None-Match", func(q *Request) string { return q.IfNoneMatch }, []string{`"a"`, `"b"`}, `"a", "b"`},
		{"If-Match", func(q *Request) string { return q.IfMatch }, nil, ""},
		{"If-Match", func(q *Request) string { return q.IfMatch }, []string{""}, Never},
		{"If-Match", func(q *Request) string { return q.IfMatch }, []string{"*", `"b"`}, `*, "b"`},
		{"If-Modified-Since", func(q *Request) string { return q.IfModifiedSince }, []string{"today"}, "today"},
		{"If-Modified-Since", func(q *Request) string { return q.IfModifiedSince }, []string{"today", "today"}, ""},
		{"If-Unmodified-Since", func(q *Request) string { return q.IfUnmodifiedSince }, []string{"today", "today"}, ""},
		{"If-Range", func(q *Request) string { return q.IfRange }, nil, ""},
		{"If-Range", func(q *Request) string { return q.IfRange }, []string{""}, Never},
		{"If-Range", func(q *Request) string { return q.IfRange }, []string{`"a"`, `"a"`}, Never},
		{"Range", func(q *Request) string { return q.Range }, []string{"bytes=0-1"}, "bytes=0-1"},
		{"Range", func(q *Request) string { return q.Range }, []string{"bytes=0-1", "bytes=0-1"}, ""},
		{"Accept-Encoding", func(q *Request) string { return q.AcceptEncoding }, []string{"gzip", "br"}, "gzip, br"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Range", "bytes=0-1") // without one, If-Range says nothing
		if r.Header[c.name] = c.lines; c.lines == nil {
			delete(r.Header, c.name)
		}
		q := RequestOf(r)
		if got := c.of(&q); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.name, c.lines, got, c.want)
		}
	}
}

// TestTargetIsWhatNetHTTPWouldSend, whose words for it are spread over four fields.
func TestTargetIsWhatNetHTTPWouldSend(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"/", "/a%20b", "/caf%C3%A9", "/a?", "/a??", "/a?b;c=%zz", "/a?q=a+b&q=%20#x", "/a#b", "//double", "/a:b@c", "/~x/(y)'*!", "/%7Ex",
		"/a\"b", "/[a]", "http://example.org", "http://example.org/a?b", "http://example.org/a%2Fb?", "*",
	} {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			t.Fatal(err)
		}
		q := RequestOf(&http.Request{URL: u, RequestURI: target, RemoteAddr: "[fe80::1%lo]:9"})
		if got, want := q.Target(), u.RequestURI(); got != want {
			t.Errorf("%s: got %s, want %s", target, got, want)
		}
		if want := netip.MustParseAddr("fe80::1"); q.Client != want {
			t.Errorf("the client is %s, want %s", q.Client, want)
		}
	}
}
