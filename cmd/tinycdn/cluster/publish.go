package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Publisher brings generations to the POPs of a roster.
type Publisher struct {
	Key     roster.PrivateKey
	Members *roster.Roster
	Without []string    // POPs that are not waited for
	Tell    func(Event) // is told how it goes, by several at once; nil: nobody is

	clients map[string]*channel.Client
}

// Event is a step of one POP.
type Event struct {
	POP   string
	Step  string // "listed", "sent", "ready", "live", or "failed"
	Err   error
	After time.Duration
}

// Outcome is what came of publishing.
type Outcome struct {
	ID    manifest.ID
	Live  []string         // the POPs that serve it
	Wrong map[string]error // those that do not, and why
	Sent  int64            // octets of contents, before packing
}

// Mistakes are what POPs found wrong with a generation.
type Mistakes struct{ Lines []string }

func (m *Mistakes) Error() string { return fmt.Sprintf("%d mistakes", len(m.Lines)) }

// ErrNoMajority is that fewer than a majority of the POPs are ready. Nothing was changed.
var ErrNoMajority = errors.New("fewer than half of the POPs are ready, and nothing was changed")

// Close gives connections back.
func (p *Publisher) Close() {
	for _, c := range p.clients {
		c.Close()
	}
}

func (p *Publisher) client(name string) *channel.Client { return p.clients[name] }

// connect makes a client for each POP.
func (p *Publisher) connect() {
	if p.clients != nil {
		return
	}
	p.clients = map[string]*channel.Client{}
	for _, pop := range p.Members.POPs {
		p.clients[pop.Name] = channel.NewClient(p.Key, pop)
	}
}

// Status asks every POP what it knows.
func (p *Publisher) Status(ctx context.Context) (map[string]Status, map[string]error) {
	p.connect()
	var mu sync.Mutex
	found := map[string]Status{}
	wrong := p.each(p.names(), func(name string) error {
		var s Status
		err := p.client(name).Call(ctx, "/v1/status", struct{}{}, &s)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			found[name] = s
		}
		return err
	})
	return found, wrong
}

// Newest is the best commit that any POP knows; zero: there is none yet.
func Newest(all map[string]Status) (best commit.Commit) {
	for name, s := range all {
		if c, err := commit.Open(s.Rows[name].Commit); err == nil && c.Beats(&best) {
			best = c
		}
	}
	return best
}

// Manifest gets the list of a generation from whoever has it.
func (p *Publisher) Manifest(ctx context.Context, id manifest.ID) (list *manifest.Signed, err error) {
	p.connect()
	err = errors.New("no POP has it")
	for _, name := range p.names() {
		var text io.Reader
		if text, err = read(p.client(name).Stream(ctx, "/v1/manifest", encode(id))); err != nil {
			continue
		}
		all, _ := io.ReadAll(text)
		if list, err = manifest.Open(all); err == nil && list.ID == id {
			return list, nil
		}
	}
	return nil, err
}

func (p *Publisher) names() (list []string) {
	for _, pop := range p.Members.POPs {
		if !slices.Contains(p.Without, pop.Name) {
			list = append(list, pop.Name)
		}
	}
	return list
}

// each does something for several POPs at once, and says where it failed.
func (p *Publisher) each(names []string, do func(name string) error) map[string]error {
	var mu sync.Mutex
	var work sync.WaitGroup
	wrong := map[string]error{}
	for _, name := range names {
		work.Go(func() {
			if err := do(name); err != nil {
				mu.Lock()
				defer mu.Unlock()
				wrong[name] = err
			}
		})
	}
	work.Wait()
	return wrong
}

func (p *Publisher) tell(e Event) {
	if p.Tell != nil {
		p.Tell(e)
	}
}

// Publish brings a generation to all POPs: its list, what they lack of it, and once a majority is ready, the commit.
func (p *Publisher) Publish(ctx context.Context, list *manifest.Signed, source Source) (Outcome, error) {
	p.connect()
	out := Outcome{ID: list.ID, Wrong: map[string]error{}}
	begin := time.Now()
	lacks := p.offer(ctx, list, &out)
	if err := enoughRoom(lacks); err != nil {
		return out, err
	}
	if err := p.send(ctx, list, lacks, source, &out); err != nil {
		return out, err
	}
	c, err := p.agree(ctx, list, begin, &out)
	if err != nil {
		return out, err
	}
	return out, p.commit(ctx, c, begin, &out)
}

// left are the POPs of which nothing has gone wrong.
func (p *Publisher) left(out *Outcome) []string {
	return slices.DeleteFunc(p.names(), func(name string) bool { return out.Wrong[name] != nil })
}

// agree has every POP load the generation and promise its number, until a majority is ready and nobody else is still at it.
func (p *Publisher) agree(ctx context.Context, list *manifest.Signed, begin time.Time, out *Outcome) (commit.Commit, error) {
	coordinator := commit.NewCoordinator(list.ID, p.Members.Majority())
	var mu sync.Mutex
	var mistakes []string
	names := p.left(out)
	p.drop(out, p.each(names, func(name string) error {
		sent := time.Now()
		var answer Prepared
		if err := p.client(name).Call(ctx, "/v1/prepare", list.ID, &answer); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, line := range answer.Mistakes {
			mistakes = append(mistakes, name+": "+line)
		}
		if len(answer.Mistakes) == 0 {
			coordinator.Promised(name, sent)
			p.tell(Event{POP: name, Step: "ready", After: time.Since(begin)})
		}
		return nil
	}))
	if len(mistakes) == 0 {
		if c, ok := coordinator.Commit(time.Now(), p.Key); ok {
			return c, nil
		}
	}
	p.withdraw(list.ID, names)
	if len(mistakes) > 0 {
		slices.Sort(mistakes)
		return commit.Commit{}, &Mistakes{mistakes}
	}
	return commit.Commit{}, ErrNoMajority
}

// withdraw takes back what was asked, also when whoever publishes has given up.
func (p *Publisher) withdraw(id manifest.ID, names []string) {
	ctx, done := context.WithTimeout(context.Background(), 5*time.Second)
	defer done()
	p.each(names, func(name string) error { return p.client(name).Call(ctx, "/v1/withdraw", id, nil) })
}

// commit tells everybody.
func (p *Publisher) commit(ctx context.Context, c commit.Commit, begin time.Time, out *Outcome) error {
	var mu sync.Mutex
	p.drop(out, p.each(p.left(out), func(name string) error {
		if err := p.client(name).Send(ctx, "/v1/commit", bytes.NewReader(c.Text), nil); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		out.Live = append(out.Live, name)
		p.tell(Event{POP: name, Step: "live", After: time.Since(begin)})
		return nil
	}))
	slices.Sort(out.Live)
	return nil
}
