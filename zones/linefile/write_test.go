package linefile

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// disk has room for so many bytes.
type disk struct {
	bytes.Buffer
	room int
}

func (d *disk) Write(b []byte) (int, error) {
	n := min(len(b), d.room)
	d.room -= n
	d.Buffer.Write(b[:n])
	if n < len(b) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

// A full disk costs the lines that find no room, and a line that was cut stays one of its own. It is told once a minute, and
// when it is over.
func TestAFullDiskCostsLinesAndTearsNoOther(t *testing.T) {
	t.Parallel()
	w := writer{name: "access log"}
	var events bytes.Buffer
	log := slog.New(slog.NewTextHandler(&events, nil))
	d := &disk{room: 6}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for i := range 3 {
		if lost, want := w.write(d, []byte("one\ntwo\nthree\n"), log, now), []int{2, 3, 3}[i]; lost != want {
			t.Errorf("%d lines were lost, want %d", lost, want)
		}
		now = now.Add(time.Second)
	}
	w.write(d, []byte("four\n"), log, now.Add(tellEvery))
	d.room = 100
	w.write(d, []byte("five\n"), log, now)
	w.write(d, []byte("six\n"), log, now)
	if got, want := d.String(), "one\ntw\nfive\nsix\n"; got != want {
		t.Errorf("on the disk is %q, want %q", got, want)
	}
	lines := strings.Split(strings.TrimSpace(events.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "lines_lost=2") || !strings.Contains(lines[1], "lines_lost=9") || !strings.Contains(lines[2], "can be written again\" lines_lost=9") {
		t.Errorf("the log is\n%s", events.String())
	}
}

// Whoever reads the log from a pipe may have stopped reading: an end does not wait for him for long.
func TestAReaderWhoReadsNoMoreKeepsNoEndWaiting(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close() // else the goroutine that is left would write for ever
	f := &File{path: "-", log: slog.New(slog.DiscardHandler), full: make(chan struct{}, 1), file: w}
	for range 2000 { // more than a pipe holds
		f.Add(func(lines []byte) []byte { return append(append(lines, strings.Repeat("x", 100)...), '\n') })
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	f.Run(ctx) // returns
}
