package h1

import (
	"bufio"
	"bytes"
	"net/http"
	"strings"
	"testing"

	"tinycdn/webserver/page"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       Verdict
	}{
		{"the least", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", Simple},
		{"what a browser sends", "GET /a/b.html HTTP/1.1\r\nHost: example.org\r\nConnection: keep-alive\r\nUser-Agent: x\r\nAccept: */*\r\nAccept-Encoding: gzip, br\r\nIf-None-Match: \"x\"\r\nCookie: a=b\r\n\r\n", Simple},
		{"HEAD", "HEAD /x HTTP/1.1\r\nhost: a\r\n\r\n", Simple},
		{"with another behind it", "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /", Simple},
		{"nothing", "", More},
		{"the beginning of a method", "GE", More},
		{"the beginning of the other", "HEAD ", More},
		{"half a header", "GET / HTTP/1.1\r\nHost: a\r\n", More},
		{"half a field", "GET / HTTP/1.1\r\nHost: a\r\nX", More},
		{"a line of HTTP/0.9", "GET /\r\n", Decline},
		{"half a header without CR", "GET / HTTP/1.1\nHost: a\n", Decline},
		{"a later line without CR", "GET / HTTP/1.1\r\nHost: a\n\n", Decline},
		{"another method", "POST / HTTP/1.1\r\nHost: a\r\n\r\n", Decline},
		{"HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Decline},
		{"HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", Decline},
		{"no host", "GET / HTTP/1.1\r\nAccept: x\r\n\r\n", Decline},
		{"no fields", "GET / HTTP/1.1\r\n\r\n", Decline},
		{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Decline},
		{"two hosts, one of them empty", "GET / HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n", Decline},
		{"a whole URL", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", Decline},
		{"a query", "GET /?a HTTP/1.1\r\nHost: a\r\n\r\n", Decline},
		{"an escape", "GET /%2e HTTP/1.1\r\nHost: a\r\n\r\n", Decline},
		{"a dot segment", "GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n", Decline},
		{"two slashes", "GET //a HTTP/1.1\r\nHost: a\r\n\r\n", Decline},
		{"a path of our own", "GET /.well-known/x HTTP/1.1\r\nHost: a\r\n\r\n", Decline},
		{"two spaces", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", Decline},
		{"a body", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", Decline},
		{"chunks", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", Decline},
		{"chunks in disguise", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n", Decline},
		{"a folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", Decline},
		{"a line without CR", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", Decline},
		{"a CR alone", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", Decline},
		{"NUL", "GET / HTTP/1.1\r\nHost: a\x00\r\n\r\n", Decline},
		{"a field without a name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", Decline},
		{"a line that is no field", "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", Decline},
		{"an end wanted", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", Decline},
		{"an upgrade", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", Decline},
		{"a range", "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n", Decline},
		{"the word of a proxy", "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n", Decline},
	} {
		var q Request
		n, got := Parse([]byte(test.text), &q)
		if got != test.want {
			t.Errorf("%s: got %d, want %d", test.name, got, test.want)
		}
		if got == Simple && !strings.HasSuffix(test.text[:n], "\r\n\r\n") {
			t.Errorf("%s: it is said to be %q", test.name, test.text[:n])
		}
	}
}

// FuzzParse holds what is read here against what net/http reads: it may decline, but never understand something else.
func FuzzParse(f *testing.F) {
	f.Add([]byte("GET /a/b.html HTTP/1.1\r\nHost: example.org\r\nAccept-Encoding: gzip\r\nIf-None-Match: \"x\"\r\nReferer: r\r\nUser-Agent: u\r\n\r\nGET /next"))
	f.Add([]byte("HEAD /x HTTP/1.1\r\nhost:\ta \r\nif-modified-since: Sun, 06 Nov 1994 08:49:37 GMT\r\nconnection: Keep-Alive\r\n\r\n"))
	f.Add([]byte("GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html,*/*\r\nDNT: 1\r\nSec-GPC: 1\r\nSec-Fetch-Dest: document\r\nSec-Purpose: prefetch;prerender\r\nPurpose: x\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var q Request
		n, verdict := Parse(b, &q)
		if verdict != Simple {
			return
		}
		rest := bytes.NewReader(b)
		in := bufio.NewReader(rest)
		r, err := http.ReadRequest(in)
		if err != nil {
			t.Fatalf("net/http refuses %q: %v", b[:n], err)
		}
		if left := in.Buffered() + rest.Len(); left != len(b)-n {
			t.Errorf("%q: got %d bytes, net/http %d", b, n, len(b)-left)
		}
		if r.Close || r.ContentLength != 0 || len(r.TransferEncoding) > 0 || r.ProtoMinor != 1 || (r.Method == "HEAD") != q.Head {
			t.Errorf("%q: net/http reads %+v", b[:n], r)
		}
		for _, field := range []struct {
			name        string
			ours, their string
		}{
			{"path", string(q.Path), r.URL.Path}, {"target", string(q.Path), r.RequestURI}, {"host", string(q.Host), r.Host},
			{"accept", string(q.AcceptEncoding), r.Header.Get("Accept-Encoding")},
			{"match", string(q.IfNoneMatch), r.Header.Get("If-None-Match")},
			{"since", string(q.IfModifiedSince), r.Header.Get("If-Modified-Since")},
			{"referer", string(q.Referer), r.Header.Get("Referer")}, {"agent", string(q.Agent), r.Header.Get("User-Agent")},
		} {
			if field.ours != field.their {
				t.Errorf("%s of %q: got %q, net/http %q", field.name, b[:n], field.ours, field.their)
			}
		}
		if theirs := page.RequestOf(r); theirs.Hints != q.Hints {
			t.Errorf("hints of %q: got %b, net/http %b", b[:n], q.Hints, theirs.Hints)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	text := []byte("GET /p/001/ HTTP/1.1\r\nHost: example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nConnection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\n\r\n")
	b.ReportAllocs()
	var q Request
	for b.Loop() {
		if _, v := Parse(text, &q); v != Simple {
			b.Fatal(v)
		}
	}
}
