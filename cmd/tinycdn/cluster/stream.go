package cluster

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// streams is over how many connections a POP is sent what it lacks: a single one takes seconds to find out how much a long line can
// carry.
const streams = 4

// sendTo sends a POP what it lacks, as long as it takes any of it.
func (t *transfer) sendTo(ctx context.Context, name string, l Lacks) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var sent, taken atomic.Int64
	next := func(yield func(store.Part) bool) {
		for i := taken.Add(1); i <= int64(len(l.Parts)) && yield(l.Parts[i-1]); i = taken.Add(1) {
		}
	}
	tell := func(n int) { t.tell(Event{POP: name, Step: "sending", Sent: sent.Add(int64(n)), Of: missing(l)}) }
	var work sync.WaitGroup
	var first error
	var once sync.Once
	for range min(streams, len(l.Parts)) {
		work.Go(func() {
			if err := t.stream(ctx, name, next, tell, stop); err != nil {
				once.Do(func() { first = err })
				stop(err)
			}
		})
	}
	work.Wait()
	return first
}

// stream sends a POP contents over one connection.
func (t *transfer) stream(ctx context.Context, name string, parts iter.Seq[store.Part], tell func(n int), stop context.CancelCauseFunc) error {
	r, w := io.Pipe()
	defer r.Close()
	go func() { w.CloseWithError(writeContents(w, parts, t.source)) }()
	body := &watched{Reader: r, tell: tell}
	body.stall = time.AfterFunc(stallTime, func() { stop(fmt.Errorf("it took nothing of what it was sent for %v", stallTime)) })
	defer body.stall.Stop()
	err := t.client(name).Send(ctx, "/v1/contents", body, nil)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

// watched is a stream that tells how it is read.
type watched struct {
	io.Reader
	tell  func(n int)
	stall *time.Timer
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	w.stall.Reset(stallTime)
	w.tell(n)
	return n, err
}

func writeContents(w io.Writer, parts iter.Seq[store.Part], source Source) error {
	frames := channel.NewFrameWriter(w)
	for part := range parts {
		content, err := source(part.Hash)
		if err != nil {
			return err
		}
		same := &checked{Reader: content, sum: sha256.New(), left: part.Size, want: part.Hash}
		if _, err = io.CopyN(io.Discard, same, part.Have); err == nil {
			err = frames.WriteContent(part.Hash, part.Size, part.Have, same)
		}
		if file, ok := content.(interface{ Name() string }); ok && err != nil && (same.isOther() || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
			err = fmt.Errorf("%s was changed while it was published: publish again", file.Name())
		}
		content.Close()
		if err != nil {
			return err
		}
	}
	return frames.Flush()
}

// checked is a content that ends in an error if it is another one.
type checked struct {
	io.Reader
	sum  hash.Hash
	left int64
	want manifest.Hash
}

var errOther = errors.New("its content has changed")

func (c *checked) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.sum.Write(b[:n])
	if c.left -= int64(n); c.isOther() {
		return 0, errOther
	}
	return n, err
}

// isOther says whether it is known by now that it is another one: it is over, or should be.
func (c *checked) isOther() bool {
	return c.left < 0 || c.left == 0 && manifest.Hash(c.sum.Sum(nil)) != c.want
}
