// Package querylog writes down what was asked and answered, as lines of JSON and to a dnstap reader, without keeping a loop waiting.
package querylog

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/zones/linefile"
)

// Config says what is written where.
type Config struct {
	File   string // of lines; "-" is standard output, "": none
	Sample int    // of so many queries one gets a line, by chance; 0 is as 1
	Socket string // of a dnstap reader; "": none

	Identity, Version string // of this server, for dnstap

	Type  func(number uint16) string   // what a type is called
	Rcode func(number int) string      // what an RCODE is called
	POP   func(addr netip.Addr) string // whose address that is; "": no POP's. Nil is as if it never were one's
}

// Log writes down what loops have copied into their rings.
type Log struct {
	config Config
	log    *slog.Logger
	file   *linefile.File // nil: none. Settled before a loop begins
	tap    *tap           // nil: none

	mu    sync.Mutex // held by who makes rings, who looks at them, and who opens the file
	rings []*Ring

	asleep atomic.Bool   // nobody looks at the rings until wake is told
	wake   chan struct{} // by a loop, which waits for nothing
	lines  lines
}

// New makes a Log, or none, nil, if nothing is to be written. Nothing is opened yet.
func New(c Config, log *slog.Logger) *Log {
	if c.File == "" && c.Socket == "" {
		return nil
	}
	l := &Log{config: c, log: log, wake: make(chan struct{}, 1), lines: lines{config: &c}}
	if c.Socket != "" {
		l.tap = newTap(c.Socket, log)
	}
	return l
}

// Open opens the file, if there is to be one: the user does, whom the process becomes once its sockets are bound. One that cannot be
// written is tried once, and told once.
func (l *Log) Open() (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if path := l.config.File; path != "" {
		l.config.File = ""
		l.file, err = linefile.Open(path, "query log", l.log)
	}
	return err
}

// Dropped is how many queries were not written, for want of room or of a reader.
type Dropped struct{ File, DNSTap uint64 }

// Dropped counts them, since the start. Anybody may ask.
func (l *Log) Dropped() (sum Dropped) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.rings {
		sum.File += r.lost.file.Load()
		sum.DNSTap += r.lost.tap.Load()
	}
	if l.file != nil {
		sum.File += l.file.Lost()
	}
	if l.tap != nil {
		sum.DNSTap += l.tap.lost.Load()
	}
	return sum
}

func (l *Log) all() []*Ring {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rings // which only grows
}

// gather is how long rings fill before they are looked at again: a loop need not wake anybody for each query, and at 500,000 queries
// a second none fills up meanwhile.
const gather = 2 * time.Millisecond

// Run writes what the loops copy until ctx ends, and then the rest.
func (l *Log) Run(ctx context.Context) {
	writing, end := context.WithCancel(context.WithoutCancel(ctx))
	var writers sync.WaitGroup
	if l.file != nil {
		writers.Go(func() { l.file.Run(writing) })
	}
	if l.tap != nil {
		writers.Go(func() { l.tap.run(writing) })
	}
	pause := time.NewTimer(0)
	for ctx.Err() == nil {
		if l.collect() {
			pause.Reset(gather)
			select {
			case <-pause.C:
			case <-ctx.Done():
			}
			continue
		}
		l.asleep.Store(true)
		if !l.collect() { // a loop that saw us awake has told nobody
			select {
			case <-l.wake:
			case <-ctx.Done():
			}
		}
		l.asleep.Store(false)
	}
	l.collect()
	end()
	writers.Wait()
}

// collect writes what is in the rings, and says whether there was anything.
func (l *Log) collect() (found bool) {
	for _, r := range l.all() {
		for end := r.written.Load(); r.read.Load() < end; { // and not for ever: there are other loops
			rec, _ := r.next()
			found = true
			if rec.to&toFile != 0 {
				l.file.Add(func(text []byte) []byte { return l.lines.append(text, rec) })
			}
			if rec.to&toTap != 0 {
				l.tap.add(rec, &l.config)
			}
		}
	}
	return found
}
