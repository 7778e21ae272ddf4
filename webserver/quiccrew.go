package webserver

import (
	"sync"
	"sync/atomic"

	"github.com/quic-go/quic-go"
)

// crew are goroutines that serve streams, each one at a time. They stay for the next one: to begin a goroutine for each stream, and to
// have its stack grow, takes a tenth of what a page does.
type crew struct {
	work    chan begunStream
	resting *atomic.Int64
	all     *sync.WaitGroup
}

// mostResting is how many stay, with 8 KB each: those of a dozen visitors who ask for a dozen files at once.
const mostResting = 128

// begunStream is one that was accepted.
type begunStream struct {
	conn   *servedConn
	stream *quic.Stream
}

func newCrew() crew {
	return crew{work: make(chan begunStream), resting: new(atomic.Int64), all: new(sync.WaitGroup)}
}

// serve has a stream served. It does not wait.
func (c *crew) serve(b begunStream) {
	select {
	case c.work <- b:
	default:
		c.all.Go(func() { c.run(b) })
	}
}

func (c *crew) run(b begunStream) {
	last := newFinalSize()
	for more := true; more; {
		if b.conn.serve(b.stream, last) {
			last = newFinalSize()
		}
		b = begunStream{} // it is not held meanwhile
		if c.resting.Add(1) > mostResting {
			c.resting.Add(-1)
			return
		}
		b, more = <-c.work
		c.resting.Add(-1)
	}
}

// end waits until all have gone. No stream may come any more.
func (c *crew) end() {
	close(c.work)
	c.all.Wait()
}

// finalSize asks a stream for the number of octets that it has.
type finalSize struct {
	size atomic.Int64 // negative: it is not known
	note func(int64)
}

func newFinalSize() *finalSize {
	f := new(finalSize)
	f.note = f.size.Store
	return f
}

// of is the size of a stream, as far as its end has come. If it has not (false), f must not be used any more: that may come just now.
func (f *finalSize) of(stream *quic.Stream) (size int, known bool) {
	f.size.Store(-1)
	stream.SetReceiveFinalSizeCallback(f.note)
	if n := f.size.Load(); n >= 0 {
		return int(n), true
	}
	stream.SetReceiveFinalSizeCallback(nil)
	return 0, false
}
