package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
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
	Without []string         // POPs that are not waited for
	AnyLoss bool             // publish also what POPs say much would be lost by
	Only    []string         // have the generation served at these POPs alone, as a canary; none: everywhere
	Canary  commit.Canary    // the newest that is known
	Base    *manifest.Signed // a list that the POPs probably have, and against which that of another generation is told; nil: none
	Tell    func(Event)      // is told how it goes, by several at once; nil: nobody is

	// Sure waits until it is known whether the generation follows what is live. Without an error it does; until then POPs are told its
	// list, and prepare what is small, and nothing else is done. Nil: it is known.
	Sure func() error

	clients map[string]*channel.Client
}

// Event is a step of one POP.
type Event struct {
	POP   string
	Step  string // "listed", "sending", "ready", "live", or "failed"; of all together "sent"
	Err   error
	After time.Duration

	Sent, Of int64    // octets, while sending
	Outcome  *Outcome // by now, when all is sent
}

// Outcome is what came of publishing.
type Outcome struct {
	ID    manifest.ID
	Live  []string         // the POPs that serve it
	Ready []string         // and those that could, but shall not yet
	Wrong map[string]error // those that do not, and why

	Contents int      // how many were sent
	Sent     int64    // octets of them, before packing
	To       []string // the POPs to which they were
	Got      []string // those that got them from another POP
}

// Mistakes are what POPs found wrong with a generation.
type Mistakes struct {
	Lines  []string
	NoRoom bool // it is only that there is no room for it
}

func (m *Mistakes) Error() string { return fmt.Sprintf("%d mistakes", len(m.Lines)) }

// ErrNoMajority is that fewer than a majority of the POPs are ready. Nothing was changed.
var ErrNoMajority = errors.New("fewer than half of the POPs are ready, and nothing was changed")

// ErrNoCanary is that a majority is ready, and none of the POPs at which alone the generation is to be served. Nothing was changed.
var ErrNoCanary = errors.New("none of the POPs of the canary is ready, and nothing was changed")

// ErrInterrupted is that whoever publishes has given up before the commit. Nothing was changed.
var ErrInterrupted = errors.New("interrupted, and nothing was changed")

// ErrUnknown is that no POP has said that it knows of the commit. Any may have got it.
var ErrUnknown = errors.New("all POPs were ready, and then none answered: it may be live or not (tinycdn status)")

// Close gives connections back.
func (p *Publisher) Close() {
	for _, c := range p.clients {
		c.Close()
	}
}

func (p *Publisher) client(name string) *channel.Client { return p.clients[name] }

// Connect begins connections to each POP: for a question, and for one that is about to be asked before that is answered.
func (p *Publisher) Connect(ctx context.Context) {
	p.connect()
	for _, name := range p.names() {
		p.client(name).Ahead(ctx)
	}
}

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

// askTime is how long a POP may take to answer a short question.
const askTime = 10 * time.Second

// Status asks every POP what it knows. Those that do not answer in time are waited for for longer if fewer than a majority do: without them
// nobody knows what is live.
func (p *Publisher) Status(ctx context.Context) (map[string]Status, map[string]error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	ctx, done := context.WithTimeoutCause(ctx, stallTime, fmt.Errorf("it does not answer within %v", stallTime))
	defer done()
	p.connect()
	var mu sync.Mutex
	found, late := map[string]Status{}, false
	enough := func() {
		if late && len(found) >= p.Members.Majority() {
			stop(fmt.Errorf("it does not answer within %v", askTime))
		}
	}
	defer time.AfterFunc(askTime, func() {
		mu.Lock()
		defer mu.Unlock()
		late = true
		enough()
	}).Stop()
	wrong := p.each(p.names(), func(name string) error {
		var s Status
		asked := time.Now()
		err := p.client(name).Call(ctx, "/v1/status", struct{}{}, &s)
		s.Ahead = asked.Add(time.Since(asked) / 2).Sub(s.Now)
		p.clean(&s)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			found[name] = s
			enough()
		}
		return err
	})
	return found, wrong
}

// clean has nothing but rows of POPs in what one says, and texts that can be shown: nobody has checked them on their way here.
func (p *Publisher) clean(s *Status) {
	maps.DeleteFunc(s.Rows, func(name string, _ Row) bool { _, is := p.Members.POP(name); return !is })
	for name, row := range s.Rows {
		for _, text := range []*string{&row.Version, &row.Trouble, &row.Report.Certificate, &row.Report.Trouble} {
			*text = channel.Line(*text)
		}
		s.Rows[name] = row
	}
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
	return p.publish(ctx, list, source, Outcome{ID: list.ID, Wrong: map[string]error{}})
}

func (p *Publisher) publish(ctx context.Context, list *manifest.Signed, source Source, out Outcome) (Outcome, error) {
	begin := time.Now()
	said, err := p.agreeAtOnce(ctx, list, source, begin, &out)
	if errors.Is(err, errLacks) {
		said, err = p.bring(ctx, list, source, begin, &out)
	}
	if err != nil {
		return out, err
	}
	p.announce(ctx, said, begin, &out)
	if len(out.Live) == 0 {
		return out, ErrUnknown
	}
	return out, nil
}

func (p *Publisher) sure() error {
	if p.Sure == nil {
		return nil
	}
	return p.Sure()
}

// bring brings the POPs the list and what they lack of it, and has them agree.
func (p *Publisher) bring(ctx context.Context, list *manifest.Signed, source Source, begin time.Time, out *Outcome) (s signed, err error) {
	t := &transfer{Publisher: p, list: list, source: source, out: out, lacks: map[string]Lacks{}, tried: map[string][]string{}}
	t.offer(ctx)
	if err := cmp.Or(p.sure(), enoughRoom(t.lacks)); err != nil {
		return s, err
	}
	t.send(ctx)
	p.tell(Event{Step: "sent", After: time.Since(begin), Outcome: out})
	return p.agree(ctx, list, nil, begin, out)
}

// left are the POPs of which nothing has gone wrong.
func (p *Publisher) left(out *Outcome) []string {
	return slices.DeleteFunc(p.names(), func(name string) bool { return out.Wrong[name] != nil })
}
