package accesslog

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

var lastTuesday = time.Date(2026, 3, 3, 13, 0, 0, 987654321, time.FixedZone("", 3600))

// visit is a request as most are, and the reply to it.
func visit() (page.Request, reply.Reply) {
	return page.Request{
			Client: netip.MustParseAddr("192.0.2.77"), Method: "GET", URI: "/a?b=c", Proto: "HTTP/1.1",
			Referer: "https://example.org/", UserAgent: "Mozilla/5.0 (X11)",
		}, reply.Reply{
			Begin: lastTuesday, Site: "site", Host: "example.org", Status: 200, Sent: 12345, Took: 1234 * time.Nanosecond, Cache: page.WasThere,
		}
}

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
	for text, want := range map[string]string{
		`plain`:                `plain`,
		`"`:                    `\x22`,
		`\`:                    `\x5c`,
		"\r\n\t\x00\x1b\x7f":   `\x0d\x0a\x09\x00\x1b\x7f`,
		"Grüße, 世界":            "Grüße, 世界",
		"\u0085\u009f\u00a0":   `\xc2\x85\xc2\x9f` + "\u00a0",
		"\xff\xc3":             `\xff\xc3`,
		"\u2028\ufffd":         "\u2028" + `\xef\xbf\xbd`,
		`x" 200 1 "-" "-` + "": `x\x22 200 1 \x22-\x22 \x22-`,
	} {
		if got := string(appendEscaped(nil, text, `\x`)); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
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
		q.Method, q.URI, q.Referer, q.UserAgent, r.Host, r.Site, q.Proto = method, uri, referer, agent, agent, referer, uri
		line := appendCombined(nil, &q, &r, Config{}, new(clock))
		if m := combined.FindSubmatch(line); m == nil || string(m[3]) != "200" || string(m[4]) != "12345" {
			t.Fatalf("got %q", line)
		}
		line = appendJSON(nil, &q, &r, Config{}, new(clock))
		var got map[string]any
		if err := json.Unmarshal(line, &got); err != nil || bytes.Count(line, []byte("\n")) != 1 || len(got) != 13 {
			t.Fatalf("got %q: %v", line, err)
		}
		if got["status"] != 200.0 || got["bytes"] != 12345.0 || got["cache"] != "hit" {
			t.Fatalf("got %v", got)
		}
		if clean := strconv.QuoteToASCII(uri); len(clean) == len(uri)+2 && got["uri"] != uri {
			t.Fatalf("got %q for %q", got["uri"], uri)
		}
	})
}

// newLog begins a log in a folder of its own.
func newLog(t testing.TB, c Config, events *bytes.Buffer) (l *Log, file string) {
	t.Helper()
	if c.File == "" {
		c.File = filepath.Join(t.TempDir(), "access.log")
	}
	l, err := Open(c, slog.New(slog.NewTextHandler(events, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.file.Close() })
	return l, c.File
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestLinesAreWrittenWithinASecondAndAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, file := newLog(t, Config{}, new(bytes.Buffer))
		ctx, stop := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() { l.Run(ctx) })
		q, r := visit()
		l.Add(&q, &r)
		synctest.Wait()
		if got := read(t, file); got != "" {
			t.Errorf("at once: %q", got)
		}
		time.Sleep(flushEvery)
		synctest.Wait()
		if got := strings.Count(read(t, file), "\n"); got != 1 {
			t.Errorf("after a second: %d lines", got)
		}
		l.Add(&q, &r)
		stop()
		run.Wait()
		if got := strings.Count(read(t, file), "\n"); got != 2 {
			t.Errorf("at the end: %d lines", got)
		}
	})
}

func TestManyLinesAreWrittenAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, file := newLog(t, Config{}, new(bytes.Buffer))
		ctx, stop := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() { l.Run(ctx) })
		q, r := visit()
		for size := 0; size < flushAt; size += len(appendCombined(nil, &q, &r, Config{}, new(clock))) {
			l.Add(&q, &r)
		}
		synctest.Wait()
		if got := len(read(t, file)); got < flushAt {
			t.Errorf("%d bytes", got)
		}
		stop()
		run.Wait()
	})
}

func TestMovedFileIsBegunAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, file := newLog(t, Config{}, new(bytes.Buffer))
		ctx, stop := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() { l.Run(ctx) })
		q, r := visit()
		l.Add(&q, &r)
		time.Sleep(flushEvery)
		synctest.Wait()
		if err := os.Rename(file, file+".1"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(flushEvery)
		l.Add(&q, &r)
		stop()
		run.Wait()
		if old, now := strings.Count(read(t, file+".1"), "\n"), strings.Count(read(t, file), "\n"); old != 1 || now != 1 {
			t.Errorf("%d lines in the old file, %d in the new one", old, now)
		}
	})
}

func TestSlowDiskCostsLinesButNoMemory(t *testing.T) {
	t.Parallel()
	var events bytes.Buffer
	l, file := newLog(t, Config{}, &events)
	q, r := visit()
	q.UserAgent = strings.Repeat("\x00", 1000)
	count := 0
	for ; l.dropped < 100; count++ {
		l.Add(&q, &r)
	}
	if len(l.lines) > most+5000 {
		t.Errorf("%d bytes wait", len(l.lines))
	}
	if cap(l.lines) > 2*most {
		t.Errorf("%d bytes of room for them", cap(l.lines))
	}
	if spare := l.flush(nil); cap(spare) > keep {
		t.Errorf("%d bytes of room are kept for the next", cap(spare))
	}
	if got := strings.Count(read(t, file), "\n"); got != count-100 {
		t.Errorf("%d of %d lines were written", got, count)
	}
	if !strings.Contains(events.String(), "lines=100") {
		t.Errorf("got %s", &events)
	}
}

func TestLogIsAppendedTo(t *testing.T) {
	t.Parallel()
	l, file := newLog(t, Config{Format: "json"}, new(bytes.Buffer))
	q, r := visit()
	l.Add(&q, &r)
	l.flush(nil)
	l, _ = newLog(t, Config{Format: "json", File: file}, new(bytes.Buffer))
	l.Add(&q, &r)
	l.flush(nil)
	lines := strings.SplitAfter(read(t, file), "\n")
	if len(lines) != 3 || lines[0] != lines[1] || lines[2] != "" {
		t.Errorf("got %q", lines)
	}
}

func TestFileThatCannotBeWrittenIsAMistake(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if _, err := Open(Config{File: folder}, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), folder+" cannot be written: is a directory") {
		t.Errorf("got %v", err)
	}
}

func TestLineAllocatesNothing(t *testing.T) {
	for _, format := range []string{"combined", "json"} {
		l, _ := newLog(t, Config{Format: format}, new(bytes.Buffer))
		l.lines = make([]byte, 0, most)
		if n := testing.AllocsPerRun(1000, func() {
			q, r := visit()
			l.Add(&q, &r)
		}); n != 0 {
			t.Errorf("%s: %v allocations", format, n)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	for _, format := range []string{"combined", "json"} {
		b.Run(format, func(b *testing.B) {
			l, _ := newLog(b, Config{Format: format}, new(bytes.Buffer))
			q, r := visit()
			b.ReportAllocs()
			for b.Loop() {
				l.Add(&q, &r)
				if len(l.lines) > flushAt {
					l.lines = l.lines[:0]
				}
			}
		})
	}
}
