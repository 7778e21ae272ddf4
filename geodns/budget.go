package geodns

import "sync/atomic"

const (
	// maxBuffered is room for five hundred of the longest messages.
	maxBuffered = 32 << 20
	// minBuffered is room for a query with the longest name and some options.
	minBuffered = 512
	// maxSlack is how much room beyond twice what is needed is not worth a new allocation.
	maxSlack = 512
)

// budget is a number of octets that the buffers of all connections share.
type budget struct {
	limit int64
	used  atomic.Int64
}

// use takes n octets more, or gives -n back. It reports whether no more than the limit are in use then.
func (b *budget) use(n int) (within bool) { return b.used.Add(int64(n)) <= b.limit }

// buffer keeps a copy of data in buf until the client is served again, at the expense of the budget: of the octets that
// buf has, not of those that are in use. Where the budget is used up, a client may still buffer what it takes to begin
// a query: who uses it up cannot harm the others. A client that needs more is finished.
func (c *stream) buffer(buf *[]byte, data []byte) {
	buffered := append(roomIn(*buf, data), data...)
	more := cap(buffered) - cap(*buf)
	if !c.server.budget.use(more) && more > 0 && len(data) > minBuffered {
		c.finished = true
		c.server.budget.use(-cap(buffered))
		buffered = nil
	}
	*buf = buffered
}

// roomIn gives the room of buf for data, or none where it is too little, or far too much: a client whose messages were
// long once must not keep their room for short ones.
func roomIn(buf, data []byte) []byte {
	if len(data) == 0 || len(data) > cap(buf) || cap(buf) > 2*len(data)+maxSlack {
		return nil
	}
	return buf[:0]
}
