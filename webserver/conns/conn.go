package conns

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// conn is a connection that was let in.
type conn struct {
	net.Conn
	table   *Table
	entry   Entry
	proxied *proxyHeader // what a trusted proxy says first; nil for everybody else

	due      atomic.Int64 // when the write deadline passes, by the table's clock; 0: there is none
	deadline sync.Mutex   // held while it is set
	asked    time.Time    // the deadline that the user of the connection set; zero: none
	earlier  bool         // due is what was asked, because that is before the chunk's time is over
}

const (
	// chunkSize is what a client must accept within the time for writes: 64 KB in 30 s is a line of 17 kbit/s.
	chunkSize = 64 << 10
	copySize  = 32 << 10
)

func (c *conn) Close() error {
	c.entry.Leave()
	return c.Conn.Close()
}

// CloseWrite ends what we say, and lets the client finish.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Write writes chunk by chunk, each with a deadline of its own.
func (c *conn) Write(p []byte) (n int, err error) {
	for {
		chunk := p[n:min(len(p), n+chunkSize)]
		c.renew()
		written, err := c.Conn.Write(chunk)
		c.entry.moved.Add(int64(written))
		if n += written; err != nil || n == len(p) {
			return n, err
		}
	}
}

// ReadFrom lets the kernel copy a file, chunk by chunk as Write does. That is for files alone: they never keep us
// waiting between the deadline and the write, as another connection would.
func (c *conn) ReadFrom(src io.Reader) (n int64, err error) {
	limited, ok := src.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: src, N: 1<<63 - 1}
	}
	_, isFile := limited.R.(*os.File)
	kernel, ok := c.Conn.(io.ReaderFrom)
	if !isFile || !ok {
		buffer := c.table.buffers.Get().(*[copySize]byte)
		defer c.table.buffers.Put(buffer)
		return io.CopyBuffer(writerOnly{c}, src, buffer[:])
	}
	chunk := io.LimitedReader{R: limited.R}
	for limited.N > 0 {
		chunk.N = min(limited.N, chunkSize)
		c.renew()
		copied, err := kernel.ReadFrom(&chunk)
		c.entry.moved.Add(copied)
		n += copied
		limited.N -= copied
		if err != nil || copied == 0 {
			return n, err
		}
	}
	return n, nil
}

// writerOnly hides ReadFrom.
type writerOnly struct{ io.Writer }

// renew gives the next chunk its time. A deadline that was set just now will do: setting it costs more than to write.
func (c *conn) renew() {
	enough := c.table.config.WriteTime - c.table.config.WriteTime/16
	now := c.table.clock()
	c.entry.wrote.Store(int64(now))
	if time.Duration(c.due.Load())-now >= enough {
		return
	}
	c.deadline.Lock()
	defer c.deadline.Unlock()
	c.setDeadline()
}

// SetWriteDeadline sets a deadline beside that of the chunk. The earlier counts. Most often that is the chunk's, and
// so nothing has to be done: http.Server sets and clears one for each request.
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.deadline.Lock()
	defer c.deadline.Unlock()
	c.asked = t
	if !c.earlier && (t.IsZero() || int64(c.table.clock()+time.Until(t)) >= c.due.Load()) {
		return nil
	}
	return c.setDeadline()
}

// SetDeadline sets both deadlines.
func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *conn) setDeadline() error {
	left := c.table.config.WriteTime
	c.earlier = false
	if !c.asked.IsZero() {
		if until := time.Until(c.asked); until < left {
			left, c.earlier = until, true
		}
	}
	c.due.Store(int64(c.table.clock() + left))
	return c.Conn.SetWriteDeadline(time.Now().Add(left))
}
