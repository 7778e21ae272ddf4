// Package diagtest has what tests of several rooms need to see what is told.
package diagtest

import (
	"strings"
	"sync"
)

// Log is a log that may be read while others write it. The zero value is ready.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
