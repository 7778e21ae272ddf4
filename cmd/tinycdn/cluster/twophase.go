package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// ErrLosses is that much would be gone that is served. Nothing was changed.
type ErrLosses struct{ Lines []string }

func (e *ErrLosses) Error() string { return fmt.Sprintf("%d losses", len(e.Lines)) }

// renewTime is how long renewals may take. Promises that are too young to be renewed by then, or were renewed at once, are good for a
// commit when it is over, too.
const renewTime = commit.CommitTime / 2

// agreement is how a generation comes to be promised.
type agreement struct {
	*Publisher
	id    manifest.ID
	brief []byte // the first question with all that a POP needs; nil: it has that
	begin time.Time
	out   *Outcome

	mu          sync.Mutex
	coordinator *commit.Coordinator
	promised    map[string]time.Time // by POP: when the request was sent that it answered last
	mistakes    []string
	losses      map[string]bool
	lacks       bool // a POP needs more than it was sent
}

// agree has every POP load the generation and promise its number, until a majority is ready and nobody else is still at it.
func (p *Publisher) agree(ctx context.Context, list *manifest.Signed, brief []byte, begin time.Time, out *Outcome) (signed, error) {
	a := &agreement{
		Publisher: p, id: list.ID, brief: brief, begin: begin, out: out, coordinator: commit.NewCoordinator(list.ID, p.Members.Majority()),
		promised: map[string]time.Time{}, losses: map[string]bool{},
	}
	names := p.left(out)
	stop := a.keepPromises(ctx)
	p.drop(out, p.each(names, func(name string) error { return a.load(ctx, name) }))
	stop()
	if err := p.sure(); err != nil {
		p.withdraw(list.ID, names)
		return signed{}, err
	}
	if len(a.mistakes) == 0 && !a.lacks && (len(a.losses) == 0 || p.AnyLoss) && ctx.Err() == nil {
		a.renew(ctx) // so that a commit never rests on an old promise
		if s, ok := a.sign(); ok && ctx.Err() == nil {
			return s, nil
		}
	}
	p.withdraw(list.ID, names)
	switch {
	case len(a.mistakes) > 0:
		slices.Sort(a.mistakes)
		return signed{}, &Mistakes{Lines: a.mistakes}
	case ctx.Err() != nil:
		return signed{}, ErrInterrupted
	case a.lacks:
		return signed{}, errLacks
	case len(a.losses) > 0:
		return signed{}, &ErrLosses{slices.Sorted(maps.Keys(a.losses))}
	}
	if a.coordinator.Ready(time.Now()) && !a.canTry() {
		return signed{}, ErrNoCanary
	}
	return signed{}, ErrNoMajority
}

// load has a POP load the generation, for as long as that takes it and it can be heard.
func (a *agreement) load(ctx context.Context, name string) error {
	ctx, stop := context.WithCancelCause(ctx)
	var listening sync.WaitGroup
	defer listening.Wait()
	defer stop(nil)
	listening.Go(func() {
		stop(untilSilent(ctx, func(ctx context.Context) error { return a.client(name).Call(ctx, "/v1/hello", struct{}{}, nil) }))
	})
	answer, err := a.prepare(ctx, name, a.brief)
	a.mu.Lock()
	defer a.mu.Unlock()
	if refused := (*channel.Refused)(nil); a.brief != nil && errors.As(err, &refused) && refused.Status == http.StatusPreconditionFailed {
		a.lacks = true
		return nil
	}
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return err
	}
	for _, line := range answer.Mistakes {
		a.mistakes = append(a.mistakes, name+": "+channel.Line(line))
	}
	for _, line := range answer.Losses {
		a.losses[channel.Line(line)] = true
	}
	if len(answer.Mistakes) == 0 {
		a.tell(Event{POP: name, Step: "ready", After: time.Since(a.begin)})
	}
	return nil
}

// prepare asks a POP for its promise, or to renew it. With nil, it has all that it needs.
func (a *agreement) prepare(ctx context.Context, name string, brief []byte) (answer Prepared, err error) {
	sent := time.Now()
	if brief == nil {
		err = a.client(name).Call(ctx, "/v1/prepare", a.id, &answer)
	} else {
		err = a.client(name).Send(ctx, "/v1/prepare", bytes.NewReader(brief), &answer)
	}
	if err == nil && len(answer.Mistakes) == 0 {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.promised[name] = sent
		a.coordinator.Promised(name, sent)
	}
	return answer, err
}

// keepPromises renews those that were given while others still load, until it is stopped.
func (a *agreement) keepPromises(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() {
		tick := time.NewTicker(commit.RenewTime)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				a.renew(ctx)
			}
		}
	})
	return func() { cancel(); work.Wait() }
}

// renew renews what is older than a renewal may be.
func (a *agreement) renew(ctx context.Context) {
	ctx, done := context.WithTimeout(ctx, renewTime)
	defer done()
	var old []string
	a.mu.Lock()
	for name, sent := range a.promised {
		if time.Since(sent) >= commit.RenewTime {
			old = append(old, name)
		}
	}
	a.mu.Unlock()
	a.each(old, func(name string) error {
		_, err := a.prepare(ctx, name, nil)
		return err // the promise is what it was
	})
}

// withdraw takes back what was asked, also when whoever publishes has given up.
func (p *Publisher) withdraw(id manifest.ID, names []string) {
	ctx, done := context.WithTimeout(context.Background(), askTime)
	defer done()
	p.each(names, func(name string) error { return p.client(name).Call(ctx, "/v1/withdraw", id, nil) })
}

// signed is what everybody is told.
type signed struct {
	path string
	text []byte
}

// sign signs that the generation is to be served, everywhere or as a canary, if a majority is ready, and one of the canary's POPs.
func (a *agreement) sign() (signed, bool) {
	if len(a.Only) == 0 {
		c, ok := a.coordinator.Commit(time.Now(), a.Key)
		return signed{"/v1/commit", c.Text}, ok
	}
	if !a.canTry() {
		return signed{}, false
	}
	c, ok := a.coordinator.Try(a.Only, a.Canary, time.Now(), a.Key)
	return signed{"/v1/canary", c.Text}, ok
}

// canTry says whether one of the POPs of the canary is ready, if it is one.
func (a *agreement) canTry() bool {
	return len(a.Only) == 0 || slices.ContainsFunc(a.Only, func(name string) bool { _, is := a.promised[name]; return is })
}

// announce tells everybody. From the first on that knows it there is no way back, so it goes on whatever happens here.
func (p *Publisher) announce(ctx context.Context, s signed, begin time.Time, out *Outcome) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), stallTime)
	defer done()
	var mu sync.Mutex
	p.drop(out, p.each(p.left(out), func(name string) error {
		if err := p.client(name).Send(ctx, s.path, bytes.NewReader(s.text), nil); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if len(p.Only) > 0 && !slices.Contains(p.Only, name) {
			out.Ready = append(out.Ready, name)
			return nil
		}
		out.Live = append(out.Live, name)
		p.tell(Event{POP: name, Step: "live", After: time.Since(begin)})
		return nil
	}))
	slices.Sort(out.Live)
	slices.Sort(out.Ready)
}
