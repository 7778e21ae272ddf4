package webserver

import (
	"sync"
	"time"
)

// idle ends a connection that has had no stream for some time. It looks at the clock once for each streak of streams, and sets a timer
// once a time, however many streams there are. (http3 has the same, but knows only of the streams that it is given.)
type idle struct {
	most  time.Duration
	close func()

	mu      sync.Mutex
	streams int
	since   time.Time // there is no stream
	timer   *time.Timer
}

func newIdle(most time.Duration, close func()) *idle {
	i := &idle{most: most, close: close, since: time.Now()}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.timer = time.AfterFunc(most, i.look)
	return i
}

func (i *idle) begin() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.streams++
}

func (i *idle) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.streams--; i.streams == 0 {
		i.since = time.Now()
	}
}

// look closes the connection if it is time.
func (i *idle) look() {
	i.mu.Lock()
	left := i.most
	if i.streams == 0 {
		left -= time.Since(i.since)
	}
	if left > 0 {
		i.timer.Reset(left)
	}
	i.mu.Unlock()
	if left <= 0 {
		i.close()
	}
}

func (i *idle) stop() { i.timer.Stop() }
