package system

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

// LogQueue is a log that nobody waits for: a reader that reads no longer, or a full disk, costs lines and nothing else. How
// many were lost is told as soon as lines can be written again.
type LogQueue struct {
	w io.Writer

	mu      sync.Mutex
	waiting []queued
	size    int           // of the lines that wait
	lost    int           // lines that had no room, since the last one that had
	idle    chan struct{} // closed when all is written; nil: nothing is being written

	// Of the goroutine that writes:
	failed int       // lines that could not be written, since the last one that could
	cut    bool      // what was written last ends amid a line
	told   *lostLine // how lines that were lost are told
}

// queued is a line that waits.
type queued struct {
	line []byte // nil: only tell what was lost
	lost int    // lines that had no room before it
}

// lostLine makes the line that tells how many were lost, as the log has its lines.
type lostLine struct {
	text bytes.Buffer
	log  *slog.Logger
}

// mostWaiting is how many bytes of log wait: some 8,000 lines, beside the 64 KB that a pipe holds.
const mostWaiting = 1 << 20

// NewLogQueue is a log that goes to w.
func NewLogQueue(w io.Writer) *LogQueue {
	q := &LogQueue{w: w}
	q.Logger("text")
	return q
}

// Logger writes events to the queue, as text, or as JSON. It is called before the first is written.
func (q *LogQueue) Logger(format string) *slog.Logger {
	q.told = &lostLine{}
	q.told.log = NewLogger(&q.told.text, format)
	return NewLogger(q, format)
}

// Write has a line written, if there is room for it.
func (q *LogQueue) Write(line []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) > 0 && q.size+len(line) > mostWaiting {
		q.lost++
		return len(line), nil
	}
	q.waiting = append(q.waiting, queued{bytes.Clone(line), q.lost})
	q.size += len(line)
	q.lost = 0
	if q.idle == nil {
		q.idle = make(chan struct{})
		go q.drain()
	}
	return len(line), nil
}

// Flush waits until all is written, but for no longer than patience.
func (q *LogQueue) Flush(patience time.Duration) {
	q.mu.Lock()
	idle := q.idle
	q.mu.Unlock()
	if idle == nil {
		return
	}
	select {
	case <-idle:
	case <-time.After(patience):
	}
}

// drain writes lines until none waits. It waits for whoever reads them; nobody waits for it.
func (q *LogQueue) drain() {
	for {
		next, more := q.next()
		if !more {
			return
		}
		q.failed += next.lost
		if q.failed > 0 {
			q.told.text.Reset()
			q.told.log.Warn("lines of this log were lost: it could not be written", "lines", q.failed)
			if q.put(q.told.text.Bytes()) {
				q.failed = 0
			}
		}
		if next.line != nil && !q.put(next.line) {
			q.failed++
		}
	}
}

// next is what is to be written next. When nothing is, the queue is idle.
func (q *LogQueue) next() (queued, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 && q.lost == 0 {
		close(q.idle)
		q.idle = nil
		return queued{}, false
	}
	if len(q.waiting) == 0 {
		next := queued{lost: q.lost}
		q.lost = 0
		return next, true
	}
	next := q.waiting[0]
	q.waiting = q.waiting[1:]
	q.size -= len(next.line)
	return next, true
}

// put writes a line, on a line of its own even if the one before was cut by a full disk.
func (q *LogQueue) put(line []byte) bool {
	if q.cut {
		line = append([]byte("\n"), line...)
	}
	n, err := q.w.Write(line)
	if n > 0 {
		q.cut = line[n-1] != '\n'
	}
	return err == nil
}

// LastWords writes what ends the program, unless nobody can be told.
func LastWords(w io.Writer, err error) {
	q := NewLogQueue(w)
	fmt.Fprintln(q, err)
	q.Flush(5 * time.Second)
}
