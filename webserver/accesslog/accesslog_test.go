package accesslog

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
	return l, c.File
}

// end writes what waits, and ends the log.
func end(t *testing.T, l *Log) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	l.Run(ctx)
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestLogIsAppendedTo(t *testing.T) {
	t.Parallel()
	l, file := newLog(t, Config{Format: "json"}, new(bytes.Buffer))
	q, r := visit()
	l.Add(&q, &r)
	end(t, l)
	l, _ = newLog(t, Config{Format: "json", File: file}, new(bytes.Buffer))
	l.Add(&q, &r)
	end(t, l)
	lines := strings.SplitAfter(read(t, file), "\n")
	if len(lines) != 3 || lines[0] != lines[1] || lines[2] != "" {
		t.Errorf("got %q", lines)
	}
}

func TestLineAllocatesNothing(t *testing.T) {
	for _, format := range []string{"combined", "json"} {
		l, _ := newLog(t, Config{Format: format}, new(bytes.Buffer))
		defer end(t, l)
		if n := testing.AllocsPerRun(1000, func() {
			q, r := visit()
			l.Add(&q, &r)
		}); n != 0 {
			t.Errorf("%s: %v allocations", format, n)
		}
	}
}

func BenchmarkLine(b *testing.B) {
	for format, appendLine := range map[string]func([]byte, *page.Request, *reply.Reply, Config, *clock) []byte{"combined": appendCombined, "json": appendJSON} {
		b.Run(format, func(b *testing.B) {
			q, r := visit()
			line, now := make([]byte, 0, 1<<10), new(clock)
			b.ReportAllocs()
			for b.Loop() {
				line = appendLine(line[:0], &q, &r, Config{}, now)
			}
		})
	}
}
