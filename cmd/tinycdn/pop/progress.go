package pop

import (
	"log/slog"
	"sync"
	"time"
)

// progress knows where a reload stands: a disk that hangs, or a file that never ends, may keep it for ever.
type progress struct {
	log *slog.Logger

	mu         sync.Mutex // for:
	since      time.Time  // when the reload began; zero: there is none
	step, name string     // what it is at
	told       bool       // that it stands
	watchdog   *time.Timer
}

// tooLong is when a reload that goes on is a matter for somebody.
const tooLong = time.Minute

func (p *progress) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since, p.step, p.name, p.told = time.Now(), "the look for changes", "", false
	p.watchdog = time.AfterFunc(tooLong, p.tell)
}

// at says what is read next. Nobody need follow.
func (p *progress) at(step, name string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step, p.name = step, name
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watchdog.Stop()
	if p.told {
		p.log.Info("the reload that stood has ended", "after", time.Since(p.since).Round(time.Second))
	}
	p.since = time.Time{}
}

func (p *progress) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.since.IsZero() {
		return
	}
	p.told = true
	p.log.Error("the reload stands at "+p.text(), "for", tooLong, "effect", "no change is taken over until it goes on; what was served is")
}

func (p *progress) text() string {
	if p.name == "" {
		return p.step
	}
	return p.step + " " + p.name
}

// reloading says at what a reload stands, and since when it runs; "": there is none.
func (p *POP) reloading() (step string, since time.Time) {
	p.progress.mu.Lock()
	defer p.progress.mu.Unlock()
	if p.progress.since.IsZero() {
		return "", time.Time{}
	}
	return p.progress.text(), p.progress.since
}
