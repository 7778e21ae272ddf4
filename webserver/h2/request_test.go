package h2

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"

	"golang.org/x/net/http2/hpack"

	"tinycdn/webserver/page"
)

// browsers are headers as they are sent, field by field.
var browsers = map[string][]hpack.HeaderField{
	"curl": get("accept", "*/*", "user-agent", "curl/8.14.1"),
	"Firefox": get("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
		"accept-language", "en-US,en;q=0.5", "accept-encoding", "gzip, deflate, br, zstd", "referer", "https://example.org/", "dnt", "1", "sec-gpc", "1", "upgrade-insecure-requests", "1",
		"sec-fetch-dest", "document", "sec-fetch-mode", "navigate", "sec-fetch-site", "same-origin", "sec-fetch-user", "?1", "if-none-match", `"abc"`, "priority", "u=0, i", "te", "trailers"),
	"Chromium": get("sec-ch-ua", `"Chromium";v="140", "Not=A?Brand";v="24"`, "sec-ch-ua-mobile", "?0", "sec-ch-ua-platform", `"Linux"`, "upgrade-insecure-requests", "1",
		"user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "accept", "text/html,*/*;q=0.8", "sec-fetch-site", "none",
		"sec-fetch-mode", "navigate", "sec-fetch-user", "?1", "sec-fetch-dest", "document", "accept-encoding", "gzip, deflate, br, zstd", "accept-language", "en", "cookie", "a=b", "cookie", "c=d", "priority", "u=0, i"),
	"a range": get("range", "bytes=0-99", "if-range", `"abc"`, "if-match", "", "if-unmodified-since", "x", "if-modified-since", "y"),
}

// get is a GET with pairs of names and values.
func get(pairs ...string) []hpack.HeaderField {
	fields := []hpack.HeaderField{{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "example.org"}, {Name: ":path", Value: "/posts/17/"}}
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]})
	}
	return fields
}

// TestBrowsersAreKnown: what each of them sends for a page needs no detour.
func TestBrowsersAreKnown(t *testing.T) {
	t.Parallel()
	for name, fields := range browsers {
		var q request
		if !q.read(fields, &page.Request{}) {
			t.Errorf("%s: it is not plain", name)
		}
	}
}

// TestWhatIsNotPlain goes below.
func TestWhatIsNotPlain(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string][]hpack.HeaderField{
		"unknown":              get("x-forwarded-for", "192.0.2.1"),
		"via a proxy":          get("via", "x"),
		"with a length":        get("content-length", "0"),
		"expects":              get("expect", "100-continue"),
		"authorized":           get("authorization", "x"),
		"twice":                get("if-none-match", "a", "if-none-match", "b"),
		"not ASCII":            get("user-agent", "ü"),
		"control":              get("cookie", "a\x00b"),
		"space":                get("cookie", " a"),
		"connection":           get("connection", "close"),
		"upper case":           get("Accept", "x"),
		"another te":           get("te", "gzip"),
		"host":                 get("host", "example.org"),
		"no path":              get()[:3],
		"pseudo behind":        append(get("accept", "x"), hpack.HeaderField{Name: ":path", Value: "/"}),
		"pseudo twice":         append([]hpack.HeaderField{{Name: ":path", Value: "/"}}, get()...),
		"unknown pseudo":       append([]hpack.HeaderField{{Name: ":protocol", Value: "websocket"}}, get()...),
		"no name":              get("", "x"),
		"a query":              {{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "a"}, {Name: ":path", Value: "/?x"}},
		"a dot":                {{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "a"}, {Name: ":path", Value: "/../x"}},
		"an asterisk":          {{Name: ":method", Value: "OPTIONS"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "a"}, {Name: ":path", Value: "*"}},
		"http":                 {{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "http"}, {Name: ":authority", Value: "a"}, {Name: ":path", Value: "/"}},
		"somebody's authority": {{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "a@b"}, {Name: ":path", Value: "/"}},
	} {
		var q request
		if q.read(fields, &page.Request{}) {
			t.Errorf("%s: it is plain", name)
		}
	}
}

// FuzzFastEqualsSlow: whatever is plain says to us what it says to net/http, and is nothing that this would refuse.
func FuzzFastEqualsSlow(f *testing.F) {
	for _, fields := range browsers {
		var block []byte
		for _, field := range fields {
			block = appendPlain(block, field.Name, field.Value)
		}
		f.Add(block)
	}
	asked := make(chan page.Request, 1)
	give := serveBy(f, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- page.RequestOf(r) }))
	f.Fuzz(func(t *testing.T, block []byte) {
		var h header
		h.init(16 << 10)
		var q request
		if len(block) > frameSize || h.decode(block) != nil || h.tooLarge() || !q.read(h.fields, &page.Request{}) {
			return
		}
		here, there := pair(t)
		give(there)
		v := greet(t, here)
		v.ask(1, true, block)
		if a := v.whole(1); a.fields[":status"] != "200" {
			t.Fatalf("%q: net/http says %v", h.fields, a)
		}
		here.Close()
		if got, want := told(q.Request), told(<-asked); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", h.fields, got, want)
		}
	})
}

// told is a request as a text that shows all that its header says.
func told(q page.Request) string {
	q.HTTP, q.Client, q.Secure = nil, netip.Addr{}, false
	q.Proto = ""
	return fmt.Sprintf("%+v", q)
}
