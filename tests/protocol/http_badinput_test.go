package protocol

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// badInput are requests as nobody honest sends them, what must come of each, and whether the connection has to end
// behind it: then nothing that was smuggled in is answered. Status 0: it ends without a word.
var badInput = []struct {
	name, request string
	status        int
	ends          bool
}{
	{"dot segments", testkit.GetRequest("/../secret.txt"), 400, false},
	{"a dot segment at the end", testkit.GetRequest("/assets/.."), 400, false},
	{"one dot", testkit.GetRequest("/./index.html"), 301, false},
	{"encoded dots", testkit.GetRequest("/%2e%2e/secret.txt"), 400, false},
	{"half-encoded dots", testkit.GetRequest("/.%2E/secret.txt"), 400, false},
	{"an encoded slash", testkit.GetRequest("/..%2fsecret.txt"), 400, false},
	{"an encoded slash in capitals", testkit.GetRequest("/assets%2F..%2Fsecret.txt"), 400, false},
	{"NUL", testkit.GetRequest("/index.html%00.txt"), 400, false},
	{"an encoded line end", testkit.GetRequest("/a%0d%0aSet-Cookie:%20a=b"), 400, false},
	{"a backslash", testkit.GetRequest(`/..\secret.txt`), 400, false},
	{"an encoded backslash", testkit.GetRequest("/..%5csecret.txt"), 400, false},
	{"dots encoded twice", testkit.GetRequest("/%252e%252e/secret.txt"), 404, false},
	{"two slashes", testkit.GetRequest("//secret.txt"), 404, false},
	{"an escape that is none", testkit.GetRequest("/%zz"), 400, true},
	{"a symbolic link to a file outside", testkit.GetRequest("/link.txt"), 404, false},
	{"a symbolic link to a folder outside", testkit.GetRequest("/folder/secret.txt"), 404, false},
	{"a hidden file", testkit.GetRequest("/.env"), 404, false},

	{"a long path", testkit.GetRequest("/" + strings.Repeat("x", 9_000)), 414, false},
	{"a very long path", testkit.GetRequest("/" + strings.Repeat("x", 20_000)), 431, true},
	{"a long field", testkit.GetRequest("/", "X-Long: "+strings.Repeat("x", 17_000)), 431, true},
	{"many fields", testkit.GetRequest("/", strings.TrimSuffix(strings.Repeat("X-Many: of them\r\n", 1_100), "\r\n")), 431, true},
	{"a header of 15 KB", testkit.GetRequest("/", "X-Long: "+strings.Repeat("x", 15_000)), 200, false},

	{"both lengths", "POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + testkit.GetRequest("/assets/app.js"), 405, true},
	{"both lengths in a GET", "GET / HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + testkit.GetRequest("/assets/app.js"), 200, true},
	{"both lengths for an application", "POST /live HTTP/1.1\r\nHost: app.example\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + testkit.GetRequest("/assets/app.js"), 200, true},
	{"two lengths", testkit.GetRequest("/", "Content-Length: 5", "Content-Length: 6"), 400, true},
	{"two lengths in one", testkit.GetRequest("/", "Content-Length: 5, 6"), 400, true},
	{"a length with a sign", testkit.GetRequest("/", "Content-Length: +5"), 400, true},
	{"a negative length", testkit.GetRequest("/", "Content-Length: -5"), 400, true},
	{"a length in hexadecimal", testkit.GetRequest("/", "Content-Length: 0x5"), 400, true},
	{"another transfer coding", testkit.GetRequest("/", "Transfer-Encoding: gzip, chunked"), 501, true},
	{"a transfer coding in disguise", testkit.GetRequest("/", "Transfer-Encoding: xchunked"), 501, true},
	{"two transfer codings", testkit.GetRequest("/", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 501, true},
	{"a blank before the colon", testkit.GetRequest("/", "Transfer-Encoding : chunked"), 400, true},
	{"a folded first field", "GET / HTTP/1.1\r\n Host: example.org\r\n\r\n", 400, true},
	{"a folded transfer coding", "POST /live HTTP/1.1\r\nHost: app.example\r\nContent-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + testkit.GetRequest("/assets/app.js"), 200, true},
	{"a chunk's size that is none", "POST /live HTTP/1.1\r\nHost: app.example\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, true},
	{"a chunk's end without CR", "POST /live HTTP/1.1\r\nHost: app.example\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n", 400, true},

	{"no host", "GET / HTTP/1.1\r\n\r\n", 400, true},
	{"two hosts", testkit.GetRequest("/", "Host: app.example"), 400, true},
	{"two hosts in one", "GET / HTTP/1.1\r\nHost: example.org, app.example\r\n\r\n", 400, true},
	{"a host with a path", "GET / HTTP/1.1\r\nHost: example.org/secret\r\n\r\n", 400, true},
	{"a host that we do not serve", "GET / HTTP/1.1\r\nHost: other.example\r\n\r\n", 421, false},
	{"a host that looks like ours", "GET / HTTP/1.1\r\nHost: example.org.other.example\r\n\r\n", 421, false},
	{"a host with a user", "GET / HTTP/1.1\r\nHost: me@example.org\r\n\r\n", 400, true},
	{"a host with a port that is none", "GET / HTTP/1.1\r\nHost: example.org:x\r\n\r\n", 421, false},
	{"the host in the request line", "GET http://other.example/ HTTP/1.1\r\nHost: example.org\r\n\r\n", 421, false},

	{"lines that end in LF", "GET / HTTP/1.1\nHost: example.org\n\n", 200, false},
	{"a field without a colon", testkit.GetRequest("/", "nonsense"), 400, true},
	{"a field's name with a blank", testkit.GetRequest("/", "X Y: z"), 400, true},
	{"a field with NUL", testkit.GetRequest("/", "X-Y: a\x00b"), 400, true},
	{"a method that is none", "G@T / HTTP/1.1\r\nHost: example.org\r\n\r\n", 400, true},
	{"an unknown method", "BREW / HTTP/1.1\r\nHost: example.org\r\n\r\n", 405, false},
	{"a tunnel", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", 400, false},
	{"everything", "OPTIONS * HTTP/1.1\r\nHost: example.org\r\n\r\n", 200, false},
	{"HTTP/0.9", "GET /\r\n", 400, true},
	{"HTTP/3.0", "GET / HTTP/3.0\r\nHost: example.org\r\n\r\n", 505, true},
	{"no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, true},
	{"the PROXY protocol", "PROXY TCP4 203.0.113.9 192.0.2.1 1234 80\r\n" + testkit.GetRequest("/"), 400, true},
	{"an expectation", testkit.GetRequest("/", "Expect: the unexpected"), 417, true},

	{"a bomb of ranges", testkit.GetRequest("/assets/app.js", "Range: bytes=0-0"+strings.Repeat(",0-0", 1_000)), 200, false},
	{"ranges that overlap", testkit.GetRequest("/assets/app.js", "Range: bytes=0-,0-,0-,0-"), 200, false},
	{"a range beyond numbers", testkit.GetRequest("/assets/app.js", "Range: bytes=99999999999999999999-"), 416, false},
	{"a range backwards", testkit.GetRequest("/assets/app.js", "Range: bytes=5-1"), 200, false},
	{"many tags", testkit.GetRequest("/", "If-None-Match: "+strings.Repeat(`W/"x", `, 1_500)+`"y"`), 200, false},
}

// TestBadInputIsRefused sends each as it stands. Nothing secret comes out, and the server goes on.
func TestBadInputIsRefused(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, testkit.Sites+"-- public/.env --\nsecret\n-- outside/secret.txt --\nsecret\n-- public/assets/app.js.gz --\nsecret\n")
	for name, to := range map[string]string{"link.txt": "../secret.txt", "folder": "../outside"} {
		if err := os.Symlink(to, filepath.Join(h.Folder, "public", name)); err != nil {
			t.Fatal(err)
		}
	}
	h.StartWeb(t)
	for _, c := range badInput {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, text, rest, err := sendRaw(h, c.request, c.ends)
			if status != c.status || strings.Contains(text, "secret") {
				t.Errorf("got %d, want %d\n%s", status, c.status, text)
			}
			if c.ends && (rest != "" || err != nil) {
				t.Errorf("the connection does not end behind the response, but has %q, %v", rest, err)
			}
			h.WantPage(t)
		})
	}
}

// sendRaw sends octets over a connection of its own, takes the response, and with toEnd what comes until the end.
func sendRaw(h *testkit.Host, request string, toEnd bool) (status int, text, rest string, err error) {
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", h.Ports.HTTP))
	if err != nil {
		return 0, "", "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(testkit.Patience))
	// Whoever is refused early has not been read to the end: what is wrong with that, the response tells.
	io.WriteString(conn, request)
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return 0, "", "", err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || !toEnd {
		return response.StatusCode, string(body), "", err
	}
	more, err := io.ReadAll(in)
	return response.StatusCode, string(body), string(more), err
}

// TestNobodyPoisonsThePagesOfOthers asks an application for pages with fields that the cache does not know, but an
// application might listen to. What is stored must not show any of it, and is the same however the host is written.
func TestNobodyPoisonsThePagesOfOthers(t *testing.T) {
	t.Parallel()
	h := testkit.StartWeb(t, testkit.Sites)
	const honest = "answer 1 for GET of app.example, as http://app.example for 127.0.0.1, for=127.0.0.1;host=\"app.example\";proto=http"
	for i, fields := range []string{
		"Host: app.example\r\nX-Forwarded-Host: evil.example",
		"Host: app.example\r\nX-Forwarded-Proto: evil",
		"Host: app.example\r\nX-Forwarded-For: 203.0.113.9",
		"Host: app.example\r\nForwarded: for=203.0.113.9;host=evil.example;proto=evil",
		"Host: APP.Example",
		"Host: app.example:8080",
		"Host: app.example.",
		"Host: app.example\r\nConnection: close, X-Forwarded-Host, X-Forwarded-For, Forwarded",
		"Host: app.example\r\nX-HTTP-Method-Override: POST",
		"Host: app.example",
	} {
		_, text, _, err := sendRaw(h, fmt.Sprintf("GET /page?%d HTTP/1.1\r\n%s\r\n\r\n", i, fields), false)
		if err != nil {
			t.Fatal(err)
		}
		visitor := testkit.NewVisitor(h.Ports, "127.0.0.1", "http1.1")
		_, later, err := testkit.Fetch(visitor, http.MethodGet, fmt.Sprintf("http://app.example/page?%d", i), nil, nil)
		testkit.Leave(visitor)
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Replace(honest, "1", fmt.Sprint(i+1), 1); strings.TrimSpace(text) != want || string(later) != text {
			t.Errorf("%q: got\n%safter which others get\n%swant\n%s", fields, text, later, want)
		}
	}
}
