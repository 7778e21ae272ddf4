package accesslog

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestLineIsWhatToolsExpect(t *testing.T) {
	t.Parallel()
	q, r := visit()
	now := new(clock)
	want := `192.0.2.0 - - [03/Mar/2026:12:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 12345 "https://example.org/" "Mozilla/5.0 (X11)"` + "\n"
	if got := appendCombined(nil, &q, &r, Config{}, now); string(got) != want {
		t.Errorf("got  %swant %s", got, want)
	}
	want = `{"time":"2026-03-03T12:00:00Z","client":"192.0.2.0","site":"site","host":"example.org","method":"GET","uri":"/a?b=c","proto":"HTTP/1.1",` +
		`"cache":"hit","referer":"https://example.org/","agent":"Mozilla/5.0 (X11)","status":200,"bytes":12345,"gen_us":1.2}` + "\n"
	if got := appendJSON(nil, &q, &r, Config{}, new(clock)); string(got) != want {
		t.Errorf("got  %swant %s", got, want)
	}
	q.Referer, q.UserAgent, r.Begin = "", "", lastTuesday.Add(time.Second)
	want = `192.0.2.0 - - [03/Mar/2026:12:00:01 +0000] "GET /a?b=c HTTP/1.1" 200 12345 "-" "-"` + "\n"
	if got := appendCombined(nil, &q, &r, Config{}, now); string(got) != want {
		t.Errorf("got  %swant %s", got, want)
	}
}

func TestAddressSaysNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ address, truncated, full string }{
		{"192.0.2.77", "192.0.2.0", "192.0.2.77"},
		{"::ffff:192.0.2.77", "192.0.2.0", "192.0.2.77"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1::", "2001:db8:1:2:3:4:5:6"},
		{"fe80::1%eth0", "fe80::", "fe80::1"},
		{"", "-", "-"},
	} {
		address, _ := netip.ParseAddr(c.address)
		for how, want := range map[string]string{"": c.truncated, "truncated": c.truncated, "full": c.full, "none": "-"} {
			if got := string(appendAddress(nil, address, how)); got != want {
				t.Errorf("%s, %q: got %s, want %s", c.address, how, got, want)
			}
		}
	}
}

func TestForeignTextStaysWithinItsString(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, combined, json string }{
		{`plain`, `plain`, `plain`},
		{`"`, `\x22`, `\u0022`},
		{`\`, `\x5c`, `\u005c`},
		{"\r\n\t\x00\x1b\x7f", `\x0d\x0a\x09\x00\x1b\x7f`, `\u000d\u000a\u0009\u0000\u001b\u007f`},
		{"Grüße, 世界 😀", "Grüße, 世界 😀", "Grüße, 世界 😀"},
		{"\u0085\u009f\u00a0", `\xc2\x85\xc2\x9f` + "\u00a0", `\u0085\u009f` + "\u00a0"},
		{"\xff\xc3", `\xff\xc3`, `\u00ff\u00c3`},
		{"\ufffd", `\xef\xbf\xbd`, `\ufffd`},
		// What turns text round, hides in it or ends lines: Unicode's Cf, Zl, Zp.
		{"/\u202egpj.exe", `/\xe2\x80\xaegpj.exe`, `/\u202egpj.exe`},
		{"\u2066\u200f\u061c", `\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c`, `\u2066\u200f\u061c`},
		{"\ufeff\u00ad\u2028\u2029", `\xef\xbb\xbf\xc2\xad\xe2\x80\xa8\xe2\x80\xa9`, `\ufeff\u00ad\u2028\u2029`},
		{"\U000e0041", `\xf3\xa0\x81\x81`, `\udb40\udc41`},
		{`x" 200 1 "-" "-`, `x\x22 200 1 \x22-\x22 \x22-`, `x\u0022 200 1 \u0022-\u0022 \u0022-`},
	} {
		if got := string(appendEscaped(nil, c.text, inHex)); got != c.combined {
			t.Errorf("%q: got %s, want %s", c.text, got, c.combined)
		}
		if got := string(appendEscaped(nil, c.text, inJSON)); got != c.json {
			t.Errorf("%q: got %s, want %s", c.text, got, c.json)
		}
	}
}

func TestALongFieldIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		char, written string
		fit           int
	}{
		{"a", "a", 2048}, {`"`, `\u0022`, 341}, {"ü", "ü", 1024}, {"世", "世", 682}, {"\u202e", `\u202e`, 341}, {"\U000e0041", `\udb40\udc41`, 170},
	} {
		whole := strings.Repeat(c.written, c.fit)
		if got := string(appendEscaped(nil, strings.Repeat(c.char, c.fit), inJSON)); got != whole {
			t.Errorf("%d times %q: got %d octets", c.fit, c.char, len(got))
		}
		if got := string(appendEscaped([]byte(`"`), strings.Repeat(c.char, 15_000), inJSON)); got != `"`+whole+"..." {
			t.Errorf("15,000 times %q: got %d octets, which end in %q", c.char, len(got), got[len(got)-10:])
		}
	}
}

// combined is how others read a line.
var combined = regexp.MustCompile(`^(\S+) - - \[[^\]]+\] "([^"]*)" (\d{3}) (\d+) "([^"]*)" "([^"]*)"\n$`)

// FuzzLine lets nothing out of its place, whatever clients send.
func FuzzLine(f *testing.F) {
	f.Add("GET", "/\" 200 1\n127.0.0.1", `","status":500,"x":"\`, "Grüße\xff\u2028")
	f.Add("G\x00T", "/a b", "", "-")
	f.Fuzz(func(t *testing.T, method, uri, referer, agent string) {
		q, r := visit()
		const most = 1000 + 7*(longestField+len("..."))
		q.Method, q.URI, q.Referer, q.UserAgent, r.Host, r.Site, q.Proto = method, uri, referer, agent, agent, referer, uri
		line := appendCombined(nil, &q, &r, Config{}, new(clock))
		if m := combined.FindSubmatch(line); m == nil || len(line) > most || string(m[3]) != "200" || string(m[4]) != "12345" {
			t.Fatalf("got %q", line)
		}
		line = appendJSON(nil, &q, &r, Config{}, new(clock))
		var got map[string]any
		if err := json.Unmarshal(line, &got); err != nil || len(line) > most || bytes.Count(line, []byte("\n")) != 1 || len(got) != 13 {
			t.Fatalf("got %q: %v", line, err)
		}
		if got["status"] != 200.0 || got["bytes"] != 12345.0 || got["cache"] != "hit" {
			t.Fatalf("got %v", got)
		}
		if clean := strconv.QuoteToASCII(uri); len(clean) == len(uri)+2 && len(uri) <= longestField && got["uri"] != uri {
			t.Fatalf("got %q for %q", got["uri"], uri)
		}
	})
}
