package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// Source gives the content of a file that is to be published. With nil, only POPs have it.
type Source func(manifest.Hash) (io.ReadCloser, error)

// stallTime is how long a POP may take nothing of what it is sent, or not answer a short question.
const stallTime = 30 * time.Second

// small is how much is sent to every POP, rather than to one for all.
const small = 256 << 10

// transfer brings contents to the POPs: once to the one that is nearest, while the others take them from there.
type transfer struct {
	*Publisher
	list   *manifest.Signed
	source Source
	out    *Outcome

	mu      sync.Mutex
	pending []string // POPs that lack something, those that answered first in front
	done    []string // POPs that have all of it
	lacks   map[string]Lacks
	tried   map[string][]string // by POP, from whom it could not get what it lacks
}

// offer gives the list to everybody, and learns what they lack.
func (t *transfer) offer(ctx context.Context) {
	ctx, done := context.WithTimeout(ctx, stallTime)
	defer done()
	t.drop(t.out, t.each(t.left(t.out), func(name string) error {
		l, err := t.ask(ctx, name)
		t.mu.Lock()
		defer t.mu.Unlock()
		if err == nil {
			t.lacks[name] = l
			t.pending = append(t.pending, name)
			t.tell(Event{POP: name, Step: "listed"})
		}
		return err
	}))
}

func (t *transfer) ask(ctx context.Context, name string) (l Lacks, err error) {
	return l, t.tellList(ctx, name, t.list, &l)
}

// enoughRoom says which POPs have no room for what they lack.
func enoughRoom(lacks map[string]Lacks) error {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(lacks)) {
		need := missing(lacks[name])
		if free := lacks[name].Free; need > 0 && free < need+need/20 {
			lines = append(lines, fmt.Sprintf("%s: %d MB free, %d MB needed", name, free>>20, (need+need/20)>>20+1))
		}
	}
	if lines != nil {
		return &Mistakes{lines, true}
	}
	return nil
}

// send goes on until each POP has all, or is out.
func (t *transfer) send(ctx context.Context) {
	var work sync.WaitGroup
	for _, name := range slices.Clone(t.pending) {
		if l := t.lacksOf(name); missing(l) <= small && t.source != nil || len(l.Parts) == 0 {
			work.Go(func() { t.direct(ctx, name) })
		}
	}
	work.Wait()
	for len(t.pending) > 0 && ctx.Err() == nil {
		if len(t.done) > 0 {
			t.spread(ctx)
		} else {
			t.relay(ctx, t.pending[0])
		}
	}
}

// relay sends everything to one POP, from which the others take it while it arrives.
func (t *transfer) relay(ctx context.Context, first string) {
	arriving, lost := context.WithCancel(ctx)
	defer lost()
	var work sync.WaitGroup
	for _, name := range slices.Clone(t.pending[1:]) {
		work.Go(func() { t.fetch(arriving, name, first) })
	}
	if !t.direct(ctx, first) {
		lost() // what has come stays, and the next one gets the rest
	}
	work.Wait()
}

// spread has each POP that lacks something get it from one that has all, and sends it what no such one could give it.
func (t *transfer) spread(ctx context.Context) {
	var work sync.WaitGroup
	for _, name := range slices.Clone(t.pending) {
		i := slices.IndexFunc(t.done, func(from string) bool { return !slices.Contains(t.tried[name], from) })
		if i < 0 {
			work.Go(func() { t.direct(ctx, name) })
			continue
		}
		from := t.done[i]
		work.Go(func() { t.fetch(ctx, name, from) })
	}
	work.Wait()
}

// direct sends a POP what it lacks, and says whether it has all now. If not, it is out.
func (t *transfer) direct(ctx context.Context, name string) bool {
	l := t.lacksOf(name)
	err := error(nil)
	if len(l.Parts) > 0 && t.source == nil {
		err = fmt.Errorf("no POP that it can reach has all of generation %d's files any more", t.list.ID.Number)
	} else if len(l.Parts) > 0 {
		err = t.sendTo(ctx, name, l)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending = slices.DeleteFunc(t.pending, func(n string) bool { return n == name })
	if err != nil {
		t.drop(t.out, map[string]error{name: err})
		return false
	}
	t.done = append(t.done, name)
	if len(l.Parts) > 0 {
		t.out.Sent, t.out.Contents, t.out.To = max(t.out.Sent, missing(l)), max(t.out.Contents, len(l.Parts)), append(t.out.To, name)
	}
	return true
}

func (t *transfer) lacksOf(name string) Lacks {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lacks[name]
}

// fetch has a POP get what it lacks from another. One that cannot goes on lacking it.
func (t *transfer) fetch(ctx context.Context, name, from string) {
	err := t.client(name).Call(ctx, "/v1/fetch", fetch{t.list.ID, from}, nil)
	refused := (*channel.Refused)(nil)
	t.mu.Lock()
	t.tried[name] = append(t.tried[name], from)
	t.mu.Unlock()
	left := Lacks{}
	if errors.As(err, &refused) || ctx.Err() != nil {
		again, done := context.WithTimeout(context.WithoutCancel(ctx), stallTime)
		left, err = t.ask(again, name)
		done()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil && len(left.Parts) > 0 {
		t.lacks[name] = left
		return
	}
	t.pending = slices.DeleteFunc(t.pending, func(n string) bool { return n == name })
	if err != nil {
		t.drop(t.out, map[string]error{name: err})
		return
	}
	t.done, t.out.Got = append(t.done, name), append(t.out.Got, name)
}

func (p *Publisher) drop(out *Outcome, wrong map[string]error) {
	for name, err := range wrong {
		out.Wrong[name] = err
		p.tell(Event{POP: name, Step: "failed", Err: err})
	}
}

// missing is how many octets a POP lacks.
func missing(l Lacks) (n int64) {
	for _, part := range l.Parts {
		n += part.Size - part.Have
	}
	return n
}

// FromFiles is a Source of files at hand.
func FromFiles(paths map[manifest.Hash]string) Source {
	return func(h manifest.Hash) (io.ReadCloser, error) { return os.Open(paths[h]) }
}
