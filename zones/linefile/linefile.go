// Package linefile writes lines to a file, without keeping anybody waiting.
package linefile

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"tinycdn/geoip/plainfile"
	"tinycdn/zones/diag"
)

const (
	// flushEvery is how long a line may wait in memory.
	flushEvery = time.Second
	// flushAt is the number of bytes at which lines are written at once.
	flushAt = 64 << 10
	// most is the number of bytes beyond which lines are dropped, for when the disk does not keep up.
	most = 1 << 20
	// keep is the room for lines that is kept when they are written: more is needed only where the disk does not keep up.
	keep = 4 * flushAt
)

// File collects lines and writes them every now and then.
type File struct {
	path string
	name string // of what is written: "access log"
	log  *slog.Logger

	mu      sync.Mutex
	lines   []byte
	dropped int
	lost    uint64        // all that were dropped or not written, since the start
	full    chan struct{} // lines should be written now

	// held by Run alone
	file   *os.File
	writer writer
	told   string // why a new file could not be begun, said last
}

// Open begins to write at a path; "-" is standard output. The file is appended to. Its name is what the log calls it.
func Open(path, name string, log *slog.Logger) (*File, error) {
	f := &File{path: path, name: name, log: log, full: make(chan struct{}, 1), writer: writer{name: name}}
	if err := f.open(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *File) open() error {
	if f.path == "-" {
		f.file = os.Stdout
		return nil
	}
	file, err := plainfile.Append(f.path, 0o640)
	if err != nil {
		return fmt.Errorf("the %s %s cannot be written: %s", f.name, f.path, diag.Reason(err))
	}
	f.file = file
	return nil
}

// Add has line appended to the lines that wait, by one caller at a time. It allocates nothing as long as the disk keeps up.
func (f *File) Add(line func(lines []byte) []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.lines) >= most {
		f.dropped++
		f.lost++
		return
	}
	f.lines = line(f.lines)
	if len(f.lines) >= flushAt {
		select {
		case f.full <- struct{}{}:
		default:
		}
	}
}

// Lost is how many lines were not written, since the start. Anybody may ask.
func (f *File) Lost() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lost
}

// endTime is how long the last lines may take at the end: time enough for any reader that reads.
const endTime = time.Second

// Run writes what is added until ctx ends, and then the rest. Where that takes too long, whoever should read has stopped
// reading, and the lines are lost.
func (f *File) Run(ctx context.Context) {
	ended := make(chan struct{})
	go func() { // it may be writing to a pipe that nobody empties, for ever
		defer close(ended)
		f.run(ctx)
	}()
	<-ctx.Done()
	select {
	case <-ended:
	case <-time.After(endTime):
		f.log.Warn("the last lines of the " + f.name + " are lost: nobody takes them")
	}
}

func (f *File) run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	var spare []byte
	for done := false; !done; {
		select {
		case <-ctx.Done():
			done = true
		case <-f.full:
		case <-tick.C:
			f.followRotation()
		}
		spare = f.flush(spare)
	}
	if f.file != os.Stdout {
		f.file.Close()
	}
}

// flush writes the lines there are, while others are added to the spare buffer.
func (f *File) flush(spare []byte) []byte {
	f.mu.Lock()
	lines, dropped := f.lines, f.dropped
	f.lines, f.dropped = spare[:0], 0
	f.mu.Unlock()
	if dropped > 0 {
		f.log.Warn("lines of the "+f.name+" were dropped: the disk does not keep up", "lines", dropped)
	}
	if len(lines) == 0 {
		return lines
	}
	if lost := f.writer.write(f.file, lines, f.log, time.Now()); lost > 0 {
		f.mu.Lock()
		f.lost += uint64(lost)
		f.mu.Unlock()
	}
	if cap(lines) > keep {
		return nil
	}
	return lines
}

// followRotation begins a new file when the old one was moved away, as logrotate does.
func (f *File) followRotation() {
	if f.file == os.Stdout {
		return
	}
	is, err := os.Stat(f.path)
	if was, werr := f.file.Stat(); err == nil && werr == nil && os.SameFile(is, was) {
		return
	}
	old := f.file
	if err := f.open(); err != nil {
		if f.file = old; err.Error() != f.told { // once, and not every second
			f.told = err.Error()
			f.log.Warn(f.told, "effect", "what was moved away is written on")
		}
		return
	}
	f.told, f.writer.torn = "", false
	old.Close()
}
