// Package accesslog writes a line for every request, without keeping anybody waiting.
package accesslog

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"tinycdn/geoip/plainfile"
	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
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

// Config says what is logged where.
type Config struct {
	// where requests are logged; `"-"` is standard output. Left out: no log
	File string `toml:"file"`
	// `"combined"` or `"json"`. Left out: `"combined"`
	Format string `toml:"format"`
	// of visitors: `"truncated"` (to /24 and /48), `"full"` or `"none"`. Left out: `"truncated"`
	Addresses string `toml:"addresses"`
}

// Check reports what is wrong with c, at the keys below it.
func (c *Config) Check(report diag.Report) {
	oneOf := func(key, text string, allowed ...string) {
		if !slices.Contains(allowed, text) {
			report(diag.At(key), "%q is not one of %s%s", text, strings.Join(allowed, ", "), diag.DidYouMean(text, allowed))
		}
	}
	oneOf("format", c.Format, "combined", "json")
	oneOf("addresses", c.Addresses, "truncated", "full", "none")
}

// Log collects lines and writes them every now and then.
type Log struct {
	config Config
	log    *slog.Logger

	mu      sync.Mutex
	lines   []byte
	dropped int
	clock   clock
	full    chan struct{} // lines should be written now

	// held by Run alone
	file   *os.File
	writer writer
	told   string // why a new file could not be begun, said last
}

// Open begins a log. The file is appended to.
func Open(c Config, log *slog.Logger) (*Log, error) {
	l := &Log{config: c, log: log, full: make(chan struct{}, 1)}
	if err := l.open(); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Log) open() error {
	if l.config.File == "-" {
		l.file = os.Stdout
		return nil
	}
	file, err := plainfile.Append(l.config.File, 0o640)
	if err != nil {
		return fmt.Errorf("the access log %s cannot be written: %s", l.config.File, diag.Reason(err))
	}
	l.file = file
	return nil
}

// Add logs a request. It allocates nothing as long as the disk keeps up.
func (l *Log) Add(q *page.Request, r *reply.Reply) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) >= most {
		l.dropped++
		return
	}
	if l.config.Format == "json" {
		l.lines = appendJSON(l.lines, q, r, l.config, &l.clock)
	} else {
		l.lines = appendCombined(l.lines, q, r, l.config, &l.clock)
	}
	if len(l.lines) >= flushAt {
		select {
		case l.full <- struct{}{}:
		default:
		}
	}
}

// endTime is how long the last lines may take at the end: time enough for any reader that reads.
const endTime = time.Second

// Run writes what is added until ctx ends, and then the rest. Where that takes too long, whoever should read has stopped
// reading, and the lines are lost.
func (l *Log) Run(ctx context.Context) {
	ended := make(chan struct{})
	go func() { // it may be writing to a pipe that nobody empties, for ever
		defer close(ended)
		l.run(ctx)
	}()
	<-ctx.Done()
	select {
	case <-ended:
	case <-time.After(endTime):
		l.log.Warn("the last lines of the access log are lost: nobody takes them")
	}
}

func (l *Log) run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	var spare []byte
	for done := false; !done; {
		select {
		case <-ctx.Done():
			done = true
		case <-l.full:
		case <-tick.C:
			l.followRotation()
		}
		spare = l.flush(spare)
	}
	if l.file != os.Stdout {
		l.file.Close()
	}
}

// flush writes the lines there are, while others are added to the spare buffer.
func (l *Log) flush(spare []byte) []byte {
	l.mu.Lock()
	lines, dropped := l.lines, l.dropped
	l.lines, l.dropped = spare[:0], 0
	l.mu.Unlock()
	if dropped > 0 {
		l.log.Warn("lines of the access log were dropped: the disk does not keep up", "lines", dropped)
	}
	if len(lines) == 0 {
		return lines
	}
	l.writer.write(l.file, lines, l.log, time.Now())
	if cap(lines) > keep {
		return nil
	}
	return lines
}

// followRotation begins a new file when the old one was moved away, as logrotate does.
func (l *Log) followRotation() {
	if l.file == os.Stdout {
		return
	}
	is, err := os.Stat(l.config.File)
	if was, werr := l.file.Stat(); err == nil && werr == nil && os.SameFile(is, was) {
		return
	}
	old := l.file
	if err := l.open(); err != nil {
		if l.file = old; err.Error() != l.told { // once, and not every second
			l.told = err.Error()
			l.log.Warn(l.told, "effect", "what was moved away is written on")
		}
		return
	}
	l.told, l.writer.torn = "", false
	old.Close()
}
