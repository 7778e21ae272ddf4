package notify

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// pauses are those between the tries to send a message, which together take ten minutes: so long a service may be restarted.
var pauses = []time.Duration{10 * time.Second, 30 * time.Second, 2 * time.Minute, 7 * time.Minute}

// mostTime is how old a message may be that is tried again: what waits behind one that was not taken is old when its turn comes.
const mostTime = 11 * time.Minute

// mostWaiting is how many messages wait for a webhook that takes none; the next ones are lost.
const mostWaiting = 32

// Sender sends messages to webhooks, to each in the order in which they were given.
type Sender struct {
	Log *slog.Logger
	// Wait waits so long, unless ctx ends before; nil: by the clock.
	Wait func(ctx context.Context, d time.Duration) error
	Now  func() time.Time // nil: time.Now

	client *http.Client // nil: the usual one
	mu     sync.Mutex
	lines  map[string]*line // by webhook
	work   sync.WaitGroup
}

// line is the messages for a webhook.
type line struct {
	Target
	waiting []waiting
	busy    bool // somebody sends them
	lost    int
	trouble string // why it took nothing the last time; "": it did
}

type waiting struct {
	Message
	since time.Time
}

// Send sends a message to webhooks before long, and waits for nothing. Once ctx has ended it is not sent.
func (s *Sender) Send(ctx context.Context, m Message, targets ...Target) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lines == nil {
		s.lines = map[string]*line{}
	}
	for _, t := range targets {
		l := s.lines[t.key()]
		if l == nil {
			l = &line{Target: t}
			s.lines[t.key()] = l
		}
		if len(l.waiting) >= mostWaiting {
			l.lost++
			continue
		}
		l.waiting = append(l.waiting, waiting{m, s.now()})
		if !l.busy {
			l.busy = true
			s.work.Go(func() { s.empty(ctx, l) })
		}
	}
}

// Close waits for what is on its way. The context of Send ends it.
func (s *Sender) Close() { s.work.Wait() }

// Trouble says which of these webhooks take nothing; "": all do.
func (s *Sender) Trouble(of ...Target) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, t := range of {
		if l := s.lines[t.key()]; l != nil && l.trouble != "" {
			text := fmt.Sprintf("the webhook at %v takes no messages: %s", l.Target, l.trouble)
			if l.lost > 0 {
				text += fmt.Sprintf(" (%d lost)", l.lost)
			}
			list = append(list, text)
		}
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), "; ")
}

// empty sends what waits for a webhook.
func (s *Sender) empty(ctx context.Context, l *line) {
	for {
		s.mu.Lock()
		if len(l.waiting) == 0 || ctx.Err() != nil {
			l.waiting, l.busy = nil, false
			s.mu.Unlock()
			return
		}
		first := l.waiting[0]
		s.mu.Unlock()
		took := s.send(ctx, l, &first)
		s.mu.Lock()
		if l.waiting = l.waiting[1:]; !took {
			l.lost++
		}
		s.mu.Unlock()
	}
}

// send tries to send a message until it is taken, and says whether it was.
func (s *Sender) send(ctx context.Context, l *line, m *waiting) bool {
	for i := 0; ; i++ {
		_, err := l.post(ctx, s.sends(), &m.Message)
		if ctx.Err() != nil {
			return err == nil
		}
		s.note(l, err)
		if err == nil {
			return true
		}
		if i == len(pauses) || s.now().Add(pauses[i]).Sub(m.since) > mostTime || s.wait(ctx, pauses[i]) != nil {
			return false
		}
	}
}

// note tells once that a webhook takes nothing, and once that it does again.
func (s *Sender) note(l *line, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := l.trouble
	if l.trouble = ""; err != nil {
		l.trouble = err.Error()
	}
	switch {
	case was == "" && err != nil:
		s.Log.Warn("a webhook takes no messages", "webhook", l.Target.String(), "error", err, "effect", "each is tried again for 10 minutes")
	case was != "" && err == nil:
		s.Log.Info("a webhook takes messages again", "webhook", l.Target.String(), "lost", l.lost)
		l.lost = 0
	}
}

func (s *Sender) sends() *http.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		s.client = newClient()
	}
	return s.client
}

func (s *Sender) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *Sender) wait(ctx context.Context, d time.Duration) error {
	if s.Wait != nil {
		return s.Wait(ctx, d)
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Try is what comes of sending a message once.
type Try struct {
	Webhook string `json:"webhook"`
	Said    string `json:"said,omitempty"`
	Error   string `json:"error,omitempty"` // "": it was taken
}

// TryAll sends a message once to each webhook, and says what came of it.
func TryAll(ctx context.Context, m Message, targets []Target) []Try {
	all := make([]Try, len(targets))
	client := newClient()
	var work sync.WaitGroup
	for i, t := range targets {
		work.Go(func() {
			said, err := t.post(ctx, client, &m)
			if all[i] = (Try{Webhook: t.String(), Said: said}); err != nil {
				all[i].Error = err.Error()
			}
		})
	}
	work.Wait()
	return all
}
