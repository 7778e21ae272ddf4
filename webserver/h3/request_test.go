package h3

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/quic-go/qpack"

	"tinycdn/webserver/page"
)

// told is what an exchange knows of a request, as text.
func (q *Request) told() string {
	return fmt.Sprintf("%s %q %q %q %q %q %q %q %q %d", q.Method, q.Path, q.Host, q.AcceptEncoding, q.IfNoneMatch, q.IfModifiedSince, q.Referer, q.Agent, q.Priority, q.Hints)
}

func TestPlainRequestsAreRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines []string
		want  Request
	}{
		{plainly(), Request{}},
		{plainly("accept-encoding: gzip, deflate, br", "user-agent: x"), Request{AcceptEncoding: []byte("gzip, deflate, br"), Agent: []byte("x")}},
		{plainly("cookie: a=b", "cookie: c=d", "sec-gpc: 1", "sec-purpose: prefetch"), Request{Hints: page.Private | page.Ahead}},
		{plainly("if-none-match: ", "if-modified-since: yesterday"), Request{IfNoneMatch: []byte{}, IfModifiedSince: []byte("yesterday")}},
		{plainly("x-purpose: preview", "x-moz: prefetch", "purpose: no", "sec-fetch-dest: image", "accept: text/html"), Request{Hints: page.Ahead | page.Embeds | page.WantsHTML}},
	} {
		c.want.Method, c.want.Host, c.want.Path = "GET", []byte("example.org"), []byte("/")
		x := new(Exchange)
		if !x.parse(packed(fields(c.lines...))) || x.plain.told() != c.want.told() {
			t.Errorf("%q: got %s, want %s", c.lines, x.plain.told(), c.want.told())
		}
	}
}

// TestAllElseIsDeclined: http3 says what is wrong, or does what is rare.
func TestAllElseIsDeclined(t *testing.T) {
	t.Parallel()
	instead := func(at int, line string) []string {
		lines := plainly()
		lines[at] = line
		return lines
	}
	for _, lines := range [][]string{
		nil,
		{":method: GET"},
		slices.Delete(plainly(), 0, 1), slices.Delete(plainly(), 1, 2), slices.Delete(plainly(), 2, 3), slices.Delete(plainly(), 3, 4),
		instead(0, ":method: POST"), instead(0, ":method: get"), instead(0, ":method: CONNECT"), instead(0, ":method: "),
		instead(1, ":scheme: http"), instead(1, ":scheme: HTTPS"),
		instead(2, ":authority: "), instead(2, ":authority: a@example.org"), instead(2, ":authority: example.org/"), instead(2, "host: example.org"),
		instead(3, ":path: "), instead(3, ":path: *"), instead(3, ":path: a"), instead(3, ":path: /a?b"), instead(3, ":path: /a#b"), instead(3, ":path: /%61"),
		instead(3, ":path: //a"), instead(3, ":path: /a/../b"), instead(3, ":path: /a/./b"), instead(3, ":path: /.hidden"), instead(3, `:path: /a\b`), instead(3, ":path: /a b"),
		append([]string{"accept: x"}, plainly()...), // what comes first comes first
		plainly(":path: /"), plainly(":method: GET"), plainly(":scheme: https"), plainly(":authority: example.org"), plainly(":protocol: websocket"), plainly(":status: 200"),
		plainly("host: example.org"), plainly("content-length: 0"), plainly("transfer-encoding: chunked"), plainly("te: trailers"), plainly("trailer: x"),
		plainly("expect: 100-continue"), plainly("connection: close"), plainly("upgrade: x"), plainly("early-data: 1"),
		plainly("range: bytes=0-"), plainly("if-range: x"), plainly("if-match: *"), plainly("if-unmodified-since: x"),
		plainly("forwarded: for=1"), plainly("x-forwarded-for: 1"), plainly("x-real-ip: 1"), plainly("via: x"), plainly("x-unheard-of: x"),
		plainly("user-agent: a", "user-agent: b"), plainly("accept-encoding: br", "accept-encoding: gzip"), plainly("priority: u=1", "priority: u=2"),
		plainly("User-Agent: x"), plainly("user-agent: \x00"), plainly("user-agent: \x80"), plainly("user-agent: x\r\ny: z"), plainly("cookie:  x"), plainly("cookie: x "), plainly("cookie: \t"),
		plainly(slices.Repeat([]string{"origin: x"}, 300)...), // 39 octets each, as RFC 9114 counts
	} {
		x := new(Exchange)
		if block := packed(fields(lines...)); x.parse(block) {
			t.Errorf("%q: read as %s", lines, x.plain.told())
		}
	}
	for name, block := range map[string][]byte{
		"nothing": {}, "half a prefix": {0}, "no field": {0, 0}, "a dynamic table": {1, 0, 0xd1}, "a base": {0, 1, 0xd1},
		"an index beyond the table": {0, 0, 0xff, 99 - 63}, "a dynamic index": {0, 0, 0x80}, "a dynamic name": {0, 0, 0x40, 0},
		"behind the base": {0, 0, 0x10}, "a dynamic name behind the base": {0, 0, 0x00, 0}, "an index without an end": {0, 0, 0xff},
		"a number without an end": {0, 0, 0xff, 0x80, 0x80, 0x80, 0x80, 0x80}, "a value without an end": {0, 0, 0x51, 5, '/'},
		"no value": {0, 0, 0x51}, "a name without an end": {0, 0, 0x27, 0}, "Huffman's code with a wrong end": {0, 0, 0x51, 0x81, 0},
	} {
		x := new(Exchange)
		if x.parse(block) {
			t.Errorf("%s: read as %s", name, x.plain.told())
		}
	}
}

