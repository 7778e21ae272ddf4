package accesslog

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
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
