package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/google/renameio/v2"
)

// mostPurges is how many purges a POP remembers for those that were cut off.
const mostPurges = 10_000

// purgeLog is what a POP has begun to purge, in a file of lines "NUMBER URL". The numbers go on after a restart.
type purgeLog struct {
	path string

	mu   sync.Mutex
	list []order
	last uint64
	file *os.File // nil: not open yet
	size int      // lines in it
}

func openPurgeLog(path string) (*purgeLog, error) {
	l := &purgeLog{path: path}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		number, url, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		n, err := strconv.ParseUint(number, 10, 63)
		if !ok || err != nil || n <= l.last || !strings.HasSuffix(line, "\n") {
			continue // it was cut off
		}
		l.last = n
		l.list = append(l.list, order{n, url})
	}
	l.list = l.list[max(0, len(l.list)-mostPurges):]
	return l, l.rewrite()
}

// rewrite leaves what is remembered in the file.
func (l *purgeLog) rewrite() error {
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
	if l.size = len(l.list); l.size == 0 {
		return nil
	}
	var text bytes.Buffer
	for _, o := range l.list {
		fmt.Fprintf(&text, "%d %s\n", o.Number, o.URL)
	}
	return renameio.WriteFile(l.path, text.Bytes(), 0o600)
}

// add remembers a purge.
func (l *purgeLog) add(url string) (o order, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if url == "" {
		return o, errNoURL
	}
	if strings.ContainsAny(url, "\n\r") {
		return o, fmt.Errorf("%q is no URL", url)
	}
	if l.file == nil {
		if l.file, err = os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
			return o, err
		}
	}
	o = order{l.last + 1, url}
	if _, err := fmt.Fprintf(l.file, "%d %s\n", o.Number, o.URL); err != nil {
		return o, err
	}
	l.last, l.size, l.list = o.Number, l.size+1, append(l.list, o)
	if len(l.list) > mostPurges {
		l.list = l.list[1:]
	}
	if l.size >= 2*mostPurges {
		return o, l.rewrite()
	}
	return o, nil
}

// since are the purges behind a number.
func (l *purgeLog) since(number uint64) orders {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := l.last - uint64(len(l.list)) + 1
	if number > l.last || number+1 < first {
		return orders{All: true, Last: l.last}
	}
	return orders{Last: l.last, List: append([]order{}, l.list[number+1-first:]...)}
}
