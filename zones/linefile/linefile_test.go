package linefile

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// aLine is one as logs have them.
func aLine(lines []byte) []byte { return append(lines, "192.0.2.77 asked for /a?b=c and got 200\n"...) }

// newFile begins a file in a folder of its own.
func newFile(t testing.TB, events *bytes.Buffer) (f *File, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "access.log")
	f, err := Open(path, "access log", slog.New(slog.NewTextHandler(events, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.file.Close() })
	return f, path
}

// running runs a file until end, which returns once it has ended.
func running(t *testing.T, f *File) (end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { f.Run(ctx) })
	return func() { stop(); run.Wait() }
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
		f, file := newFile(t, new(bytes.Buffer))
		end := running(t, f)
		f.Add(aLine)
		synctest.Wait()
		if got := read(t, file); got != "" {
			t.Errorf("at once: %q", got)
		}
		time.Sleep(flushEvery)
		synctest.Wait()
		if got := strings.Count(read(t, file), "\n"); got != 1 {
			t.Errorf("after a second: %d lines", got)
		}
		f.Add(aLine)
		end()
		if got := strings.Count(read(t, file), "\n"); got != 2 {
			t.Errorf("at the end: %d lines", got)
		}
	})
}

func TestManyLinesAreWrittenAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, file := newFile(t, new(bytes.Buffer))
		end := running(t, f)
		for size := 0; size < flushAt; size += len(aLine(nil)) {
			f.Add(aLine)
		}
		synctest.Wait()
		if got := len(read(t, file)); got < flushAt {
			t.Errorf("%d bytes", got)
		}
		end()
	})
}

func TestMovedFileIsBegunAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, file := newFile(t, new(bytes.Buffer))
		end := running(t, f)
		f.Add(aLine)
		time.Sleep(flushEvery)
		synctest.Wait()
		if err := os.Rename(file, file+".1"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(flushEvery)
		f.Add(aLine)
		end()
		if old, now := strings.Count(read(t, file+".1"), "\n"), strings.Count(read(t, file), "\n"); old != 1 || now != 1 {
			t.Errorf("%d lines in the old file, %d in the new one", old, now)
		}
	})
}

func TestSlowDiskCostsLinesButNoMemory(t *testing.T) {
	t.Parallel()
	var events bytes.Buffer
	f, file := newFile(t, &events)
	long := append(bytes.Repeat([]byte("x"), 4000), '\n')
	count := 0
	for ; f.dropped < 100; count++ {
		f.Add(func(lines []byte) []byte { return append(lines, long...) })
	}
	if len(f.lines) > most+5000 {
		t.Errorf("%d bytes wait", len(f.lines))
	}
	if cap(f.lines) > 2*most {
		t.Errorf("%d bytes of room for them", cap(f.lines))
	}
	if spare := f.flush(nil); cap(spare) > keep {
		t.Errorf("%d bytes of room are kept for the next", cap(spare))
	}
	if got := strings.Count(read(t, file), "\n"); got != count-100 {
		t.Errorf("%d of %d lines were written", got, count)
	}
	if !strings.Contains(events.String(), "lines of the access log were dropped: the disk does not keep up\" lines=100") {
		t.Errorf("got %s", &events)
	}
	if got := f.Lost(); got != 100 {
		t.Errorf("%d lines are counted as lost", got)
	}
}

func TestFileThatCannotBeWrittenIsAMistake(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if _, err := Open(folder, "access log", slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "the access log "+folder+" cannot be written: is a directory") {
		t.Errorf("got %v", err)
	}
}

func TestALineThatWaitsAllocatesNothing(t *testing.T) {
	f, _ := newFile(t, new(bytes.Buffer))
	f.lines = make([]byte, 0, most)
	if n := testing.AllocsPerRun(1000, func() { f.Add(aLine) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
