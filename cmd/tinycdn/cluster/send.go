package cluster

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// Source gives the content of a file that is to be published.
type Source func(manifest.Hash) (io.ReadCloser, error)

// offer gives the list to everybody, and learns what they lack.
func (p *Publisher) offer(ctx context.Context, list *manifest.Signed, out *Outcome) map[string]Lacks {
	var mu sync.Mutex
	lacks := map[string]Lacks{}
	p.drop(out, p.each(p.names(), func(name string) error {
		var l Lacks
		err := p.client(name).Send(ctx, "/v1/generation", bytes.NewReader(list.Text), &l)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			lacks[name] = l
			p.tell(Event{POP: name, Step: "listed"})
		}
		return err
	}))
	return lacks
}

func (p *Publisher) drop(out *Outcome, wrong map[string]error) {
	for name, err := range wrong {
		out.Wrong[name] = err
		p.tell(Event{POP: name, Step: "failed", Err: err})
	}
}

// enoughRoom says which POPs have no room for what they lack.
func enoughRoom(lacks map[string]Lacks) error {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(lacks)) {
		var need int64
		for _, part := range lacks[name].Parts {
			need += part.Size - part.Have
		}
		if free := lacks[name].Free; need > 0 && free < need+need/20 {
			lines = append(lines, fmt.Sprintf("%s: %d MB free, %d MB needed", name, free>>20, (need+need/20)>>20+1))
		}
	}
	if lines != nil {
		return &Mistakes{lines}
	}
	return nil
}

// small is how much is sent to every POP, rather than to one for all.
const small = 256 << 10

// send brings what is missing to the POPs: once to the one that is nearest, while the others take it from there.
func (p *Publisher) send(ctx context.Context, list *manifest.Signed, lacks map[string]Lacks, source Source, out *Outcome) error {
	names := p.left(out)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(missing(lacks[b]), missing(lacks[a])) })
	var first string
	for _, name := range names {
		if missing(lacks[name]) > small {
			first = name
			break
		}
	}
	var mu sync.Mutex
	p.drop(out, p.each(names, func(name string) error {
		if first != "" && name != first && missing(lacks[name]) > small {
			return p.client(name).Call(ctx, "/v1/fetch", fetch{list.ID, first}, nil)
		}
		n, err := p.sendTo(ctx, name, lacks[name], source)
		mu.Lock()
		defer mu.Unlock()
		out.Sent = max(out.Sent, n)
		return err
	}))
	return nil
}

// missing is how many octets a POP lacks.
func missing(l Lacks) (n int64) {
	for _, part := range l.Parts {
		n += part.Size - part.Have
	}
	return n
}

// sendTo sends a POP what it lacks, in one stream.
func (p *Publisher) sendTo(ctx context.Context, name string, l Lacks, source Source) (n int64, err error) {
	if len(l.Parts) == 0 {
		return 0, nil
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(writeContents(w, l.Parts, source)) }()
	defer r.Close()
	return missing(l), p.client(name).Send(ctx, "/v1/contents", r, nil)
}

func writeContents(w io.Writer, parts []store.Part, source Source) error {
	frames := channel.NewFrameWriter(w)
	for _, part := range parts {
		content, err := source(part.Hash)
		if err != nil {
			return err
		}
		if seeker, ok := content.(io.Seeker); ok && part.Have > 0 {
			_, err = seeker.Seek(part.Have, io.SeekStart)
		}
		if err == nil {
			err = frames.WriteContent(part.Hash, part.Size, part.Have, content)
		}
		content.Close()
		if err != nil {
			return err
		}
	}
	return frames.Flush()
}

// FromFiles is a Source of files at hand.
func FromFiles(paths map[manifest.Hash]string) Source {
	return func(h manifest.Hash) (io.ReadCloser, error) { return os.Open(paths[h]) }
}