// slowly reads the same by quic-go's decoder and a map. It declines where any of that might be understood in two ways.
func slowly(block []byte) (Request, bool) {
	var list []qpack.HeaderField
	for next := qpack.NewDecoder().Decode(block); ; {
		f, err := next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return Request{}, false
		}
		list = append(list, f)
	}
	one, size, regular := map[string]string{}, 0, false
	var q Request
	for _, f := range list {
		size += len(f.Name) + len(f.Value) + 32
		if f.IsPseudo() && regular || strings.Trim(f.Value, " \t") != f.Value || strings.ContainsFunc(f.Value, func(r rune) bool { return (r < ' ' || r > '~') && r != '\t' }) {
			return Request{}, false
		}
		regular = !f.IsPseudo()
		_, twice := one[f.Name]
		one[f.Name] = f.Value
		switch {
		case slices.Contains(strings.Fields(":method :scheme :authority :path accept-encoding if-none-match if-modified-since referer user-agent priority"), f.Name):
			if twice {
				return Request{}, false
			}
		case slices.Contains(strings.Fields("accept sec-fetch-dest sec-purpose purpose x-purpose x-moz dnt sec-gpc"), f.Name):
			q.Hints |= page.HintOf(f.Name, f.Value)
		case !passed[f.Name]:
			return Request{}, false
		}
	}
	path := one[":path"]
	if size > mostOfHeader || one[":method"] != "GET" && one[":method"] != "HEAD" || one[":scheme"] != "https" ||
		one[":authority"] == "" || strings.Trim(one[":authority"], hostLetters) != "" && strings.ContainsFunc(one[":authority"], func(r rune) bool { return !strings.ContainsRune(hostLetters, r) }) ||
		!strings.HasPrefix(path, "/") || strings.Contains(path, "//") || strings.Contains(path, "/.") || strings.ContainsFunc(path, func(r rune) bool { return !strings.ContainsRune(pathLetters, r) }) {
		return Request{}, false
	}
	value := func(name string) []byte {
		if v, ok := one[name]; ok {
			return []byte(v)
		}
		return nil
	}
	q.Method, q.Path, q.Host = one[":method"], value(":path"), value(":authority")
	q.AcceptEncoding, q.IfNoneMatch, q.IfModifiedSince = value("accept-encoding"), value("if-none-match"), value("if-modified-since")
	q.Referer, q.Agent, q.Priority = value("referer"), value("user-agent"), value("priority")
	return q, true
}

const (
	letters     = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	hostLetters = letters + "-._[]:"
	pathLetters = letters + "-._~!$&'()*+,;=:@/"
)

