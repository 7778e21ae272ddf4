package testkit

import (
	"bytes"
	"strings"
	"sync"
	"time"
)

// Patience is how long a test waits for what must happen. It is generous: nothing waits so long unless it fails. On two cores with much else
// to do, a POP that is built with the race detector was seen to take half a minute until it is ready.
const Patience = 2 * time.Minute

// Pace is how often a test looks again, and asks again: it keeps those who ask from taking the whole machine.
const Pace = time.Millisecond

// Lines collects lines as they come, for those who wait for one.
type Lines struct {
	mu   sync.Mutex
	list []string
	part []byte        // of a line that is not complete
	more chan struct{} // closed when a line comes
}

func newLines() *Lines { return &Lines{more: make(chan struct{})} }

// Write takes a piece of text.
func (l *Lines) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, text...)
	for {
		line, rest, complete := bytes.Cut(l.part, []byte("\n"))
		if !complete {
			return len(text), nil
		}
		l.list = append(l.list, string(line))
		l.part = append([]byte{}, rest...)
		close(l.more)
		l.more = make(chan struct{})
	}
}

// From gives the lines from number n on, and a channel that is closed when there are more.
func (l *Lines) From(n int) ([]string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.list[n:len(l.list):len(l.list)], l.more
}

// Await waits for a line from number n on that fits, and gives the number of the one behind it. Without one it
// gives up when its patience ends, or when over is closed: then no more lines will come.
func (l *Lines) Await(n int, over <-chan struct{}, fits func(line string) bool) (next int, found bool) {
	late := time.After(Patience)
	for last := false; ; {
		list, more := l.From(n)
		for i, line := range list {
			if fits(line) {
				return n + i + 1, true
			}
		}
		if last {
			return n, false
		}
		select {
		case <-more:
		case <-over:
			last = true
		case <-late:
			return n, false
		}
	}
}

func (l *Lines) String() string {
	list, _ := l.From(0)
	return strings.Join(list, "\n")
}
