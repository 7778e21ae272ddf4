package tests

import (
	"bytes"
	"strings"
	"sync"
	"time"
)

// patience is how long a test waits for what must happen. It is generous: nothing waits so long unless it fails.
const patience = 30 * time.Second

// lines collects lines as they come, for those who wait for one.
type lines struct {
	mu   sync.Mutex
	list []string
	part []byte        // of a line that is not complete
	more chan struct{} // closed when a line comes
}

func newLines() *lines { return &lines{more: make(chan struct{})} }

// Write takes a piece of text.
func (l *lines) Write(text []byte) (int, error) {
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

// from gives the lines from number n on, and a channel that is closed when there are more.
func (l *lines) from(n int) ([]string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.list[n:len(l.list):len(l.list)], l.more
}

// await waits for a line from number n on that fits, and gives the number of the one behind it. Without one it
// gives up when its patience ends, or when over is closed: then no more lines will come.
func (l *lines) await(n int, over <-chan struct{}, fits func(line string) bool) (next int, found bool) {
	late := time.After(patience)
	for last := false; ; {
		list, more := l.from(n)
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

func (l *lines) String() string {
	list, _ := l.from(0)
	return strings.Join(list, "\n")
}