// passed are the fields that make no difference.
var passed = func() map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(`accept-language accept-charset cookie cache-control pragma origin authorization upgrade-insecure-requests
		sec-fetch-mode sec-fetch-site sec-fetch-user sec-fetch-storage-access save-data
		sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-ch-ua-platform-version sec-ch-ua-arch sec-ch-ua-bitness
		sec-ch-ua-full-version sec-ch-ua-full-version-list sec-ch-ua-model sec-ch-ua-wow64 sec-ch-ua-form-factors
		sec-ch-prefers-color-scheme sec-ch-prefers-reduced-motion sec-ch-viewport-width sec-ch-dpr
		device-memory dpr viewport-width downlink ect rtt`) {
		all[name] = true
	}
	return all
}()

// FuzzRequest compares with quic-go's decoder: of the bytes as they are whatever is read must be what that reads, and of what it has
// read, packed once more, no plain request may be missed.
func FuzzRequest(f *testing.F) {
	f.Add(packed(fields(plainly()...)))
	f.Add(packed(fields(chromium...)))
	f.Add([]byte{0, 0x80, 0xd1, 0xd7, 0x50, 0x01, 'a', 0xc1, 0x2f, 0x08, 'u', 's', 'e', 'r', '-', 'a', 'g', 'e', 'n', 't', 'x', 0})
	f.Add([]byte{0, 0, 0xd2, 0xd7, 0x70, 0x01, 'a', 0x51, 0x7f, 0x80, 0x01, '/'})
	f.Fuzz(func(t *testing.T, block []byte) {
		if len(block) > longestFrame {
			return
		}
		x := new(Exchange)
		read := x.parse(bytes.Clone(block))
		want, plain := slowly(block)
		if read && (!plain || x.plain.told() != want.told()) {
			t.Fatalf("got %s, want %s, %v", x.plain.told(), want.told(), plain)
		}
		if !plain || read {
			return
		}
		var again []qpack.HeaderField
		for next := qpack.NewDecoder().Decode(block); ; {
			field, err := next()
			if err != nil {
				break
			}
			again = append(again, field)
		}
		if once := packed(again); len(once) <= longestFrame && !x.parse(once) {
			t.Fatalf("%v: not read", again)
		}
	})
}

func TestStaticTableIsThatOfTheRFC(t *testing.T) {
	t.Parallel()
	for at, got := range static {
		index := []byte{0, 0, 0xc0 | byte(at)}
		if at >= 63 {
			index = []byte{0, 0, 0xff, byte(at - 63)}
		}
		want, err := qpack.NewDecoder().Decode(index)()
		if err != nil || string(got.name) != want.Name || string(got.value) != want.Value {
			t.Errorf("%d: got %q: %q, want %v, %v", at, got.name, got.value, want, err)
		}
	}
	if _, err := qpack.NewDecoder().Decode([]byte{0, 0, 0xff, byte(len(static) - 63)})(); err == nil {
		t.Error("there are more")
	}
}

// TestPriorityIsThatOfTheRFC: of each parameter the last counts, and what is malformed says nothing.
func TestPriorityIsThatOfTheRFC(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]struct {
		urgency     int8
		incremental bool
	}{
		"": {3, false}, "u=0": {0, false}, "u=7, i": {7, true}, "i": {3, true}, "i=?0": {3, false}, "u=1,i=?1": {1, true},
		"u=8": {3, false}, "u=-1": {3, false}, "u=10": {3, false}, "u": {3, false}, "u=2;x=3, i;y": {2, true}, "u=1, u=5": {5, false}, "x=1, u=4": {4, false},
		`x=",u=1", u=2`: {3, false}, "U=1": {3, false},
	} {
		if urgency, incremental := priorityOf([]byte(field)); urgency != want.urgency || incremental != want.incremental {
			t.Errorf("%q: got %d, %v, want %v", field, urgency, incremental, want)
		}
	}
	var peer Peer
	asked := func(value []byte) string {
		x := &Exchange{plain: Request{Priority: value}}
		urgency, incremental := x.priority(&peer)
		return fmt.Sprint(urgency, incremental)
	}
	if got := asked(nil) + asked([]byte("u=1")) + asked(nil); got != "3 true1 false3 false" {
		t.Errorf("before, with and behind a Priority: got %s", got)
	}
}
